"""The finding that says what buyers say: the rate beside what is usual, since when, and their own words."""

from __future__ import annotations

from datetime import datetime
from typing import Final, Literal

from agoranomos.goods.complaints.rates import Settings, Usual, expected
from agoranomos.goods.complaints.tallies import Opinion, Tally, Voice, date_of
from agoranomos.goods.complaints.vocabulary import shipped_codes
from agoranomos.goods.evidence.model import WEIGHT_MAX, Weight
from agoranomos.kernel.findings import Finding, Reason, Related, Subject, finding_id

CODE: Final = "goods.complaints_say_fake"
QUOTES_MAX: Final = 5
EVENTS_MAX: Final = 20
MEMBERS_MAX: Final = 10
BUYERS_WEIGHED_MIN: Final = 2
"""One angry buyer is no evidence."""
_REASON_GIVEN: Final = "gives a suspected fake as its reason", "以疑似假货为由"


def finding_of(
    subject: Subject, tally: Tally, opinion: Opinion, about: Usual, settings: Settings,
    *, at: str, began_at: str, revision: int, version: str, members: tuple[str, ...] = (),
) -> Finding:  # fmt: skip
    """The finding on `subject`; `members` are the listings of a store that are spoken of most."""
    latest = sorted(tally.voices.values(), key=lambda voice: (voice.day, voice.event_id))[-EVENTS_MAX:]
    related = [Related("listing", member, "member") for member in members[:MEMBERS_MAX]]
    if subject.kind == "listing" and tally.store_id:
        related.append(Related("store", tally.store_id, "tie"))
    return Finding(
        id=finding_id(CODE, subject, began_at),
        at=at,
        code=CODE,
        subject=subject,
        score=opinion.score,
        reasons=(_rate(opinion, about, settings), *_since(opinion), *(_quoted(voice) for voice in _surest(tally))),
        detector=CODE,
        version=version,
        related=tuple(related),
        revision=revision,
        event_ids=tuple(dict.fromkeys(voice.event_id for voice in latest)),
    )


def weight_of(subject: Subject, tally: Tally, opinion: Opinion, at: datetime) -> Weight:
    """What the voices on `subject` weigh beside other evidence; one voice alone, and none, weighs nothing."""
    heard = opinion.people >= BUYERS_WEIGHED_MIN
    return Weight(
        subject=subject,
        source="complaints",
        code=CODE,
        weight=max(-WEIGHT_MAX, min(WEIGHT_MAX, opinion.weight)) if heard else 0.0,
        message=f"{opinion.people} buyers say or suspect that the goods are fake, on {opinion.orders:,.0f} orders.",
        message_zh=f"{opinion.orders:,.0f} 单中有 {opinion.people} 位买家称或怀疑是假货。",
        at=at,
        store_id=tally.store_id if subject.kind == "listing" else "",
        category=tally.category,
    )


def _rate(opinion: Opinion, about: Usual, settings: Settings) -> Reason:
    share = expected(opinion.accusers, max(opinion.orders, opinion.accusers), about, opinion.score, settings)
    return Reason(
        "goods.complaints_rate",
        f"{opinion.people} buyers say or suspect that the goods are fake, on {opinion.orders:,.0f} orders; "
        f"{share:.2%} after shrinkage, where {about.share:.2%} is usual.",
        {
            "weight": opinion.weight,
            "buyers": opinion.people,
            "buyers_by_certainty": opinion.accusers,
            "orders": opinion.orders,
            "share_shrunk": round(share, 6),
            "share_usual": round(about.share, 6),
            "usual_worth_orders": round(about.orders, 1),
            "message_zh": (
                f"{opinion.orders:,.0f} 单中有 {opinion.people} 位买家称或怀疑是假货；"
                f"收缩后为 {share:.2%}，通常为 {about.share:.2%}。"
            ),
        },
    )


def _since(opinion: Opinion) -> tuple[Reason, ...]:
    since = opinion.since
    if since is None:
        return ()
    day = date_of(since.first_day).isoformat()
    said = f"{since.people} of them since {day}, on {since.orders:,.0f} orders."
    values = {
        "since": day, "weight": round(since.weight, 3), "buyers": since.people, "orders": since.orders,
        "message_zh": f"其中 {since.people} 位自 {day} 起提出，同期订单 {since.orders:,.0f} 单。",
    }  # fmt: skip
    return (Reason("goods.complaints_burst", said, values),)


def _surest(tally: Tally) -> list[Voice]:
    return sorted(tally.voices.values(), key=lambda voice: (-voice.score, voice.day, voice.event_id))[:QUOTES_MAX]


_WHERE: Final[dict[Literal["complaint", "return", "review"], tuple[str, str]]] = {
    "complaint": ("A complaint", "一条投诉"), "return": ("A return", "一次退货"), "review": ("A review", "一条评价"),
}  # fmt: skip


def _quoted(voice: Voice) -> Reason:
    known = shipped_codes().code.get(voice.code)
    means, means_zh = (known.means, known.means_zh) if known else _REASON_GIVEN
    english, chinese = _WHERE[voice.kind]
    words = f": “{voice.quote}”" if voice.quote else ""
    words_zh = f"：“{voice.quote}”" if voice.quote else ""
    return Reason(
        f"goods.complaint_{voice.code}",
        f"{english} {means}{words}.",
        {
            "quote": voice.quote,
            "score": voice.score,
            "event_id": voice.event_id,
            "day": date_of(voice.day).isoformat(),
            "message_zh": f"{chinese}{means_zh}{words_zh}。",
        },
    )
