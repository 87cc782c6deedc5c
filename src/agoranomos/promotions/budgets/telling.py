"""What is said of claims: the decision, with one message for every refusal; the finding, where one happened anyway."""

from __future__ import annotations

from typing import Any, Final, Literal

import msgspec

from agoranomos.kernel.clock import rfc3339
from agoranomos.kernel.decisions import Decision, Hit, Outcome
from agoranomos.kernel.findings import Finding, Reason, Related, Subject, finding_id
from agoranomos.kernel.ids import derived
from agoranomos.promotions.budgets.model import Asked, Verdict, Why

Check = Literal["coupon-claim", "coupon-redeem"]
CLAIM: Final[Check] = "coupon-claim"
REDEEM: Final[Check] = "coupon-redeem"
VERSION: Final = "1"
REFUSED: Final = "promotions.refused"
_REASON: Final = Reason(
    REFUSED, "This coupon cannot be used here.", {"message_zh": "该优惠券无法在此使用。"}
)  # fmt: skip
"""The same whatever is wrong: whoever tries codes or accounts learns nothing from it."""
_LATER: Final = Reason(
    "promotions.later", "Too many are claiming at this moment; please try again soon.",
    {"message_zh": "当前领取人数过多，请稍后再试。"},
)  # fmt: skip


class CouponDecision(Decision, frozen=True):
    """A decision on a coupon, with the reservation that an approved claim made, and in how many seconds to ask again
    where that helps.
    """

    reservation_id: str | None = None
    retry_after: int | None = None


def decided(check: Check, asked: Asked, verdict: Verdict, version: str, *, told_apart: str = "") -> Decision:
    """The decision on a claim or a use, as a check or a replay says it."""
    outcome = _outcome(check, verdict.why)
    reasons: tuple[Reason, ...] = ()
    hits: tuple[Hit, ...] = ()
    if verdict.why is not None:
        # Who tries codes is told when to come back, and nothing else.
        crowded = verdict.retry_after_s is not None and verdict.why != "too_many_tries"
        reasons = (_LATER if crowded else _REASON,)
        hits = (Hit(f"promotions.{verdict.why}", outcome, 1.0, "live", verdict.values),)
    until = verdict.coupon.reserved_until if verdict.coupon else None
    return Decision(
        id=derived("d", check, asked.source, asked.event_id, *asked.key, told_apart), at=rfc3339(asked.at),
        check=check, subject=Subject("coupon", asked.coupon_id), outcome=outcome,
        score=0.0 if verdict.why is None else 1.0, reasons=reasons, hits=hits, policy_version=version,
        expires_at=None if until is None else rfc3339(until),
    )  # fmt: skip


def with_reservation(decision: Decision, verdict: Verdict) -> CouponDecision:
    """`decision` as it is answered."""
    fields = {name: getattr(decision, name) for name in Decision.__struct_fields__}
    return CouponDecision(**fields, reservation_id=verdict.reservation_id, retry_after=verdict.retry_after_s)


def _outcome(check: Check, why: Why | None) -> Outcome:
    if why is None:
        return Outcome.APPROVE
    # Whoever claimed in good faith before the stop is not turned away by a machine: a person looks.
    return Outcome.HOLD if check == REDEEM and why == "campaign_stopped" else Outcome.DECLINE


class Told(msgspec.Struct, frozen=True):
    """A kind of finding: what it is called, whom it is about, how sure it is, in words."""

    code: str
    about: Literal["campaign", "account", "device", "coupon"]
    score: float
    words: str
    zh: str


_BUDGET: Final = Told(
    "promotions.budget_overrun", "campaign", 0.95, "Coupons were given beyond the budget of the campaign.",
    "优惠券发放超出活动预算。",
)  # fmt: skip
_CAP: Final = Told(
    "promotions.cap_exceeded", "account", 0.6, "An account took more coupons than one may.", "该账户领取数量超过上限。"
)
_MISUSED: Final = Told(
    "promotions.coupon_misused", "coupon", 0.7, "A coupon was used twice, after it was void, or by another account.",
    "优惠券被重复使用、作废后使用或被他人使用。",
)  # fmt: skip
FINDINGS: Final[dict[Why, Told]] = {
    "budget_spent": _BUDGET,
    "account_cap": _CAP,
    "house_day_cap": _CAP,
    "house_year_cap": _CAP,
    "device_cap": msgspec.structs.replace(
        _CAP, about="device", words="One device took more coupons than it may.", zh="该设备领取数量超过上限。"
    ),
    "payee_cap": msgspec.structs.replace(
        _CAP, words="The value of more coupons than allowed went to one payee.", zh="同一收款方受益超过上限。"
    ),
    "coupon_of_another": _MISUSED,
    "coupon_void": _MISUSED,
    "coupon_used": _MISUSED,
    "campaign_stopped": Told(
        "promotions.given_after_stop", "campaign", 0.9, "Coupons were given or used after the campaign had to stop.",
        "活动应停止后仍有优惠券被领取或使用。",
    ),
    "campaign_not_running": Told(
        "promotions.given_out_of_time", "campaign", 0.6, "Coupons were given or used before or after the campaign.",
        "活动期外有优惠券被领取或使用。",
    ),
    "campaign_unknown": Told(
        "promotions.campaign_unknown", "campaign", 0.5, "Coupons were given for a campaign that nobody declared.",
        "未申报的活动发放了优惠券。",
    ),
    "code_unknown": Told(
        "promotions.code_not_issued", "campaign", 0.6, "Codes were claimed that the campaign has not given to anybody.",
        "有未发放的优惠码被领取。",
    ),
    "paid_too_little": Told(
        "promotions.paid_too_little", "campaign", 0.95, "An order paid less than its coupons allow.",
        "订单实付低于优惠规则允许的金额。",
    ),
}  # fmt: skip
"""What is found when a refused claim happened all the same; a claim while the campaign is slowed is none."""


class Tally(msgspec.Struct):
    """How often something was found, and the first and latest of its events."""

    count: int = 0
    event_ids: list[str] = []


def found(asked: Asked, why: Why, values: dict[str, Any], tally: Tally) -> Finding | None:
    """The finding on a refused claim that happened: said at the first, and whenever their number has doubled."""
    told = FINDINGS.get(why)
    if told is None:
        return None
    tally.count += 1
    tally.event_ids = [*tally.event_ids[:19], asked.event_id]
    if tally.count & (tally.count - 1):
        return None
    subject = subject_of(asked, told)
    evidence = {"why": why, "times": tally.count, **values, "message_zh": told.zh}
    return Finding(
        id=finding_id(told.code, subject, asked.campaign_id), at=rfc3339(asked.at), code=told.code, subject=subject,
        score=told.score, reasons=(Reason(told.code, told.words, evidence),), detector="promotions.budgets",
        version=VERSION, related=tuple(_related(asked, told)), revision=tally.count.bit_length(),
        event_ids=tuple(tally.event_ids),
    )  # fmt: skip


def subject_of(asked: Asked, told: Told) -> Subject:
    """Whom the finding is about."""
    ids = {
        "campaign": asked.campaign_id, "account": asked.account_id, "device": asked.device_id or asked.account_id,
        "coupon": asked.coupon_id,
    }  # fmt: skip
    return Subject(told.about, ids[told.about])


def _related(asked: Asked, told: Told) -> list[Related]:
    if told.about == "campaign":
        return [Related("account", asked.account_id, "member")]
    tied = [Related("campaign", asked.campaign_id, "reference")]
    return tied if told.about == "account" else [*tied, Related("account", asked.account_id, "member")]
