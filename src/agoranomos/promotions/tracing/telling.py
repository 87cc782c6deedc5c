"""From rings to findings: one for each member, with the name of the ring; the owners of stolen accounts are victims."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from agoranomos.enforcement.asking import Needs, ask
from agoranomos.kernel.actions import Action
from agoranomos.kernel.actors import Actor
from agoranomos.kernel.clock import rfc3339
from agoranomos.kernel.findings import Finding, Reason, Related, Subject, finding_id
from agoranomos.kernel.ids import derived
from agoranomos.promotions.tracing.model import Coupon, Member, Quote, Ring
from agoranomos.promotions.tracing.policy import Policy
from agoranomos.promotions.tracing.wording import words

RING: Final = "promotions.coupon_ring"
STOLEN: Final = "promotions.account_in_others_hands"
VERSION: Final = "2"
MODEL: Final = Actor("model", RING)
RELATED_MAX: Final = 200
_STOLEN_SCORE: Final = 0.7
_AT_ACTION: Final = 0.9


def ring_id(ring: Ring) -> str:
    """The name of a ring: that of its first taker, so that it stays while the ring grows."""
    return derived("ring", ring.anchor)


def told(ring: Ring, at: str, revision: int, policy: Policy) -> list[Finding]:
    """A finding for each member, and one for each account that seems to be in others' hands."""
    return [
        _stolen(ring, member, at, revision, policy) if member.victim else _member(ring, member, at, revision, policy)
        for member in ring.members
    ]


def void(unused: Sequence[Coupon], found: Sequence[Finding], at: str, needs: Needs) -> list[Action]:
    """What is asked for at once: that unused coupons of those who surely belong to the ring are void."""
    sure = {each.subject.id: each.id for each in found if each.code == RING and each.score >= _AT_ACTION}
    return [
        ask(
            "coupon.void", Subject("coupon", coupon.coupon_id),
            {"campaign_id": coupon.campaign_id, "account_id": coupon.account_id},
            sure[coupon.account_id], by=MODEL, at=at, needs=needs,
        )
        for coupon in sorted(unused, key=lambda each: each.coupon_id) if coupon.account_id in sure
    ]  # fmt: skip


def _member(ring: Ring, member: Member, at: str, revision: int, policy: Policy) -> Finding:
    guilty = sum(not each.victim for each in ring.members)
    kinds = ", ".join(ring.kinds)
    values = {
        "message_zh": f"该账号属于一个由 {guilty} 个账号组成的优惠券团伙。",
        "accounts": guilty,
        "claims": member.claims,
        "value": member.value,
        "kinds": list(ring.kinds),
        "campaigns": list(ring.campaigns)[:20],
    }
    reasons = [
        Reason(RING, f"The account is one of {guilty} that take coupons together, tied by {kinds}.", values),
        *map(_quoted, member.quotes),
    ]
    return _finding(RING, ring, member, member.score, reasons, at, revision, policy)


def _stolen(ring: Ring, member: Member, at: str, revision: int, policy: Policy) -> Finding:
    values = {
        "message_zh": "该账号有自己的历史，却只从一个团伙的设备上领取优惠券：其主人可能是受害者。",
        "claims": member.claims,
        "value": member.value,
    }
    words_en = "An account with a life of its own takes coupons only from devices of a ring: its owner may be a victim."
    reasons = [Reason(STOLEN, words_en, values), *map(_quoted, member.quotes)]
    return _finding(STOLEN, ring, member, _STOLEN_SCORE, reasons, at, revision, policy)


def _quoted(quote: Quote) -> Reason:
    english, chinese = words(quote)
    values = {"message_zh": f"{chinese}。", "key": quote.key, "accounts": quote.accounts, "weight": quote.weight}
    return Reason(f"promotions.{quote.kind}", f"{english[0].upper()}{english[1:]}.", values)


def _finding(
    code: str, ring: Ring, member: Member, score: float, reasons: Sequence[Reason], at: str, revision: int,
    policy: Policy,
) -> Finding:  # fmt: skip
    subject = Subject("account", member.account_id)
    others = [
        Related("account", each.account_id, "victim" if each.victim else "member")
        for each in ring.members if each.account_id != member.account_id
    ]  # fmt: skip
    ties = [Related(quote.kind, quote.key, "tie") for quote in member.quotes if quote.key and quote.kind != "heavy"]
    campaigns = [Related("campaign", each, "reference") for each in ring.campaigns[:20]]
    return Finding(
        id=finding_id(code, subject, rfc3339(member.since)),
        at=at,
        code=code,
        subject=subject,
        score=score,
        reasons=tuple(reasons),
        related=tuple(dict.fromkeys([*ties, *campaigns, *others[:RELATED_MAX]])),
        ring_id=ring_id(ring),
        revision=revision,
        event_ids=member.event_ids,
        detector=RING,
        version=f"{VERSION}:{policy.version}",
    )
