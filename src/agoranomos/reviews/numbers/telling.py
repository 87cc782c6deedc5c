"""What is said of virtual numbers: findings about who calls, and the actions that protect whoever reports a store.

No number stands in any of it: ids of orders, stores and events are enough to look.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime, timedelta
from typing import Any, Final

from agoranomos.enforcement.asking import Needs, ask
from agoranomos.kernel.actions import Action
from agoranomos.kernel.actors import Actor
from agoranomos.kernel.calendar import after
from agoranomos.kernel.clock import rfc3339
from agoranomos.kernel.events import Event
from agoranomos.kernel.findings import Finding, Reason, Related, Subject, finding_id
from agoranomos.reviews.numbers.policy import Policy

NAME: Final = "reviews.numbers"
VERSION: Final = "1"
MODEL: Final = Actor("model", NAME)
LATE: Final = "reviews.calls_after_expiry"
UNKNOWN: Final = "reviews.calls_by_unknown"
TRIED: Final = "reviews.number_tried"
KEEPS_CALLING: Final = "reviews.store_keeps_calling"
REPORTED: Final = "reviews.harassment_reported"
BLOCK, EXPIRE = "contact.block", "number.expire"
RELATED_MAX: Final = 50


def reported(event: Event, orders: Iterable[str], policy: Policy, needs: Needs) -> list[Finding | Action]:
    """On a harassment.reported: whoever reports is protected at once, without a question; `orders` are those by whose
    numbers the store could reach them.

    What it costs the store is that it cannot call this one buyer, so that a false report gains nothing. The finding is
    not worth a person's time by itself: see `reviews.pressure` for when it counts.
    """
    data, at = event.data, rfc3339(event.time)
    store = Subject("store", data["store_id"])
    words = "A buyer reports harassment by the store, and is protected from it: its calls are not put through."
    zh = "买家举报店铺骚扰，已为其屏蔽该店铺的来电。"
    related = [Related("account", data["buyer_id"], "victim")]
    if data.get("review_id"):
        related.append(Related("review", data["review_id"], "reference"))
    finding = Finding(
        id=finding_id(REPORTED, store, f"{at} {data['report_id']}"), at=at, code=REPORTED, subject=store,
        score=policy.findings.report_score, reasons=(Reason(REPORTED, words, {"message_zh": zh}),), detector=NAME,
        version=VERSION, related=tuple(related), event_ids=(event.id,),
    )  # fmt: skip
    until = rfc3339(after(event.time, timedelta(days=policy.block_days)))
    block = {"store_id": data["store_id"], "until": until}
    buyer = Subject("account", data["buyer_id"])
    said: list[Finding | Action] = [finding]
    said.append(ask(BLOCK, buyer, block, finding.id, by=MODEL, at=at, needs=needs))
    for order_id in sorted(orders):
        ended = {"store_id": data["store_id"]}
        said.append(ask(EXPIRE, Subject("order", order_id), ended, finding.id, by=MODEL, at=at, needs=needs))
    return said


def found(
    code: str, subject: Subject, began: datetime, revision: int, score: float, reason: Reason, event: Event, *,
    orders: Sequence[str] = (),
) -> Finding:  # fmt: skip
    """A finding about calls; `orders` are those whose numbers were called."""
    return Finding(
        id=finding_id(code, subject, began), at=rfc3339(event.time), code=code, subject=subject, score=score,
        reasons=(reason,), detector=NAME, version=VERSION, revision=revision, event_ids=(event.id,),
        related=tuple(Related("order", each, "victim") for each in orders[:RELATED_MAX]),
    )  # fmt: skip


def many(code: str, numbers: int, bound: int, usual: float, chance: float) -> Reason:
    """Of a store: so many of its orders' numbers are called as they should not be."""
    what, what_zh = (
        ("rung by the store after their end", "在失效后被店铺拨打")
        if code == LATE
        else ("rung by somebody unknown after the goods had come", "在签收后被未知来电拨打")
    )
    words = f"{numbers} of the {bound} numbers of its orders were {what}; {usual:.1%} would be usual."
    evidence: dict[str, Any] = {
        "numbers": numbers, "bound": bound, "usual": round(usual, 5), "chance": float(f"{chance:.3g}"),
        "message_zh": f"该店铺订单的 {bound} 个虚拟号码中有 {numbers} 个{what_zh}，通常比例为 {usual:.1%}。",
    }  # fmt: skip
    return Reason(code, words, evidence)


def tried(calls: int) -> Reason:
    """Of an order: its number is dead, and is tried again and again."""
    words = f"The number of the order is dead, and was tried {calls} times within a day; nobody was put through."
    return Reason(
        TRIED, words, {"calls": calls, "message_zh": f"该订单号码已失效，一天内被拨打 {calls} 次，均未接通。"}
    )


def keeps_calling(calls: int) -> Reason:
    """Of a store: it rings one buyer again and again after the goods have come."""
    words = f"The store rang one buyer {calls} times within three days after the goods had come."
    return Reason(
        KEEPS_CALLING, words, {"calls": calls, "message_zh": f"商品签收后三天内店铺致电同一买家 {calls} 次。"}
    )
