"""The two scores over the store: the log is followed into a table, and a score is made from it and the findings."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from copy import deepcopy
from dataclasses import dataclass
from datetime import datetime
from functools import cached_property, partial
from typing import Final

import sqlalchemy as sa

from agoranomos.kernel.clock import Clock
from agoranomos.kernel.errors import NotFound
from agoranomos.kernel.events import Event
from agoranomos.kernel.ids import is_id
from agoranomos.kernel.store import Store
from agoranomos.reviews.score import queries
from agoranomos.reviews.score.memory import HEARS, Memory, marks_of
from agoranomos.reviews.score.memory import reached as reached_by
from agoranomos.reviews.score.model import Scores
from agoranomos.reviews.score.policy import Policy
from agoranomos.reviews.score.scoring import scored

STEP_EVENTS_MAX: Final = 2_000


@dataclass(frozen=True)
class ScoreService:
    """The store, the policy and the clock."""

    open_store: Callable[[], Store]
    policy: Policy
    clock: Clock

    def follow(self) -> None:
        """Hears all that has come in; a step and how far it came are one transaction."""
        while not self._step():
            pass

    def scores(self, store_id: str, *, as_of: datetime | None = None, listing_id: str | None = None) -> Scores:
        """Of a store or one of its listings, as of a moment (None: now): the reviews that counted then, by what is
        known today of who wrote them. Raises NotFound for a store of which no review is known.
        """
        with self._store.reading() as connection:
            reviews = queries.of_store(connection, store_id) if is_id(store_id) else []
            if not reviews:
                raise NotFound("no review of such a store is known; stores are named as in review.posted")
            found, cases = queries.found_of(connection, store_id), queries.cases_of(connection, store_id)
        marks = marks_of(found, store_id, cases)
        return scored(store_id, reviews, marks, self.policy, as_of or self.clock(), listing_id)

    @cached_property
    def _store(self) -> Store:
        return self.open_store()

    def _step(self) -> bool:
        with self._store.transaction() as connection:
            return queries.BOOKMARK.step(connection, HEARS, STEP_EVENTS_MAX, partial(_hear, connection))


def _hear(connection: sa.Connection, events: Sequence[Event]) -> None:
    """Brings the table up to date with some events."""
    meant = [each for event in events if (each := reached_by(event)) is not None]
    known = queries.load(connection, {
        "review_id": [each.review_id for each in meant], "order_id": [each.order_id for each in meant],
        "author_id": [each.account_id for each in meant],
    })  # fmt: skip
    before = {each.review_id: deepcopy(each) for each in known}
    memory = Memory(known)
    for event in events:
        memory.hear(event)
    queries.decide(connection, memory.cases)
    queries.write(connection, [each for name, each in memory.reviews.items() if each != before.get(name)])
