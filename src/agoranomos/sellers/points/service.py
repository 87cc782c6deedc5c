"""One request, one transaction: what HTTP and commands share of points."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

import msgspec

from agoranomos.kernel.actors import Actor
from agoranomos.kernel.clock import Clock
from agoranomos.kernel.store import Store
from agoranomos.sellers.points import actions, queries
from agoranomos.sellers.points.actions import Verbs
from agoranomos.sellers.points.policy import Intent, Policy
from agoranomos.sellers.points.queries import Offender
from agoranomos.sellers.points.standing import PointsMove, SellerStanding, moves, standing
from agoranomos.sellers.points.wording import Words, words


class PointsShown(msgspec.Struct, frozen=True, kw_only=True):
    """Where a seller stands, how the points came about, and the same in words that the seller may read."""

    seller_id: str
    standing: SellerStanding
    moves: list[PointsMove]
    text: Words
    policy_version: str


@dataclass(frozen=True, slots=True)
class PointsService:
    """The store, what the verbs work with, the policy and the clock."""

    store: Store
    verbs: Verbs
    policy: Policy
    clock: Clock

    def show(self, seller_id: str, *, as_of: datetime | None = None) -> PointsShown:
        """As of a moment (None: now), by all that is known now. Raises NotFound for what is no id."""
        moment = as_of or self.clock()
        with self.store.reading() as connection:
            sheet = queries.sheet(connection, seller_id)
        found = standing(sheet.history, self.policy, moment)
        return PointsShown(
            seller_id=seller_id,
            standing=found,
            moves=moves(sheet.history, self.policy, moment),
            text=words(found, self.policy),
            policy_version=self.policy.stamp,
        )

    def listed(self, *, points_min: int = 0, after: tuple[int, str] | None = None, limit: int = 100) -> list[Offender]:
        """See `queries.listed`."""
        with self.store.reading() as connection:
            return queries.listed(connection, points_min=points_min, after=after, limit=limit)

    def record_intent(self, case_id: str, intent: Intent, reasons: Sequence[str], *, by: Actor) -> PointsShown:
        """See `actions.record_intent`."""
        with self.store.transaction() as connection:
            seller_id = actions.record_intent(
                connection, self.verbs, case_id, intent, reasons, by=by, now=self.clock()
            )  # fmt: skip
        return self.show(seller_id)
