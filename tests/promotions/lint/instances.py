"""Small questions drawn at random, and all their baskets one after the other."""

from __future__ import annotations

import random
from collections.abc import Iterator, Sequence
from fractions import Fraction
from itertools import combinations, product
from typing import Any, Final

from agoranomos.kernel.schema.promotions import Campaign
from agoranomos.promotions.campaigns.stacking import first_parted
from agoranomos.promotions.lint.goods import Listed, listed_goods
from agoranomos.promotions.lint.policy import BasketLimits, load_policy
from agoranomos.promotions.lint.problem import Problem, problem_of
from agoranomos.promotions.pricing.model import Basket, Line, Receipt
from agoranomos.promotions.pricing.pricing import priced
from tests.promotions.making import cny, fixed, make_campaign, percent, points, price

LIMITS: Final = BasketLimits(lines_max=2, pieces_max=3, point_worth=1)


def make_question(seed: int) -> tuple[list[Campaign], list[Listed]]:
    """Two to five campaigns on one to four goods of up to three categories."""
    draw = random.Random(seed)
    count, categories = draw.randrange(2, 6), draw.randrange(1, 4)
    campaigns = [_campaign(draw, f"c{number}", count, categories) for number in range(count)]
    goods = [
        Listed(f"s{number}", draw.randrange(50, 1_500), "CNY", f"k{draw.randrange(categories)}")
        for number in range(draw.randrange(1, 5))
    ]
    return campaigns, goods


def make_problem(campaigns: Sequence[Campaign], listed: Sequence[Listed]) -> Problem:
    """The question for the solver."""
    goods = listed_goods(listed, campaigns, "CNY", load_policy().goods)
    return problem_of(campaigns, goods, "CNY", LIMITS)


def all_receipts(campaigns: Sequence[Campaign], listed: Sequence[Listed]) -> Iterator[Receipt]:
    """Every basket within LIMITS under every set of campaigns that go together."""
    sets = [
        some
        for size in range(1, len(campaigns) + 1)
        for some in combinations(campaigns, size)
        if first_parted(some) is None
    ]
    for size in range(1, LIMITS.lines_max + 1):
        for goods in combinations(listed, size):
            for pieces in product(range(1, LIMITS.pieces_max + 1), repeat=size):
                lines = (Line(each.listing_id, count, each.price, each.category)
                         for each, count in zip(goods, pieces, strict=True))  # fmt: skip
                basket = Basket("CNY", tuple(lines))
                yield from (priced(basket, some) for some in sets)


def ratio(receipt: Receipt) -> Fraction:
    """Paid to face."""
    return Fraction(receipt.paid, receipt.listed)


def _campaign(draw: random.Random, name: str, count: int, categories: int) -> Campaign:
    fields: dict[str, Any] = {}
    kind = draw.random()
    if kind < 0.45:
        cap = draw.choice([100, 300, 800]) if draw.random() < 0.4 else None
        benefit, least = percent(draw.choice([5, 10, 12.5, 20, 30, 50]), cap), draw.choice([0, 0, 300, 1_000, 2_000])
    elif kind < 0.75:
        off = draw.choice([30, 50, 100, 200, 500])
        benefit, least = fixed(off), off * draw.choice([0, 2, 3, 4, 5])
    elif kind < 0.9:
        benefit, least = price(draw.choice([50, 200, 500])), draw.choice([0, 0, 1_000])
    else:
        benefit, least = points(draw.choice([30, 200])), draw.choice([0, 500])
    if least:
        fields["min_spend"] = cny(least)
    if draw.random() < 0.5:
        named = sorted(draw.sample(range(categories), draw.randrange(1, categories + 1)))
        fields["applies_to"] = {"categories": [f"k{number}" for number in named]}
    stacking = draw.random()
    if stacking < 0.15:
        fields["exclusive"] = True
    elif stacking < 0.5:
        fields["stacks_with"] = [f"c{number}" for number in range(count) if draw.random() < 0.6]
    if draw.random() < 0.1:
        fields["order"] = draw.choice([0, 1, 2.5, 5])
    if draw.random() < 0.2:
        fields["funded_by"] = "merchant"
    return make_campaign(name, benefit, **fields)
