"""The check of a review that is about to be posted."""

from __future__ import annotations

from dataclasses import dataclass

from agoranomos.judgements.asking import answered, kept
from agoranomos.kernel.clock import Clock
from agoranomos.kernel.decisions import Decision
from agoranomos.kernel.errors import Invalid
from agoranomos.kernel.events import Event
from agoranomos.kernel.schema.reviews import ReviewPosted
from agoranomos.kernel.store import Store
from agoranomos.reviews.anonymity import telling
from agoranomos.reviews.anonymity.deciding import decide
from agoranomos.reviews.anonymity.policy import Policy
from agoranomos.reviews.photos.looking import Look, nobody_looks


@dataclass(frozen=True)
class ReviewService:
    """Judges reviews, and looks at their photos; what is judged is not stored, the decision is."""

    store: Store
    policy: Policy
    clock: Clock
    look: Look = nobody_looks

    def check(self, event: Event, key: str | None) -> Decision:
        """Raises Invalid for another event, Conflict for a key that was used for another review."""
        if not isinstance(event.body, ReviewPosted):
            raise Invalid("this check judges review.posted", pointer="/type")
        with self.store.transaction() as connection:
            known = answered(connection, telling.CHECK, event, key)
            decision = known or decide(event, self.policy, self.look)
            return known or kept(connection, decision, event, key, now=self.clock())
