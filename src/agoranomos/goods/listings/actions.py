"""The verbs of the publish-time check, given an open transaction: judge a listing, acknowledge a
warning.

The strongest outcome that any concern calls for wins, and everything that was noticed is kept and
returned.
"""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Protocol

import msgspec
import sqlalchemy as sa

from agoranomos.goods.listings import queries
from agoranomos.goods.listings.deciding import CHECK, NOTHING, codes_of, decide, owners_of, remembering
from agoranomos.goods.listings.model import Assessment, Listing
from agoranomos.goods.listings.policy import ListingPolicy
from agoranomos.goods.listings.queries import Acknowledgement, StoredCheck
from agoranomos.judgements.actions import keep_decisions
from agoranomos.kernel.clock import rfc3339
from agoranomos.kernel.consulting import NO_RULES, Consultant, scores_of, with_rules
from agoranomos.kernel.decisions import Outcome
from agoranomos.kernel.errors import Conflict, Invalid
from agoranomos.kernel.events import Event
from agoranomos.kernel.ids import derived_at, is_id


class ListingJudge(Protocol):
    """Whoever can say what is suspicious in a listing; pure, so that the same listing gets the same
    answer.
    """

    @property
    def version(self) -> str:
        """A hash of the brand registry and the settings that `assess` goes by."""

    def assess(self, listing: Listing) -> Assessment:
        """Everything noticed in `listing` and what it adds up to."""

    def glance(self, listing: Listing) -> Assessment | None:
        """The same for a listing in which nothing is noticed, found out quickly; None: ask `assess`."""


def check_listing(
    connection: sa.Connection,
    listing: Listing,
    *,
    assessment: Assessment,
    judge_version: str,
    policy: ListingPolicy,
    now: datetime,
    idempotency_key: str | None = None,
    event: Event | None = None,
    rules: Consultant = NO_RULES,
) -> StoredCheck:
    """Decides on `listing`, of which the judge said `assessment`, and keeps the decision with its signals.

    Judging comes before the transaction, because others wait for it to end. The listing is not kept. The same
    `idempotency_key` with the same listing returns the decision made first, whatever is said of it by now; with
    another listing it raises Conflict. Raises Invalid for a key that is no id. `rules` are asked about `event`, which
    tells of the listing; without it they are not.
    """
    require_key(idempotency_key)
    warnings = earlier_warnings(connection, listing, policy=policy, now=now) if warnings_count(assessment) else 0
    check = decided(
        listing,
        assessment,
        warnings=warnings,
        judge_version=judge_version,
        policy=policy,
        now=now,
        idempotency_key=idempotency_key,
        event=event,
        rules=rules,
    )
    if queries.add_check(connection, check):
        keep_decisions(connection, [check.decision], now=now)
        rules.note(connection, check.decision)
        return check
    # This is a repeat, somebody else was faster with this key, or this very listing was judged at this very moment.
    first = idempotency_key and queries.check_by_key(connection, idempotency_key)
    return _replayed(first or queries.get_check(connection, check.decision.id), check.body_digest)


def warnings_count(assessment: Assessment) -> bool:
    """Whether the seller's earlier warnings have a say: only where something speaks against the listing."""
    return any(signal.weight > 0 for signal in assessment.signals)


def decided(
    listing: Listing,
    assessment: Assessment,
    *,
    warnings: int,
    judge_version: str,
    policy: ListingPolicy,
    now: datetime,
    idempotency_key: str | None = None,
    event: Event | None = None,
    rules: Consultant = NO_RULES,
) -> StoredCheck:
    """What `check_listing` says when the seller has `warnings` earlier ones; nothing is kept."""
    digest = _digest(listing)
    decision_id = derived_at(now, "d", CHECK, listing.store_id, listing.listing_id, digest, idempotency_key or "")
    assessment = remembering(assessment, warnings, policy)
    quiet = rules.snoozed(codes_of(assessment), owners_of(listing), now) if assessment.signals else NOTHING
    listed_at = listing.listed_at or rfc3339(now)
    decision = decide(assessment, policy, decision_id, listed_at, warned_before=warnings > 0, quiet=quiet)
    if event is not None:
        decision = with_rules(decision, rules.ask(CHECK, event, scores_of(decision)))
    check = StoredCheck(
        decision=decision,
        signals=assessment.signals,
        listing_id=listing.listing_id,
        store_id=listing.store_id,
        seller_id=listing.seller_id,
        profile=assessment.profile,
        judge_version=judge_version,
        body_digest=digest,
        idempotency_key=idempotency_key,
        at=now,
    )
    if not check.signals and not check.decision.hits:
        return check
    # As it is read back, so that the first answer and every replay are the same to the byte.
    return msgspec.json.decode(msgspec.json.encode(check, order="sorted"), type=StoredCheck)


def keep_approvals(
    connection: sa.Connection, checks: Sequence[StoredCheck], *, now: datetime, rules: Consultant = NO_RULES
) -> None:
    """Keeps approvals that `decided` gave; one that is kept already stays as it is."""
    assert all(check.decision.outcome is Outcome.APPROVE for check in checks), "others are kept before they are told"
    queries.add_checks(connection, checks)
    keep_decisions(connection, [check.decision for check in checks], now=now)
    for check in checks:
        rules.note(connection, check.decision)


def acknowledge(connection: sa.Connection, decision_id: str, *, by: str, now: datetime) -> Acknowledgement:
    """Records that `by` has read the warning; the first acknowledgement stands, a repeat returns
    it.

    Raises NotFound for an unknown decision, Conflict for one that is not a warning, Invalid when
    `by` is no id.
    """
    if not is_id(by):
        raise Invalid("say who has read the warning: an id of 1 to 128 characters", pointer="/by")
    check = queries.get_check(connection, decision_id)
    if check.decision.outcome is not Outcome.WARN:
        raise Conflict("only a warning can be acknowledged; this decision is none")
    queries.add_acknowledgement(connection, check, by, now)
    kept = queries.get_acknowledgement(connection, decision_id)
    assert kept is not None, "an acknowledgement was just added or existed before"
    return kept


def earlier_warnings(connection: sa.Connection, listing: Listing, *, policy: ListingPolicy, now: datetime) -> int:
    """How many warnings about other listings this seller or store acknowledged in the last days of the policy.

    The listing in question is left out: whoever edits it after a warning is still at the first
    offence.
    """
    return queries.count_acknowledgements(
        connection,
        store_id=listing.store_id,
        seller_id=listing.seller_id,
        other_than_listing=listing.listing_id,
        since=now - timedelta(days=policy.warned_before.window_days),
    )


def require_key(idempotency_key: str | None) -> None:
    """Raises Invalid for a key that is no id."""
    if idempotency_key is not None and not is_id(idempotency_key):
        raise Invalid("an idempotency key is a printable string of 1 to 128 characters")


def decided_before(connection: sa.Connection, listing: Listing, idempotency_key: str | None) -> StoredCheck | None:
    """The check that was made of `listing` under this key, if any. Raises as `check_listing`."""
    require_key(idempotency_key)
    if idempotency_key is None:
        return None
    known = queries.check_by_key(connection, idempotency_key)
    return None if known is None else _replayed(known, _digest(listing))


def _digest(listing: Listing) -> str:
    return hashlib.blake2b(msgspec.json.encode(listing), digest_size=16).hexdigest()


def _replayed(known: StoredCheck, digest: str) -> StoredCheck:
    if known.body_digest != digest:
        raise Conflict("this idempotency key was used for another listing; draw a new key for each listing")
    return known
