"""The embedded exchange: gives out numbers of its own range, each to one order at a time, and lets them rest between.

It stands where no telephone company is connected: for trying out, tests, and marketplaces whose own exchange asks us
whether to put a call through.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

import sqlalchemy as sa

from agoranomos.kernel.calendar import after
from agoranomos.kernel.dialects import locked, take_turn, upsert
from agoranomos.kernel.errors import Conflict
from agoranomos.kernel.store import Store
from agoranomos.reviews.numbers.policy import Source
from agoranomos.reviews.numbers.provider import Wish
from agoranomos.reviews.numbers.tables import number_lines

_GIVING: Final = 0x6E756D62657201  # "number": nobody is given what another is given
_line = number_lines.c


@dataclass(frozen=True, slots=True)
class Exchange:
    """See `provider.Provider`."""

    store: Store
    source: Source

    def bind(self, wish: Wish, now: datetime) -> str:
        """The number that has rested longest, else the next one of the range."""
        with self.store.transaction() as connection:
            take_turn(connection, _GIVING)
            mine = sa.select(_line.virtual_number).where(_line.binding_id == wish.binding_id)
            number = connection.execute(mine).scalar_one_or_none() or self._free(connection, now)
            row = {
                "virtual_number": number, "binding_id": wish.binding_id,
                "free_at": after(wish.expires_at, timedelta(days=self.source.rest_days)),
            }  # fmt: skip
            upsert(connection, number_lines, [row], ["virtual_number"])
            return str(number)

    def expire(self, binding_id: str, now: datetime) -> None:
        """It rests from now on."""
        rests = after(now, timedelta(days=self.source.rest_days))
        sooner = (_line.binding_id == binding_id, _line.free_at > rests)
        with self.store.transaction() as connection:
            connection.execute(sa.update(number_lines).where(*sooner).values(free_at=rests))

    def _free(self, connection: sa.Connection, now: datetime) -> str:
        rested = sa.select(_line.virtual_number).where(_line.free_at <= now)
        found = connection.execute(locked(connection, rested.order_by(_line.free_at, _line.virtual_number).limit(1)))
        number = found.scalar_one_or_none()
        if number is not None:
            return str(number)
        given = connection.execute(sa.select(sa.func.count()).select_from(number_lines)).scalar_one()
        if given >= self.source.size:
            raise Conflict("all numbers of the exchange are in use or at rest; widen `size` in virtual-numbers.toml")
        return f"{self.source.prefix}{given:0{len(str(self.source.size - 1))}d}"
