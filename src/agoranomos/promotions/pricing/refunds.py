"""What is paid back when lines of an order come back: never more than was paid."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from fractions import Fraction

from agoranomos.kernel.errors import Invalid
from agoranomos.kernel.schema.promotions import Campaign
from agoranomos.promotions.pricing.model import Basket, Line
from agoranomos.promotions.pricing.pricing import POINT, priced


def refund_due(
    basket: Basket, campaigns: Iterable[Campaign], kept: Sequence[int], *, refunded: int = 0, point: Fraction = POINT
) -> int:
    """What is still to be paid back when of each line so many pieces are `kept`, and `refunded` was paid back before.

    It is what was paid, less what is kept would cost by itself under the same campaigns: who sends back what carried an
    order over the least spending gives the benefit back with it. Raises Invalid for pieces that were not bought.
    """
    given = list(campaigns)
    if len(kept) != len(basket.lines):
        raise Invalid("say of each line how many pieces are kept", pointer="/kept")
    rest = []
    for place, (line, quantity) in enumerate(zip(basket.lines, kept, strict=True)):
        if not 0 <= quantity <= line.quantity:
            raise Invalid("at most what was bought can be kept", pointer=f"/kept/{place}")
        if quantity:
            rest.append(Line(line.listing_id, quantity, line.price, line.category))
    paid = priced(basket, given, point=point).paid
    costs = priced(Basket(basket.currency, tuple(rest)), given, point=point).paid
    return max(0, paid - costs - refunded)
