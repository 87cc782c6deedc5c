"""What an order had to pay under its coupons, by the function that prices at redemption."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import msgspec

from agoranomos.kernel.errors import AgoranomosError
from agoranomos.kernel.money import Money
from agoranomos.kernel.schema.orders import OrderLine
from agoranomos.kernel.schema.promotions import Campaign
from agoranomos.promotions.pricing.model import Basket, Line, Receipt
from agoranomos.promotions.pricing.pricing import priced


class Bought(msgspec.Struct, frozen=True):
    """An order as far as its coupons go: list total, what was paid (minor units), and the lines, if they are known."""

    currency: str
    listed: int
    paid: int
    lines: tuple[OrderLine, ...] = ()

    @property
    def taken(self) -> int:
        """What was taken off the list total."""
        return max(0, self.listed - self.paid)


def bought(lines: Sequence[OrderLine], paid: Money) -> Bought | None:
    """The order of `lines`; None where its amounts make no sense."""
    listed = sum(line.price.amount * line.quantity for line in lines)
    if any(line.price.currency != paid.currency for line in lines) or listed <= 0 or paid.amount < 0:
        return None
    return Bought(paid.currency, listed, paid.amount, tuple(lines))


def lines_in(data: dict[str, Any]) -> tuple[OrderLine, ...]:
    """The lines that a marketplace gives along with a coupon; none where they are left out or of another form."""
    try:
        return msgspec.convert(data.get("lines") or (), tuple[OrderLine, ...])
    except (msgspec.ValidationError, AgoranomosError):
        return ()


def due(order: Bought, campaigns: Sequence[Campaign]) -> Receipt | None:
    """The receipt of the order, in favour of the buyer: categories are taken as fitting, since nobody says them here.

    None where it cannot be said: no lines, or campaigns that are not used together.
    """
    if not order.lines or len({each.id for each in campaigns}) < len(campaigns):
        return None
    lines = tuple(Line(each.listing_id, each.quantity, each.price.amount) for each in order.lines)
    try:
        return priced(Basket(order.currency, lines), [_fitting(each) for each in campaigns])
    except AgoranomosError:
        return None


def _fitting(campaign: Campaign) -> Campaign:
    goods = campaign.applies_to
    if goods is None or goods.categories is None:
        return campaign
    return msgspec.structs.replace(
        campaign, applies_to=msgspec.structs.replace(goods, categories=None, listing_ids=None)
    )
