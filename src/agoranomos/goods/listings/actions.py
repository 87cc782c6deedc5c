"""The verbs of the publish-time check, given an open transaction: judge a listing, acknowledge a
warning.

The strongest outcome that any concern calls for wins, and everything that was noticed is kept and
returned.
"""

from __future__ import annotations

import hashlib
from datetime import datetime, timedelta
from typing import Protocol

import msgspec
import sqlalchemy as sa

from agoranomos.goods.listings import queries
from agoranomos.goods.listings.deciding import CHECK, decide, remembering
from agoranomos.goods.listings.model import Assessment, Listing
from agoranomos.goods.listings.policy import ListingPolicy
from agoranomos.goods.listings.queries import Acknowledgement, StoredCheck
from agoranomos.judgements.actions import keep_decisions
from agoranomos.kernel.clock import rfc3339
from agoranomos.kernel.decisions import Decision, Outcome
from agoranomos.kernel.errors import Conflict, Invalid
from agoranomos.kernel.ids import derived, is_id


class ListingJudge(Protocol):
    """Whoever can say what is suspicious in a listing; pure, so that the same listing gets the same
    answer.
    """

    @property
    def version(self) -> str:
        """A hash of the brand registry and the settings that `assess` goes by."""

    def assess(self, listing: Listing) -> Assessment:
        """Everything noticed in `listing` and what it adds up to."""


def check_listing(
    connection: sa.Connection,
    listing: Listing,
    *,
    judge: ListingJudge,
    policy: ListingPolicy,
    now: datetime,
    idempotency_key: str | None = None,
) -> Decision:
    """Judges `listing` and keeps the decision with its signals, not the listing.

    The same `idempotency_key` with the same listing returns the decision made first, whatever the
    judge would say by now; with another listing it raises Conflict. Raises Invalid for a key that
    is no id.
    """
    digest = hashlib.blake2b(msgspec.json.encode(listing), digest_size=16).hexdigest()
    if idempotency_key is not None:
        if not is_id(idempotency_key):
            raise Invalid("an idempotency key is a printable string of 1 to 128 characters")
        known = queries.check_by_key(connection, idempotency_key)
        if known is not None:
            return _replayed(known, digest)
    warnings = earlier_acknowledgements(
        connection,
        store_id=listing.store_id,
        seller_id=listing.seller_id,
        except_listing=listing.listing_id,
        now=now,
        window_days=policy.warned_before.window_days,
    )
    assessment = remembering(judge.assess(listing), warnings, policy)
    at = rfc3339(now)
    decision_id = derived("d", CHECK, listing.store_id, listing.listing_id, at, digest, idempotency_key or "")
    check = StoredCheck(
        decision=decide(assessment, policy, decision_id, listing.listed_at or at, warned_before=warnings > 0),
        signals=assessment.signals,
        listing_id=listing.listing_id,
        store_id=listing.store_id,
        seller_id=listing.seller_id,
        profile=assessment.profile,
        judge_version=judge.version,
        body_digest=digest,
        idempotency_key=idempotency_key,
        at=now,
    )
    if queries.add_check(connection, check):
        keep_decisions(connection, [check.decision], now=now)
        # Read back, so that the first answer and every replay are the same to the byte.
        return queries.get_check(connection, decision_id).decision
    # Somebody else was faster with this key, or this very listing was judged at this very moment.
    first = idempotency_key and queries.check_by_key(connection, idempotency_key)
    return _replayed(first or queries.get_check(connection, decision_id), digest)


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


def earlier_acknowledgements(
    connection: sa.Connection,
    *,
    store_id: str,
    seller_id: str | None,
    except_listing: str,
    now: datetime,
    window_days: int,
) -> int:
    """How many warnings about other listings this seller or store acknowledged in the last
    `window_days`.

    The listing in question is left out: whoever edits it after a warning is still at the first
    offence.
    """
    return queries.count_acknowledgements(
        connection,
        store_id=store_id,
        seller_id=seller_id,
        other_than_listing=except_listing,
        since=now - timedelta(days=window_days),
    )


def _replayed(known: StoredCheck, digest: str) -> Decision:
    if known.body_digest != digest:
        raise Conflict("this idempotency key was used for another listing; draw a new key for each listing")
    return known.decision
