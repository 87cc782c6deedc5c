"""One request, one transaction: what endpoints and pages share of the publish-time check."""

from __future__ import annotations

from concurrent.futures import Future
from dataclasses import dataclass
from datetime import datetime
from typing import Final

import msgspec
import sqlalchemy as sa

from agoranomos.goods.listings import actions, queries
from agoranomos.goods.listings.actions import ListingJudge
from agoranomos.goods.listings.deciding import CHECK
from agoranomos.goods.listings.model import Assessment, Listing
from agoranomos.goods.listings.policy import ListingPolicy
from agoranomos.goods.listings.presenting import ListingDecisionRecord, recorded
from agoranomos.goods.listings.queries import Acknowledgement, StoredCheck
from agoranomos.goods.listings.submitted import event_of
from agoranomos.kernel.behind import WriteBehind
from agoranomos.kernel.clock import Clock
from agoranomos.kernel.consulting import NO_RULES, Consultant
from agoranomos.kernel.decisions import Outcome
from agoranomos.kernel.events import Event
from agoranomos.kernel.store import Store
from agoranomos.kernel.writer import GroupWriter

GLANCE_CHARACTERS_MAX: Final = 4_000
"""A glance at longer texts takes most of a millisecond, during which nobody else is answered, and clears few."""


def approvals_behind(writer: GroupWriter, clock: Clock, rules: Consultant = NO_RULES) -> WriteBehind[StoredCheck]:
    """Keeps approvals a moment after they were answered."""
    return WriteBehind(
        writer, lambda connection, made: actions.keep_approvals(connection, made, now=clock(), rules=rules)
    )


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
    behind: WriteBehind[StoredCheck]
    policy: ListingPolicy
    clock: Clock
    rules: Consultant = NO_RULES

    def glance(self, listing: Listing) -> Assessment | None:
        """What is said of a listing in which a glance finds nothing, within a fraction of a millisecond; else None."""
        texts = (listing.title, listing.description, listing.brand, listing.category)
        if sum(map(len, texts)) > GLANCE_CHARACTERS_MAX:
            return None
        return self.judge.glance(listing)

    def at_once(self, listing: Listing, assessment: Assessment, event: Event) -> StoredCheck | None:
        """The check of a listing in which a glance found nothing: approved, and kept a moment later. Never waits.

        None when a rule says otherwise, or there is no room behind: then `submit`.
        """
        made = self._decided(listing, assessment, self.clock(), event)
        return made if made.decision.outcome is Outcome.APPROVE and self.behind.add(made) else None

    def submit(
        self, listing: Listing, assessment: Assessment, idempotency_key: str | None, event: Event
    ) -> Future[StoredCheck]:
        """A future of the check by that assessment, once it is kept. Raises as `actions.check_listing`."""
        actions.require_key(idempotency_key)  # here: a verb that fails has its whole batch done again
        now, rules = self.clock(), self.rules.beforehand(CHECK, event)

        def decide(connection: sa.Connection) -> StoredCheck:
            return actions.check_listing(
                connection,
                listing,
                assessment=assessment,
                judge_version=self.judge.version,
                policy=self.policy,
                now=now,
                idempotency_key=idempotency_key,
                event=event,
                rules=rules,
            )

        return self.writer.submit(decide)

    def check(self, listing: Listing, idempotency_key: str | None, event: Event | None = None) -> StoredCheck:
        """See `actions.check_listing`; `event` is the one that told of the listing, None for a draft.

        An approval without a key is kept a moment later: losing it changes nothing.
        """
        if idempotency_key is not None:
            with self.store.reading() as connection:
                known = actions.decided_before(connection, listing, idempotency_key)
            if known is not None:
                return known
        assessment = self.judge.assess(listing)
        judged = event or event_of(listing, self.clock())
        if idempotency_key is None:
            made = self._decided(listing, assessment, self.clock(), judged)
            if made.decision.outcome is Outcome.APPROVE and self.behind.add(made):
                return made
        return self.submit(listing, assessment, idempotency_key, judged).result()

    def _decided(self, listing: Listing, assessment: Assessment, now: datetime, event: Event) -> StoredCheck:
        """What is decided by what the store says now; nothing is kept."""
        warnings = 0
        if actions.warnings_count(assessment):
            with self.store.reading() as connection:
                warnings = actions.earlier_warnings(connection, listing, policy=self.policy, now=now)
        return actions.decided(
            listing,
            assessment,
            warnings=warnings,
            judge_version=self.judge.version,
            policy=self.policy,
            now=now,
            event=event,
            rules=self.rules,
        )

    def show(self, decision_id: str) -> Shown:
        """The kept decision. Raises NotFound."""
        self.behind.settle()
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
        self.behind.settle()  # so that an approval is refused as one, and not as unknown
        with self.store.transaction() as connection:
            return actions.acknowledge(connection, decision_id, by=by, now=self.clock())

    def ready(self) -> None:
        """Raises when the store does not answer or its tables are not current."""
        self.store.require_current()
