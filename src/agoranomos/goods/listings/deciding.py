"""From what was noticed to a decision: pure, so that a check, a scan and a replay decide alike."""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Final

import msgspec

from agoranomos.goods.listings.model import Assessment, Concern, Signal
from agoranomos.goods.listings.policy import ListingPolicy
from agoranomos.kernel.decisions import Decision, Hit, Outcome, strongest
from agoranomos.kernel.findings import Reason, Subject

CHECK: Final = "listing"
WARNED_BEFORE: Final = "goods.warned_before"
_PROBABILITY_MIN: Final = 1e-9
"""Keeps a fused score away from 0 and 1, where log-odds are infinite."""


def remembering(assessment: Assessment, warnings: int, policy: ListingPolicy) -> Assessment:
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


def decide(
    assessment: Assessment, policy: ListingPolicy, decision_id: str, at: str, *, warned_before: bool
) -> Decision:
    """The strongest outcome that any concern calls for, with everything that was noticed."""
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
        policy_version=policy.stamp(assessment.profile),
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
