"""One at a time: a named lease with a fencing token, for what must run in one process only.

A holder that was stopped for longer than its lease does not know that it lost it. So it shows its token in the
transaction of everything it writes; who has an old one is refused (Kleppmann, "How to do distributed locking", 2016).
"""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any, Final

import msgspec
import sqlalchemy as sa

from agoranomos.kernel.dialects import insert_ignore
from agoranomos.kernel.errors import Conflict, Invalid
from agoranomos.kernel.ids import is_id
from agoranomos.kernel.jobs.tables import job_holders

_NEVER: Final = datetime(1970, 1, 1, tzinfo=UTC)


class Holding(msgspec.Struct, frozen=True):
    """The right to act under `name` until `until`, and for as long as nobody has a higher `token`."""

    name: str
    holder_id: str
    token: int
    until: datetime


def take(connection: sa.Connection, name: str, holder_id: str, *, now: datetime, lease_s: float) -> Holding | None:
    """The right to act under `name` for `lease_s` seconds; None while somebody has it, be it the same holder.

    Each holding has a higher token than all before it. Raises Invalid.
    """
    if not is_id(name) or not is_id(holder_id):
        raise Invalid("the name and the holder of a lease have 1 to 128 printable characters")
    insert_ignore(connection, job_holders, [{"name": name, "token": 0, "until": _NEVER}])
    query = sa.select(job_holders).where(job_holders.c.name == name).with_for_update()
    row = connection.execute(query).one()
    if row.holder_id is not None and row.until > now:
        return None
    holding = Holding(name, holder_id, row.token + 1, now + timedelta(seconds=lease_s))
    fields = {"holder_id": holder_id, "token": holding.token, "until": holding.until}
    connection.execute(job_holders.update().where(job_holders.c.name == name), fields)
    return holding


def renew(connection: sa.Connection, holding: Holding, *, now: datetime, lease_s: float) -> Holding:
    """The same holding for another `lease_s` seconds from `now`. Raises Conflict when somebody else has taken over."""
    renewed = msgspec.structs.replace(holding, until=now + timedelta(seconds=lease_s))
    _change(connection, holding, until=renewed.until)
    return renewed


def require(connection: sa.Connection, holding: Holding) -> None:
    """Raises Conflict when somebody else has taken over; else nobody can before this transaction ends.

    Call it in the transaction of everything that is written under the name.
    """
    mine = sa.select(job_holders.c.token).where(*_is(holding)).with_for_update()
    if connection.execute(mine).one_or_none() is None:
        raise Conflict(_LOST)


def give_back(connection: sa.Connection, holding: Holding) -> None:
    """Lets the next one take over at once. Raises Conflict when somebody has already."""
    _change(connection, holding, holder_id=None)


def _change(connection: sa.Connection, holding: Holding, **fields: Any) -> None:
    update = job_holders.update().where(*_is(holding)).values(**fields)
    if connection.execute(update, execution_options={"preserve_rowcount": True}).rowcount != 1:
        raise Conflict(_LOST)


def _is(holding: Holding) -> tuple[sa.ColumnElement[bool], ...]:
    table = job_holders.c
    return table.name == holding.name, table.token == holding.token, table.holder_id == holding.holder_id


_LOST = "the lease was lost and another holder acts by now; roll back and take it again"
