"""An order as the rooms of goods see it, and how what was paid is laid to its lines."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Protocol

import msgspec

from agoranomos.kernel.schema.orders import OrderPlaced


class Line(msgspec.Struct, frozen=True, kw_only=True):
    """So many of a listing. `paid` is its share of what was paid for the order, in minor units."""

    listing_id: str
    quantity: int
    paid: int


class Order(msgspec.Struct, frozen=True, kw_only=True):
    """An order and how far it came. Amounts are minor units of `currency`.

    `refunded` is what was paid back so far, as events told it. `batch_id`: the batch that it was shipped from.
    """

    order_id: str
    buyer_id: str
    store_id: str
    placed_at: datetime
    currency: str
    paid: int
    lines: tuple[Line, ...]
    coupon_ids: tuple[str, ...] = ()
    shipped: bool = False
    delivered: bool = False
    refunded: int = 0
    batch_id: str | None = None

    def line(self, listing_id: str) -> Line | None:
        """The line of a listing; several of one listing are one."""
        return next((each for each in self.lines if each.listing_id == listing_id), None)


class Trade(Protocol):
    """Where rules look up what was sold."""

    def store_of(self, listing_id: str) -> str | None:
        """The store that offers, or offered, the listing; None when nobody said."""

    def orders_of(self, listing_id: str, since: datetime) -> list[Order]:
        """The orders of the listing placed at `since` or later, in the order of their ids."""

    def listings_of_batch(self, batch_id: str, since: datetime) -> list[str]:
        """The listings of the orders of one listing each, placed at `since` or later, that were shipped from the batch,
        in the order of their ids. In a parcel of several listings nobody says which of them is of the batch.
        """


def order_of(body: OrderPlaced, at: datetime) -> Order:
    """The order that `order.placed` tells of, placed at `at`."""
    quantities: dict[str, int] = {}
    worth: dict[str, int] = {}
    for line in body.lines:
        quantities[line.listing_id] = quantities.get(line.listing_id, 0) + line.quantity
        # Prices in another currency than what was paid cannot be added to it: such an order is shared by pieces.
        amount = line.quantity * max(0, line.price.amount)
        worth[line.listing_id] = worth.get(line.listing_id, 0) + amount
    alike = all(line.price.currency == body.paid.currency for line in body.lines) and any(worth.values())
    weights = worth if alike else quantities
    shares = shared(max(0, body.paid.amount), [weights[each] for each in quantities])
    return Order(
        order_id=body.order_id,
        buyer_id=body.buyer_id,
        store_id=body.store_id,
        placed_at=at,
        currency=body.paid.currency,
        paid=max(0, body.paid.amount),
        lines=tuple(
            Line(listing_id=name, quantity=quantities[name], paid=share)
            for name, share in zip(quantities, shares, strict=True)
        ),
        coupon_ids=body.coupon_ids,
    )


def shared(amount: int, weights: Sequence[int]) -> list[int]:
    """`amount` (0 or more) in whole parts in proportion to `weights`, which add up to it exactly.

    By largest remainders (Hamilton's method); of equal remainders the earlier comes first. Discounts of the order,
    coupons among them, are so borne by all lines alike.
    """
    total = sum(weights)
    if total == 0:
        return shared(amount, [1] * len(weights)) if weights else []
    parts = [amount * weight // total for weight in weights]
    remainders = [amount * weight % total for weight in weights]
    left = amount - sum(parts)
    for place in sorted(range(len(weights)), key=lambda each: (-remainders[each], each))[:left]:
        parts[place] += 1
    return parts
