"""Who buys what, how it travels, and where the money goes."""

from __future__ import annotations

from typing import Annotated, ClassVar, Literal

import msgspec

from agoranomos.kernel.money import Money
from agoranomos.kernel.schema.base import Body, Id


class OrderLine(msgspec.Struct, frozen=True, kw_only=True):
    """So many of a listing; `price` is the list price of one."""

    listing_id: Id
    quantity: Annotated[int, msgspec.Meta(ge=1)]
    price: Money


class OrderPlaced(Body, frozen=True, kw_only=True):
    """`order.placed`. `payee_id` receives the value of the order, `payer_token` pays, `face_value` is the discount of
    its coupons, `district` the delivery area as the merchant sees it.
    """

    order_id: Id
    buyer_id: Id
    store_id: Id
    lines: tuple[OrderLine, ...]
    paid: Money
    face_value: Money | None = None
    coupon_ids: tuple[Id, ...] = ()
    device_id: Id | None = None
    ip: str | None = None
    district: str | None = None
    recipient_token: str | None = None
    payee_id: Id | None = None
    payer_token: str | None = None


class OrderShipped(Body, frozen=True, kw_only=True):
    """`order.shipped`: the goods left, of this batch."""

    order_id: Id
    batch_id: Id | None = None


class OrderDelivered(Body, frozen=True, kw_only=True):
    """`order.delivered`: the goods arrived."""

    order_id: Id


class OrderRefunded(Body, frozen=True, kw_only=True):
    """`order.refunded`: so much was paid back."""

    order_id: Id
    amount: Money


class ReturnRequested(Body, frozen=True, kw_only=True):
    """`return.requested`: the buyer sends goods back, and why."""

    return_id: Id
    order_id: Id
    reason_code: Literal[
        "suspected_fake", "quality", "not_as_described", "size", "change_of_mind", "damaged", "other"
    ]  # fmt: skip
    listing_id: Id | None = None
    text: str | None = None


class PayoutRequested(Body, frozen=True, kw_only=True):
    """`payout.requested`: a store asks for what it earned."""

    payout_id: Id
    store_id: Id
    amount: Money
    order_ids: tuple[Id, ...] = ()


class PayoutSettled(Body, frozen=True, kw_only=True):
    """`payout.settled`: the store was paid."""

    payout_id: Id


class PaymentMade(Body, frozen=True, kw_only=True):
    """`payment.made`: a red envelope or transfer that the platform sees."""

    to_account_id: Id
    amount: Money
    from_store_id: Id | None = None
    from_account_id: Id | None = None
    note: str | None = None
    either: ClassVar = (("from_store_id", "from_account_id"),)


TYPES: dict[str, type[Body]] = {
    "order.placed": OrderPlaced,
    "order.shipped": OrderShipped,
    "order.delivered": OrderDelivered,
    "order.refunded": OrderRefunded,
    "return.requested": ReturnRequested,
    "payout.requested": PayoutRequested,
    "payout.settled": PayoutSettled,
    "payment.made": PaymentMade,
}
