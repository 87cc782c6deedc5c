"""The gate before the budgets, in the store: several processes count the misses of one another."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Final

import sqlalchemy as sa

from agoranomos.kernel.findings import Finding
from agoranomos.promotions.budgets.model import Asked, Verdict
from agoranomos.promotions.tries import queries
from agoranomos.promotions.tries.model import MISSES, Book, Key, Tried, keys_of, shut_out
from agoranomos.promotions.tries.policy import Tries

SHUT_OUT_MAX: Final = 2_000
"""When more than so many wait, those are asked for who are in the batch."""
_ALL: Final = 1_000_000_000
"""A batch names as many as it names."""


class Gate:
    """For one batch of claims at `now`: whoever has missed too often before waits, and so does whoever does in it."""

    def __init__(self, connection: sa.Connection, asked: Sequence[Asked], policy: Tries, now: datetime) -> None:
        self._connection, self._policy, self._now = connection, policy, now
        self._all = asked
        waiting = queries.shut_out(connection, now, SHUT_OUT_MAX + 1)
        self._whole = len(waiting) > SHUT_OUT_MAX
        self._book = Book(self._of_all() if self._whole else waiting, most=_ALL)
        self._missed: list[Asked] = []

    @property
    def idle(self) -> bool:
        """Whether nobody has to wait, as nearly always."""
        return not self._book.tried

    def refusal(self, asked: Asked) -> Verdict | None:
        """The refusal of somebody who has to wait, whatever he asks for."""
        wait_s = self._book.wait_s(asked, self._now)
        return None if wait_s is None else shut_out(wait_s)

    def answered(self, asked: Asked, verdict: Verdict) -> None:
        """Counts a refusal that was a miss."""
        if verdict.why not in MISSES:
            return
        if not self._whole:  # what they have missed before is asked for once somebody misses
            self._whole, self._book.tried = True, self._of_all()
        self._book.missed(asked, self._now, self._policy)
        self._missed.append(asked)

    def _of_all(self) -> dict[Key, Tried]:
        return queries.tried(self._connection, {key for each in self._all for key in keys_of(each)})

    def keep(self) -> list[Finding]:
        """Counts the misses of this batch in the store, after those of other processes; what is to be said of it."""
        if not self._missed:
            return []
        keys = {key for each in self._missed for key in keys_of(each)}
        fresh = Book(queries.noted(self._connection, keys, self._now), most=_ALL)
        said = [one for each in self._missed for one in fresh.told(each, self._now, self._policy)]
        queries.put(self._connection, fresh.tried)
        return said
