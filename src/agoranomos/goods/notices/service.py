"""One request, one transaction: what HTTP and commands share of notices."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from agoranomos.goods.notices import actions, queries
from agoranomos.goods.notices.actions import Ruling, Verbs
from agoranomos.goods.notices.hearings import Hearing, hearing
from agoranomos.goods.notices.model import Notice
from agoranomos.goods.notices.queries import About, Strikes
from agoranomos.goods.notices.statements import Statement, statements
from agoranomos.kernel.actors import Actor
from agoranomos.kernel.approvals.model import Approval
from agoranomos.kernel.clock import Clock
from agoranomos.kernel.lists import Place
from agoranomos.kernel.store import Store


@dataclass(frozen=True, slots=True)
class NoticeService:
    """The store, what the verbs work with, and the clock."""

    store: Store
    verbs: Verbs
    clock: Clock

    def file(self, data: Mapping[str, Any], *, by: Actor, key: str | None = None) -> Notice:
        """See `actions.file`."""
        with self.store.transaction() as connection:
            return actions.file(connection, self.verbs, data, by=by, key=key, now=self.clock())

    def counter(self, notice_id: str, statement: str, *, by: Actor) -> Notice:
        """See `actions.counter`."""
        with self.store.transaction() as connection:
            return actions.counter(connection, self.verbs, notice_id, statement, by=by, now=self.clock())

    def decide(
        self, notice_id: str, ruling: Ruling, *, by: Actor, approval_id: str | None = None
    ) -> Notice | Approval:  # fmt: skip
        """See `actions.decide`."""
        with self.store.transaction() as connection:
            return actions.decide(
                connection, self.verbs, notice_id, ruling, by=by, now=self.clock(), approval_id=approval_id
            )

    def get(self, notice_id: str) -> Notice:
        """Raises NotFound."""
        with self.store.reading() as connection:
            return queries.get(connection, notice_id)

    def hearing(self, notice_id: str) -> Hearing:
        """A notice with what both sides said. Raises NotFound."""
        with self.store.reading() as connection:
            return hearing(connection, queries.get(connection, notice_id), self.clock())

    def listed(self, about: About, *, after: Place | None, limit: int) -> list[Notice]:
        """See `queries.listed`."""
        with self.store.reading() as connection:
            return queries.listed(connection, about, after=after, limit=limit)

    def waiting(self, limit: int) -> list[Notice]:
        """See `queries.waiting`."""
        with self.store.reading() as connection:
            return queries.waiting(connection, limit)

    def strikes(self, least: int, limit: int) -> list[Strikes]:
        """See `queries.strikes`."""
        with self.store.reading() as connection:
            return queries.strikes(connection, least=least, limit=limit)

    def statements(self, notice_id: str) -> list[Statement]:
        """What each party is told. Raises NotFound, Conflict while nothing is decided."""
        with self.store.reading() as connection:
            notice = queries.get(connection, notice_id)
            return statements(notice, actions.reason_of(connection, notice))
