"""What HTTP and commands share of batches."""

from __future__ import annotations

from dataclasses import dataclass

from agoranomos.goods.batches import following, queries
from agoranomos.goods.batches.model import Trace
from agoranomos.goods.batches.policy import Policy
from agoranomos.goods.batches.tracing import trace
from agoranomos.kernel.store import Store


@dataclass(frozen=True, slots=True)
class BatchService:
    """The store and the policy."""

    store: Store
    policy: Policy

    def follow(self) -> None:
        """Brings the way of goods up to date with the event log."""
        while True:
            with self.store.transaction() as connection:
                if following.follow(connection):
                    return

    def trace(self, batch_id: str) -> Trace:
        """Everything that came of a batch, up to the newest event. Raises NotFound, and Invalid when it is too much."""
        self.follow()
        with self.store.reading() as connection:
            return trace(queries.flow_of(connection, batch_id, lines_max=self.policy.lines_max), batch_id)
