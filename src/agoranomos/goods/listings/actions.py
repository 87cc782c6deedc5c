"""The verbs of the publish-time check, given an open transaction: judge a listing, acknowledge a
warning.

The strongest outcome that any concern calls for wins, and everything that was noticed is kept and
returned.
"""

from __future__ import annotations

import hashlib
import math
from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Protocol

import msgspec
import sqlalchemy as sa

from agoranomos.goods.listings import queries
from agoranomos.goods.listings.model import Assessment, Concern, Listing, Signal
from agoranomos.goods.listings.policy import ListingPolicy
from agoranomos.goods.listings.queries import Acknowledgement, StoredCheck
from agoranomos.judgements.actions import keep_decisions
from agoranomos.kernel.clock import rfc3339
from agoranomos.kernel.decisions import Decision, Hit, Outcome, strongest
from agoranomos.kernel.errors import Conflict, Invalid
from agoranomos.kernel.findings import Reason, Subject
from agoranomos.kernel.ids import derived, is_id

CHECK = "listing"
WARNED_BEFORE = "goods.warned_before"
# Keeps a fused score away from 0 and 1, where log-odds are infinite.
_PROBABILITY_MIN = 1e-9


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
    assessment = _remembering(judge.assess(listing), warnings, policy)
    at = rfc3339(now)
    decision_id = derived("d", CHECK, listing.store_id, listing.listing_id, at, digest, idempotency_key or "")
    check = StoredCheck(
        decision=_decide(assessment, policy, decision_id, listing.listed_at or at, warned_before=warnings > 0),
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


def _remembering(assessment: Assessment, warnings: int, policy: ListingPolicy) -> Assessment:
    """`assessment` with the seller's earlier warnings as one more, light signal.

    It joins the strongest concern and never stands alone: an honest listing stays honest whoever
    submits it.
    """
    speaks_against = any(signal.weight > 0 for signal in assessment.signals)
    if not warnings or not assessment.scores or not speaks_against:
        return assessment
    concern = max(assessment.scores, key=lambda each: (assessment.scores[each], each.value))
    weight = policy.warned_before.weight(warnings)
    days = policy.warned_before.window_days
    signal = Signal(
        code=WARNED_BEFORE,
        concern=concern,
        weight=weight,
        message=(f"In the last {days} days, {warnings} of this seller's listings went live in spite of a warning."),
        message_zh=f"最近 {days} 天内，该卖家有 {warnings} 件商品在收到提示后仍然发布。",
        values={"warnings": warnings, "window_days": days},
        detector=WARNED_BEFORE,
    )
    scores = {**assessment.scores, concern: _shifted(assessment.scores[concern], weight)}
    return msgspec.structs.replace(assessment, scores=scores, signals=(*assessment.signals, signal))


def _shifted(probability: float, weight: float) -> float:
    """`probability` after evidence of `weight` natural log-odds."""
    bounded = min(max(probability, _PROBABILITY_MIN), 1 - _PROBABILITY_MIN)
    return 1 / (1 + math.exp(-(math.log(bounded / (1 - bounded)) + weight)))


def _decide(
    assessment: Assessment, policy: ListingPolicy, decision_id: str, at: str, *, warned_before: bool
) -> Decision:
    lines = policy.lines(assessment.profile)
    outcomes = {
        concern: lines.outcome(score, warned_before=warned_before) for concern, score in assessment.scores.items()
    }
    heaviest_first = sorted(assessment.signals, key=lambda signal: (-signal.weight, signal.code))
    return Decision(
        id=decision_id,
        at=at,
        check=CHECK,
        subject=Subject("listing", assessment.listing_id),
        outcome=strongest(outcomes.values()),
        score=assessment.score,
        reasons=tuple(_reason(signal) for signal in heaviest_first),
        hits=tuple(_hit(signal, assessment.scores, outcomes) for signal in heaviest_first),
        policy_version=policy.version,
    )


def _reason(signal: Signal) -> Reason:
    evidence = {
        "concern": signal.concern.value,
        "weight": signal.weight,
        "message_zh": signal.message_zh,
        "quotes": [msgspec.to_builtins(quote) for quote in signal.quotes],
        "brand_ids": list(signal.brand_ids),
    }
    return Reason(signal.code, signal.message, evidence)


def _hit(signal: Signal, scores: Mapping[Concern, float], outcomes: Mapping[Concern, Outcome]) -> Hit:
    """One detector's part: the score and outcome are those of the concern that its evidence went
    into.
    """
    against = signal.weight > 0
    values = {
        **signal.values,
        "concern": signal.concern.value,
        "weight": signal.weight,
        "detector": signal.detector,
        "version": signal.version,
    }
    return Hit(
        code=signal.code,
        outcome=outcomes.get(signal.concern, Outcome.APPROVE) if against else Outcome.APPROVE,
        score=scores.get(signal.concern, 0.0),
        status="live",
        values=values,
    )
