"""One request, one transaction: what endpoints and pages share of the publish-time check."""

from __future__ import annotations

from dataclasses import dataclass

import msgspec
import sqlalchemy as sa

from agoranomos.goods.listings import actions, queries
from agoranomos.goods.listings.actions import ListingJudge
from agoranomos.goods.listings.model import Listing
from agoranomos.goods.listings.policy import ListingPolicy
from agoranomos.goods.listings.presenting import ListingDecisionRecord, recorded
from agoranomos.goods.listings.queries import Acknowledgement, StoredCheck
from agoranomos.goods.listings.submitted import event_of
from agoranomos.kernel.clock import Clock
from agoranomos.kernel.consulting import NO_RULES, Consultant
from agoranomos.kernel.events import Event
from agoranomos.kernel.store import Store
from agoranomos.kernel.writer import GroupWriter


class Shown(msgspec.Struct, frozen=True):
    """A decision with everything that a reader of it is shown."""

    check: StoredCheck
    acknowledgement: Acknowledgement | None


@dataclass(frozen=True, slots=True)
class CheckService:
    """The verbs of the check, each in a transaction of its own."""

    judge: ListingJudge
    store: Store
    writer: GroupWriter
    policy: ListingPolicy
    clock: Clock
    rules: Consultant = NO_RULES

    def check(self, listing: Listing, idempotency_key: str | None, event: Event | None = None) -> StoredCheck:
        """See `actions.check_listing`; `event` is the one that told of the listing, None for a draft."""
        if idempotency_key is not None:
            with self.store.reading() as connection:
                known = actions.decided_before(connection, listing, idempotency_key)
            if known is not None:
                return known
        assessment = self.judge.assess(listing)
        now = self.clock()
        judged = event or event_of(listing, now)

        def decide(connection: sa.Connection) -> StoredCheck:
            return actions.check_listing(
                connection,
                listing,
                assessment=assessment,
                judge_version=self.judge.version,
                policy=self.policy,
                now=now,
                idempotency_key=idempotency_key,
                event=judged,
                rules=self.rules,
            )

        return self.writer.call(decide)

    def show(self, decision_id: str) -> Shown:
        """The kept decision. Raises NotFound."""
        with self.store.reading() as connection:
            return Shown(
                queries.get_check(connection, decision_id),
                queries.get_acknowledgement(connection, decision_id),
            )

    def full_decision(self, connection: sa.Connection, decision_id: str) -> ListingDecisionRecord:
        """A decision of this check with quotes and advice, for whoever lists decisions of all checks."""
        check = queries.get_check(connection, decision_id)
        return recorded(check, queries.get_acknowledgement(connection, decision_id), self.policy)

    def acknowledge(self, decision_id: str, by: str) -> Acknowledgement:
        """See `actions.acknowledge`."""
        with self.store.transaction() as connection:
            return actions.acknowledge(connection, decision_id, by=by, now=self.clock())

    def ready(self) -> None:
        """Raises when the store does not answer or its tables are not current."""
        self.store.require_current()
