"""What is said when a campaign leaves what it declared: the finding, and what is to be done."""

from __future__ import annotations

from typing import Final

from agoranomos.enforcement.asking import Needs, ask
from agoranomos.kernel.actions import Action
from agoranomos.kernel.actors import Actor
from agoranomos.kernel.clock import rfc3339
from agoranomos.kernel.findings import Finding, Reason, Subject, finding_id
from agoranomos.promotions.breaker.policy import Alarm, Policy
from agoranomos.promotions.breaker.watch import Raised

NAME: Final = "promotions.breaker"
VERSION: Final = "1"
BY: Final = Actor("model", NAME)
STOP, SLOW, ALERT = "campaign.stop", "campaign.slow", "campaign.alert"
_WORDS: Final[dict[Alarm, tuple[float, str, str]]] = {
    "paid_below_floor": (0.99, "Orders pay far less of the list price than was declared.", "实付比例远低于申报。"),
    "paid_below_declared": (0.7, "Orders pay less of the list price than was declared.", "实付比例低于申报。"),
    "claims_too_fast": (0.5, "Coupons are claimed faster than was declared.", "领取速度高于申报。"),
    "claims_far_too_fast": (0.6, "Coupons are claimed far faster than was declared.", "领取速度远高于申报。"),
    "new_accounts_many": (0.55, "More new accounts claim than was declared.", "新注册账户占比高于申报。"),
    "new_accounts_mostly": (0.8, "Nearly all who claim have just registered.", "领取者几乎都是新注册账户。"),
    "new_devices_many": (0.55, "More claims than usual come from devices never seen before.", "新设备占比异常。"),
    "one_network": (0.5, "Many claims come from one network.", "大量领取来自同一网络。"),
    "payees_shared": (0.8, "Different accounts redeem for the same payees.", "不同账户的优惠集中流向相同收款方。"),
}


def found(campaign_id: str, raised: Raised, policy: Policy, *, since: str) -> Finding:
    """The finding on an alarm; `since` tells episodes apart: when the campaign was declared, or let go on."""
    score, words, zh = _WORDS[raised.alarm]
    code = f"promotions.{raised.alarm}"
    subject = Subject("campaign", campaign_id)
    evidence = {
        "seen": round(raised.mean, 6), "line": round(raised.bound, 6), "count": raised.count,
        "false_alarm_at_most": policy.alpha, "given": raised.given, "standing": raised.after, "message_zh": zh,
    }  # fmt: skip
    return Finding(
        id=finding_id(code, subject, since), at=rfc3339(raised.at), code=code, subject=subject, score=score,
        reasons=(Reason(code, words, evidence),), detector=NAME, version=f"{VERSION}:{policy.version}",
    )  # fmt: skip


def done(campaign_id: str, raised: Raised, finding: Finding, needs: Needs) -> list[Action]:
    """Who is told, and what is done to the campaign when it stands worse than before."""
    subject, at = Subject("campaign", campaign_id), rfc3339(raised.at)
    kinds = {"slowed": SLOW, "stopped": STOP} if raised.after != raised.before else {}
    asked = [] if raised.after not in kinds else [
        ask(kinds[raised.after], subject, {}, finding.id, by=BY, at=at, needs=needs)
    ]  # fmt: skip
    params = {"alarm": raised.alarm, "standing": raised.after}
    return [*asked, ask(ALERT, subject, params, finding.id, by=BY, at=at, needs=needs)]
