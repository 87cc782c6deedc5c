"""One request, one transaction: what HTTP and commands share of decisions about many cases."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from agoranomos.cases.bulk import actions, queries
from agoranomos.cases.bulk.actions import BulkRuling
from agoranomos.cases.bulk.queries import Bulk
from agoranomos.cases.desk.tools import Tools
from agoranomos.kernel.actors import Actor
from agoranomos.kernel.approvals.model import Approval
from agoranomos.kernel.clock import Clock
from agoranomos.kernel.lists import Place
from agoranomos.kernel.store import Store


@dataclass(frozen=True, slots=True)
class BulkService:
    """The store, what the verbs work with, and the clock."""

    store: Store
    tools: Tools
    clock: Clock

    def decide(
        self, case_ids: Sequence[str], ruling: BulkRuling, *, by: Actor, approval_id: str | None = None
    ) -> Bulk | Approval:  # fmt: skip
        """See `actions.decide_many`."""
        with self.store.transaction() as connection:
            return actions.decide_many(
                connection, self.tools, case_ids, ruling, by=by, now=self.clock(), approval_id=approval_id
            )

    def undo(self, bulk_id: str, *, by: Actor) -> Bulk:
        """See `actions.undo`."""
        with self.store.transaction() as connection:
            return actions.undo(connection, self.tools, bulk_id, by=by, now=self.clock())

    def listed(self, *, after: Place | None, limit: int) -> list[Bulk]:
        """Newest first."""
        with self.store.reading() as connection:
            return queries.listed(connection, after=after, limit=limit)
