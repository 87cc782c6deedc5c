"""The goods that a basket can be made of: those of a list, or those that the campaigns themselves speak of.

A campaign says which goods it is for (by listing or category) and what they cost. Where no list says more, goods named
by a listing, by a category, and all others are different goods; they cost what the campaigns that name them say, else
anything within the policy. A good is as good as cash when a campaign that is for it says so, or its category does.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from itertools import pairwise
from typing import Final

import msgspec

from agoranomos.kernel.schema.promotions import Campaign
from agoranomos.promotions.lint.policy import Goods as GoodsPolicy
from agoranomos.promotions.pricing.model import Line
from agoranomos.promotions.pricing.pricing import applies

OTHER: Final = "other goods"
PRICE_MAX: Final = 10**10
"""A hundred million yuan: nothing costs more."""
Range = tuple[int, int]


class Good(msgspec.Struct, frozen=True):
    """One kind of goods: pieces at any unit price from `low` to `high` (minor units)."""

    listing_id: str
    category: str | None
    low: int
    high: int
    cash: bool = False

    def line(self, quantity: int, price: int) -> Line:
        """So many pieces at one price."""
        return Line(self.listing_id, quantity, price, self.category)


class Listed(msgspec.Struct, frozen=True):
    """A good of a list: what it costs is known."""

    listing_id: str
    price: int
    currency: str
    category: str | None = None


def listed_goods(
    listed: Iterable[Listed], campaigns: Sequence[Campaign], currency: str, policy: GoodsPolicy
) -> list[Good]:
    """The goods of a list in one currency."""
    return [
        Good(each.listing_id, each.category, each.price, each.price,
             _is_cash(Line(each.listing_id, 1, each.price, each.category), campaigns, policy))
        for each in listed
        if each.currency == currency and each.price > 0
    ]  # fmt: skip


def described_goods(campaigns: Sequence[Campaign], policy: GoodsPolicy) -> list[Good]:
    """The goods that the campaigns speak of, cut where a price decides which of them apply."""
    found: list[Good] = []
    for listing_id, category in _named(campaigns):
        naming = [each for each in campaigns if _names(each, listing_id, category)]
        for low, high in _pieces(_costs(naming, policy), campaigns):
            cash = _is_cash(Line(listing_id, 1, low, category), campaigns, policy)
            found.append(Good(listing_id, category, low, high, cash))
    return found


def _named(campaigns: Sequence[Campaign]) -> list[tuple[str, str | None]]:
    listings: set[str] = set()
    categories: set[str] = set()
    everything = False
    for campaign in campaigns:
        goods = campaign.applies_to
        listings.update((goods and goods.listing_ids) or ())
        categories.update((goods and goods.categories) or ())
        everything |= goods is None or (goods.listing_ids is None and goods.categories is None)
    named: list[tuple[str, str | None]] = [(listing_id, None) for listing_id in sorted(listings)]
    named += [(f"any of {category}", category) for category in sorted(categories)]
    return named + ([(OTHER, None)] if everything else [])


def _names(campaign: Campaign, listing_id: str, category: str | None) -> bool:
    """Whether the campaign speaks of just these goods; of other goods, whether it names none."""
    goods = campaign.applies_to
    if goods is None or (goods.listing_ids is None and goods.categories is None):
        return listing_id == OTHER
    return listing_id in (goods.listing_ids or ()) or (category is not None and category in (goods.categories or ()))


def _costs(naming: Sequence[Campaign], policy: GoodsPolicy) -> list[Range]:
    """What goods cost by the campaigns that name them: all the ranges they state. Anything, when none states one or the
    goods are those that nobody names.
    """
    anything = (policy.price_min, policy.price_max)
    stated = []
    for campaign in naming:
        prices = campaign.applies_to.prices if campaign.applies_to else None
        if prices is not None and (prices.min or prices.max):
            high = prices.max.amount if prices.max else max(policy.price_max, prices.min.amount if prices.min else 0)
            low = max(1, prices.min.amount) if prices.min else min(policy.price_min, high)
            stated.append((low, min(high, PRICE_MAX)))
        elif campaign.applies_to is None or not (campaign.applies_to.listing_ids or campaign.applies_to.categories):
            stated.append(anything)
    return stated or [anything]


def _pieces(ranges: Sequence[Range], campaigns: Sequence[Campaign]) -> list[Range]:
    """The ranges, joined, and cut wherever a campaign's prices begin or end."""
    cuts = set()
    for campaign in campaigns:
        prices = campaign.applies_to.prices if campaign.applies_to else None
        cuts.update([prices.min.amount] if prices and prices.min else [])
        cuts.update([prices.max.amount + 1] if prices and prices.max else [])
    cuts.update(low for low, _ in ranges)
    cuts.update(high + 1 for _, high in ranges)
    edges = sorted(cuts)
    return [
        (low, following - 1)
        for low, following in pairwise(edges)
        if any(first <= low and following - 1 <= last for first, last in ranges)
    ]


def _is_cash(line: Line, campaigns: Sequence[Campaign], policy: GoodsPolicy) -> bool:
    if line.category is not None and line.category.casefold() in policy.cash_equivalent_categories:
        return True
    return any(
        each.applies_to is not None and each.applies_to.cash_equivalent and applies(each, line) for each in campaigns
    )
