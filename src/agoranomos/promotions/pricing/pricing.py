"""The price of an order under campaigns: one function, for redemption and for the lint before launch.

- `min_spend` tests the list total of the order, before any benefit.
- Benefits apply one after the other: price, percent, fixed, points, unless `order` says otherwise; equals by id. Each
  looks at what is left to pay for the goods that it applies to.
- price: each piece costs `value` instead of what is left of it, if that is more. percent: so much of what is left.
  fixed: `value`. points: `value` points, each worth `POINT` minor units. Never more than is left, nor than `cap`.
- Rounding: a benefit is rounded down to a whole minor unit, once for the order.
- A benefit is shared among its lines in proportion to what each could give, rounded down from the first line on, each
  time of what is left over of both; the last line takes the rest. So the shares are whole and add up.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from fractions import Fraction
from typing import Final

from agoranomos.kernel.errors import Conflict
from agoranomos.kernel.money import Money
from agoranomos.kernel.schema.promotions import Campaign
from agoranomos.promotions.campaigns.model import currency_of, position, rate
from agoranomos.promotions.campaigns.stacking import Parting, first_parted
from agoranomos.promotions.pricing.model import Basket, Line, Receipt, Step, Unused

POINT: Final = Fraction(1)
"""Minor units that a point is worth when nobody says otherwise: a hundred points are a yuan, as is usual."""

_WHY: Final[dict[Parting, str]] = {
    "exclusive": "one of them excludes all others",
    "stacks_with": "one of them does not name the other in stacks_with",
    "currency": "they are in different currencies",
    "time": "they are never live at the same time",
}


def priced(basket: Basket, campaigns: Iterable[Campaign], *, point: Fraction = POINT) -> Receipt:
    """The receipt of `basket` under all of `campaigns`, each once, in their own order whatever the order given.

    A campaign that gives nothing here is in `unused` and changes nothing. Raises Conflict for two that are not used
    together. Whether they are live, and within budgets and caps, is for the caller to know.
    """
    given = list({campaign.id: campaign for campaign in campaigns}.values())
    if clash := first_parted(given):
        one, other, parting = clash
        raise Conflict(f"{one.id} and {other.id} are not used together: {_WHY[parting]}")
    unused = {campaign.id: why for campaign in given if (why := unusable(basket, campaign)) is not None}
    left = [line.listed for line in basket.lines]
    steps = []
    for campaign in sorted((each for each in given if each.id not in unused), key=position):
        by_line = _taken(campaign, basket.lines, left, point)
        assert campaign.benefit is not None
        steps.append(Step(campaign.id, campaign.benefit.kind, sum(left), sum(by_line), by_line))
        left = [rest - taken for rest, taken in zip(left, by_line, strict=True)]
    return Receipt(basket.currency, basket.listed, tuple(steps), sum(left), tuple(left), tuple(sorted(unused.items())))


def unusable(basket: Basket, campaign: Campaign) -> Unused | None:
    """Why `campaign` gives nothing for `basket`; None when it may give something."""
    if campaign.benefit is None:
        return "no_benefit"
    currency = currency_of(campaign)
    if currency is not None and currency != basket.currency:
        return "currency"
    if not any(applies(campaign, line) for line in basket.lines):
        return "no_goods"
    if campaign.min_spend is not None and basket.listed < campaign.min_spend.amount:
        return "below_min_spend"
    return None


def applies(campaign: Campaign, line: Line) -> bool:
    """Whether the line is of the campaign's goods: named by id or by category, and in its range of prices."""
    goods = campaign.applies_to
    if goods is None:
        return True
    if goods.listing_ids is not None or goods.categories is not None:
        by_id = line.listing_id in (goods.listing_ids or ())
        if not by_id and line.category not in (goods.categories or ()):
            return False
    low, high = (goods.prices.min, goods.prices.max) if goods.prices else (None, None)
    return (low is None or low.amount <= line.price) and (high is None or line.price <= high.amount)


def _taken(campaign: Campaign, lines: Sequence[Line], left: Sequence[int], point: Fraction) -> tuple[int, ...]:
    """What the benefit takes off each line, of which `left` is left to pay."""
    benefit = campaign.benefit
    assert benefit is not None
    room = [rest if applies(campaign, line) else 0 for line, rest in zip(lines, left, strict=True)]
    if benefit.kind == "price":
        assert isinstance(benefit.value, Money)
        each = benefit.value.amount
        room = [max(0, rest - line.quantity * each) for line, rest in zip(lines, room, strict=True)]
    whole = sum(room)
    most = whole if benefit.cap is None else min(whole, benefit.cap.amount)
    if isinstance(benefit.value, Money):
        wanted = whole if benefit.kind == "price" else benefit.value.amount
    else:
        wanted = int(rate(campaign) * (Fraction(whole, 100) if benefit.kind == "percent" else point))
    return shared(min(wanted, most), room)


def shared(amount: int, room: Sequence[int]) -> tuple[int, ...]:
    """`amount` in whole parts, in proportion to `room`, none above its room: 0 <= amount <= sum of room."""
    assert 0 <= amount <= sum(room)
    parts, over = [], sum(room)
    for each in room:
        part = amount * each // over if over else 0
        parts.append(part)
        amount, over = amount - part, over - each
    return tuple(parts)
