"""What is said of extortion: a finding on each account, one on each review; the stores are its victims."""

from __future__ import annotations

from datetime import datetime
from typing import Any, Final

from agoranomos.kernel.clock import rfc3339
from agoranomos.kernel.findings import Finding, Reason, Related, Subject, finding_id
from agoranomos.kernel.ids import derived
from agoranomos.reviews.extortion.judging import Judged
from agoranomos.reviews.extortion.model import Episode
from agoranomos.reviews.extortion.policy import Policy

NAME: Final = "reviews.extortion"
VERSION: Final = "1"
_SHOWN_MAX: Final = 50
_GAINS: Final = {
    "paid": ("the store paid the author", "商家向评价人付款"),
    "refunded": ("the order was paid back and nothing returned", "退款而未退货"),
}


def told(found: Judged, at: datetime, revision: int, policy: Policy) -> list[Finding]:
    """A finding on each account, and on each review."""
    ring = derived("ring", NAME, found.episodes[0].author_id) if len(found.accounts) > 1 else None
    said = [_account(found, each, ring, at, revision, policy) for each in found.accounts]
    return said + [_review(found, each, ring, at, revision, policy) for each in found.episodes]


def _account(
    found: Judged, account_id: str, ring: str | None, at: datetime, revision: int, policy: Policy
) -> Finding:  # fmt: skip
    stores = sorted({each.store_id for each in found.episodes})
    own = [each for each in found.episodes if each.author_id == account_id]
    related = [
        *(Related("store", each, "victim") for each in stores[:_SHOWN_MAX]),
        *(Related("account", each, "member") for each in found.accounts[:_SHOWN_MAX] if each != account_id),
        *(Related("review", each.review_id, "reference") for each in own[:_SHOWN_MAX]),
    ]
    return _finding(
        Subject("account", account_id), own, _reasons(found), found.score, related, ring, at, revision, policy
    )


def _review(found: Judged, episode: Episode, ring: str | None, at: datetime, revision: int, policy: Policy) -> Finding:
    related = [Related("store", episode.store_id, "victim"), Related("account", episode.author_id, "member")]
    subject = Subject("review", episode.review_id)
    return _finding(subject, [episode], _reasons(found), found.score, related, ring, at, revision, policy)


def _finding(
    subject: Subject, own: list[Episode], reasons: tuple[Reason, ...], score: float, related: list[Related],
    ring: str | None, at: datetime, revision: int, policy: Policy,
) -> Finding:  # fmt: skip
    return Finding(
        id=finding_id(NAME, subject, own[0].posted_at), at=rfc3339(at), code=NAME, subject=subject, score=score,
        reasons=reasons, related=tuple(related), ring_id=ring, revision=revision, detector=NAME,
        version=f"{VERSION}:{policy.version}", event_ids=tuple(name for each in own for name in each.event_ids)[:60],
    )  # fmt: skip


def _reasons(found: Judged) -> tuple[Reason, ...]:
    sellers = len({each.seller_id for each in found.episodes})
    amount = sum(each.amount for each in found.episodes)
    many = len(found.episodes)
    head: dict[str, Any] = {
        "reviews": many, "sellers": sellers, "amount": amount,
        "message_zh": f"{many} 条差评在收到好处后被删除或改高，涉及 {sellers} 个互不相关的卖家。",
    }  # fmt: skip
    words = (
        f"{many} bad reviews were taken back after a gain, at stores of {sellers} sellers who do not belong together."
    )
    return (Reason(NAME, words, head), *(_episode(each) for each in found.episodes[:_SHOWN_MAX]))


def _episode(each: Episode) -> Reason:
    english, chinese = _GAINS[each.gain]
    first = {"author": "; the author spoke first", "store": "; the store spoke first", "": ""}[each.first]
    values = {
        "review_id": each.review_id, "store_id": each.store_id, "posted_at": rfc3339(each.posted_at),
        "ended_at": rfc3339(each.ended_at), "amount": each.amount, "event_ids": list(each.event_ids),
        "message_zh": f"差评发布后，{chinese}，随后评价被{'删除' if each.how == 'deleted' else '改高'}。",
    }  # fmt: skip
    return Reason(f"reviews.{each.gain}", f"A bad review was {each.how} after {english}{first}.", values)
