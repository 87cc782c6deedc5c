"""An order, as the lives that follow from it know it."""

from __future__ import annotations

import msgspec

from agoranomos.engine.market.people import Buyer
from agoranomos.engine.market.shops import Listing, Store


class Coupon(msgspec.Struct, frozen=True):
    """A coupon in an order: `face_value` in fen."""

    coupon_id: str
    campaign_id: str
    face_value: int


class Order(msgspec.Struct, frozen=True):
    """An order: `total` at list prices and `paid`, in fen; `payee_id` receives its value, "" the buyer or his kin."""

    order_id: str
    buyer: Buyer
    store: Store
    listing: Listing
    quantity: int
    total: int
    paid: int
    coupon: Coupon | None = None
    payee_id: str = ""
