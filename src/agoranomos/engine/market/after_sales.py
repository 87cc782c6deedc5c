"""What comes after an order: refunds, returns, complaints, a word between buyer and store."""

from __future__ import annotations

from itertools import accumulate
from typing import Any, Final

from agoranomos.engine.market import texts
from agoranomos.engine.market.lives import Life, cny, say
from agoranomos.engine.market.rhythm import DAY, HOUR, MINUTE, at_work
from agoranomos.engine.market.streams import Stream
from agoranomos.engine.market.trade import Order
from agoranomos.engine.market.world import World

_RETURNED: Final = {"clothing": 0.11, "shoes": 0.10, "bags": 0.06, "electronics": 0.05}
_RETURNED_OTHERWISE: Final = 0.03
_REASONS: Final = {
    "size": 0.30, "change_of_mind": 0.26, "quality": 0.17, "not_as_described": 0.12, "damaged": 0.08, "other": 0.0698,
    "suspected_fake": 0.0002,
}  # fmt: skip
"""Of returns; about two in 10,000 say that the goods are fake, as one large marketplace published."""
_REASON_CODES: Final = tuple(_REASONS)
_REASON_WEIGHTS: Final = tuple(accumulate(_REASONS.values()))
_COMPLAINED: Final = 0.008
_CHATTED: Final = 0.06
_CHANNELS: Final = ("phone", "chat", "chat", "text")


def refund(stream: Stream, order: Order, at: int) -> Life:
    """`order.refunded` in full; a coupon that was in it comes back."""
    yield say(stream, at, "order.refunded", {"order_id": order.order_id, "amount": cny(order.paid)})
    if order.coupon is not None:
        data = {
            "coupon_id": order.coupon.coupon_id,
            "campaign_id": order.coupon.campaign_id,
            "account_id": order.buyer.account_id,
            "order_id": order.order_id,
        }
        yield say(stream, at + stream.between(200, 3_000), "coupon.refunded", data)


def aftermath(world: World, stream: Stream, order: Order, delivered: int) -> Life:
    """What may follow on delivery, each on its own."""
    if stream.random() < _RETURNED.get(order.listing.category.code, _RETURNED_OTHERWISE):
        yield return_life(stream.child("return"), order, delivered)
    if stream.random() < _COMPLAINED:
        yield complaint_life(world, stream.child("complaint"), order, delivered)
    if stream.random() < _CHATTED:
        yield _chat(stream.child("chat"), order, delivered)


def return_life(stream: Stream, order: Order, delivered: int, reason: str = "") -> Life:
    """A return is asked for and mostly ends in a refund."""
    at = delivered + HOUR + int(stream.exponential(2.0) * DAY)
    reason = reason or stream.pick(_REASON_CODES, _REASON_WEIGHTS)
    data: dict[str, Any] = {
        "return_id": stream.token("z"),
        "order_id": order.order_id,
        "reason_code": reason,
        "listing_id": order.listing.listing_id,
    }
    if stream.chance(0.5):
        data["text"] = texts.return_text(stream, reason)
    yield say(stream, at, "return.requested", data)
    if stream.chance(0.9):
        yield from refund(stream, order, at_work(at + stream.between(DAY, 7 * DAY)))


def complaint_life(world: World, stream: Stream, order: Order, delivered: int) -> Life:
    """A complaint; a clerk looks the buyer up to answer it."""
    at = delivered + int(stream.exponential(2.0) * DAY)
    data = {
        "complaint_id": stream.token("q"),
        "channel": stream.choice(_CHANNELS),
        "text": texts.complaint_text(stream),
        "buyer_id": order.buyer.account_id,
        "order_id": order.order_id,
        "listing_id": order.listing.listing_id,
        "store_id": order.store.store_id,
    }
    yield say(stream, at, "complaint.filed", data)
    clerk = world.clerk(stream)
    answered = at_work(at + stream.between(5 * MINUTE, 10 * HOUR))
    read = {
        "principal_id": clerk,
        "principal_kind": "staff",
        "endpoint": "/service/buyers",
        "subject_ids": [order.buyer.account_id],
        "fields": ["phone", "recipient"],
        "purpose": "complaint",
        "status": 200,
    }
    yield say(stream, answered, "data.read", read)


def _chat(stream: Stream, order: Order, delivered: int) -> Life:
    """The buyer asks, the store answers."""
    at = delivered + int(stream.exponential(1.5) * DAY)
    data = {
        "store_id": order.store.store_id,
        "channel": "message",
        "direction": "to_store",
        "order_id": order.order_id,
        "account_id": order.buyer.account_id,
        "text": texts.question(stream),
    }
    yield say(stream, at, "contact.made", data)
    data = {**data, "direction": "to_buyer", "text": texts.answer(stream)}
    yield say(stream, at + MINUTE + int(stream.exponential(1.0) * HOUR), "contact.made", data)
