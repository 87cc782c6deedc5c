"""From rings to findings: one on each member, one on each review that it wrote with the others."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Final

from agoranomos.kernel.clock import rfc3339
from agoranomos.kernel.findings import Finding, Reason, Related, Subject, finding_id
from agoranomos.kernel.ids import derived
from agoranomos.reviews.praise.model import Member, Praise, Quote, Ring
from agoranomos.reviews.praise.policy import Policy

NAME: Final = "reviews.bought_praise"
VERSION: Final = "1"
RELATED_MAX: Final = 100
_TIES: Final = {
    "device": ("{n} accounts of the ring were last seen on one device", "团伙中 {n} 个账号使用同一台设备"),
    "network": ("{n} accounts of the ring come from one network address", "团伙中 {n} 个账号来自同一网络地址"),
    "conduct": (
        "{n} accounts of the ring praise the same stores within hours of each other, again and again",
        "团伙中 {n} 个账号反复在数小时内好评相同店铺",
    ),
    "text": ("{n} accounts of the ring wrote nearly the same text", "团伙中 {n} 个账号的评价文字几乎相同"),
    "payment": (
        "{n} accounts of the ring were paid by one payer around it",
        "团伙中 {n} 个账号在好评前后收到同一方付款",
    ),
    "devoted": ("most of what the account praises it praises with the others", "该账号的好评多为与团伙共同发布"),
    "diluted": ("little of what the account praises it praises with the others", "该账号与团伙共同发布的好评很少"),
}


def ring_id(ring: Ring) -> str:
    """The name of a ring: that of who wrote first, so that it stays while the ring grows."""
    return derived("ring", NAME, ring.anchor)


def told(ring: Ring, at: datetime, revision: int, policy: Policy) -> list[Finding]:
    """The findings on a ring."""
    return [
        finding for member in ring.members
        for finding in (
            _member(ring, member, at, revision, policy),
            *(_review(ring, member, each, at, revision, policy) for each in member.reviews),
        )
    ]  # fmt: skip


def _member(ring: Ring, member: Member, at: datetime, revision: int, policy: Policy) -> Finding:
    accounts, stores = len(ring.members), len(ring.stores)
    values = {
        "accounts": accounts, "stores": stores, "kinds": list(ring.kinds), "reviews": len(member.reviews),
        "praised": member.praised,
        "message_zh": f"该账号属于一个由 {accounts} 个账号组成的刷好评团伙，共同好评 {stores} 家店铺。",
    }  # fmt: skip
    words = f"The account is one of {accounts} that praise {stores} stores together, tied by {', '.join(ring.kinds)}."
    others = [Related("account", each.account_id, "member") for each in ring.members if each is not member]
    return _finding(
        ring, Subject("account", member.account_id), member, Reason(NAME, words, values), others, member.reviews, at,
        revision, policy,
    )  # fmt: skip


def _review(
    ring: Ring, member: Member, review: Praise, at: datetime, revision: int, policy: Policy
) -> Finding:  # fmt: skip
    together = sum(any(each.store_id == review.store_id for each in other.reviews) for other in ring.members)
    values = {
        "store_id": review.store_id, "accounts": together,
        "message_zh": f"该评价由刷好评团伙中的账号发布，同一团伙共有 {together} 个账号好评该店铺。",
    }  # fmt: skip
    words = f"It was written by one of {together} accounts of a ring that praised this store together."
    others = [Related("account", member.account_id, "member")]
    return _finding(
        ring, Subject("review", review.review_id), member, Reason(NAME, words, values), others, (review,), at, revision,
        policy,
    )  # fmt: skip


def _finding(
    ring: Ring, subject: Subject, member: Member, reason: Reason, others: Sequence[Related],
    reviews: Sequence[Praise], at: datetime, revision: int, policy: Policy,
) -> Finding:  # fmt: skip
    ties = [Related("device", each.key, "tie") for each in member.quotes if each.kind == "device"]
    stores = [Related("store", each, "reference") for each in sorted({each.store_id for each in reviews})]
    return Finding(
        id=finding_id(NAME, subject, reviews[0].at), at=rfc3339(at), code=NAME, subject=subject, score=member.score,
        reasons=(reason, *map(_quoted, member.quotes)), related=tuple([*ties, *stores, *others][:RELATED_MAX]),
        ring_id=ring_id(ring), revision=revision, detector=NAME, version=f"{VERSION}:{policy.version}",
        event_ids=tuple(each.event_id for each in reviews)[:20],
    )  # fmt: skip


def _quoted(quote: Quote) -> Reason:
    english, chinese = (words.format(n=quote.accounts) for words in _TIES[quote.kind])
    key = quote.key if quote.kind in ("device", "payment", "conduct") else ""  # no addresses or texts
    values = {"message_zh": f"{chinese}。", "key": key, "accounts": quote.accounts, "weight": quote.weight}
    return Reason(f"reviews.tie_{quote.kind}", f"{english[0].upper()}{english[1:]}.", values)
