"""From what was noticed to a decision: pure, so that a check, a scan and a replay decide alike."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from types import MappingProxyType
from typing import Final

import msgspec

from agoranomos.goods.listings.fusion import FUSED_CODES
from agoranomos.goods.listings.model import Assessment, Concern, Listing, Signal
from agoranomos.goods.listings.policy import ListingPolicy
from agoranomos.kernel.consulting import LIVE, SNOOZED, Quiet
from agoranomos.kernel.decisions import Decision, Hit, Outcome, strongest
from agoranomos.kernel.findings import Finding, Reason, Subject

CHECK: Final = "listing"
WARNED_BEFORE: Final = "goods.warned_before"
NOTHING: Final[Mapping[str, Quiet]] = MappingProxyType({})
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


def owners_of(listing: Listing) -> tuple[Subject, ...]:
    """For whom a detector may be snoozed so that it does not count on `listing`."""
    seller = (Subject("seller", listing.seller_id),) if listing.seller_id else ()
    return (Subject("listing", listing.listing_id), Subject("store", listing.store_id), *seller)


def codes_of(assessment: Assessment) -> set[str]:
    """What may be snoozed of an assessment: its detectors, and each concern as a whole."""
    return {code for signal in assessment.signals for code in (signal.code, FUSED_CODES[signal.concern])}


def _unheard(assessment: Assessment, quiet: Mapping[str, Quiet]) -> list[Signal]:
    """What speaks against the listing and does not count."""
    return [signal for signal in assessment.signals if signal.weight > 0 and _quiet_of(signal, quiet)]


def _quiet_of(signal: Signal, quiet: Mapping[str, Quiet]) -> Quiet | None:
    """By which snooze `signal` does not count: that of its detector, or that of its whole concern."""
    return quiet.get(signal.code) or quiet.get(FUSED_CODES[signal.concern])


def without(assessment: Assessment, quiet: Mapping[str, Quiet]) -> Assessment:
    """`assessment` as if the detectors that are snoozed had noticed nothing that speaks against the listing; a finding
    that adds up several is added up anew.
    """
    gone = _unheard(assessment, quiet)
    if not gone:
        return assessment
    left = tuple(signal for signal in assessment.signals if signal not in gone)
    scores = {
        concern: _shifted(score, -sum(signal.weight for signal in gone if signal.concern is concern))
        for concern, score in assessment.scores.items()
        if any(signal.weight > 0 and signal.concern is concern for signal in left)
    }
    findings = tuple(_added_up(finding, assessment, gone, scores) for finding in assessment.findings)
    return msgspec.structs.replace(
        assessment, scores=scores, signals=left, findings=tuple(each for each in findings if each is not None)
    )


def _added_up(
    finding: Finding, assessment: Assessment, gone: Sequence[Signal], scores: Mapping[Concern, float]
) -> Finding | None:
    """A finding of a concern without what is `gone`; None when nothing is left to add up.

    Others stay as they are: those that are snoozed are kept as what does not count.
    """
    concern = next((each for each, code in FUSED_CODES.items() if code == finding.code), None)
    mine = {signal.code for signal in gone if signal.concern is concern}
    if concern is None or not mine:
        return finding
    against = [
        signal for signal in assessment.signals
        if signal.concern is concern and signal.weight > 0 and signal.code not in mine
    ]  # fmt: skip
    if len(against) < 2:
        return None
    reasons = tuple(reason for reason in finding.reasons if reason.code not in mine)
    return msgspec.structs.replace(finding, score=scores[concern], reasons=reasons)


def _shifted(probability: float, weight: float) -> float:
    """`probability` after evidence of `weight` natural log-odds."""
    bounded = min(max(probability, _PROBABILITY_MIN), 1 - _PROBABILITY_MIN)
    return 1 / (1 + math.exp(-(math.log(bounded / (1 - bounded)) + weight)))


def decide(
    assessment: Assessment, policy: ListingPolicy, decision_id: str, at: str, *, warned_before: bool,
    quiet: Mapping[str, Quiet] = NOTHING,
) -> Decision:  # fmt: skip
    """The strongest outcome that any concern calls for, with everything that was noticed.

    What is `quiet` is listed among the hits with what it alone would have changed, and counts for nothing.
    """
    lines = policy.lines(assessment.profile)
    counted = without(assessment, quiet)
    outcomes = {concern: lines.outcome(score, warned_before=warned_before) for concern, score in counted.scores.items()}
    heaviest_first = sorted(counted.signals, key=lambda signal: (-signal.weight, signal.code))
    unheard = _unheard(assessment, quiet)
    snoozed = [_quiet_of(signal, quiet) for signal in unheard]
    whole = {concern: lines.outcome(score, warned_before=warned_before) for concern, score in assessment.scores.items()}
    return Decision(
        id=decision_id,
        at=at,
        check=CHECK,
        subject=Subject("listing", assessment.listing_id),
        outcome=strongest(outcomes.values()),
        score=counted.score,
        reasons=(
            *map(_reason, heaviest_first),
            *(each.reason for each in dict.fromkeys(each for each in snoozed if each)),
        ),
        hits=(
            *(_hit(signal, counted.scores, outcomes) for signal in heaviest_first),
            *(_hit(signal, assessment.scores, whole, each) for signal, each in zip(unheard, snoozed, strict=True)),
        ),
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


def _hit(
    signal: Signal, scores: Mapping[Concern, float], outcomes: Mapping[Concern, Outcome], quiet: Quiet | None = None
) -> Hit:
    """One detector's part: the score and outcome are those of the concern that its evidence went into, or would have
    gone into had it not been snoozed.
    """
    against = signal.weight > 0
    values = {
        **signal.values,
        "concern": signal.concern.value,
        "weight": signal.weight,
        "detector": signal.detector,
        "version": signal.version,
    }
    if quiet is not None:
        values["snooze_id"], values["snoozed_until"] = quiet.snooze_id, quiet.until
    return Hit(
        code=signal.code,
        outcome=outcomes.get(signal.concern, Outcome.APPROVE) if against else Outcome.APPROVE,
        score=scores.get(signal.concern, 0.0),
        status=LIVE if quiet is None else SNOOZED,
        values=values,
    )
