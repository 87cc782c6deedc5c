"""The question that the solver is asked: campaigns and goods, as whole numbers.

Goods to which the same campaigns apply are one cell: what a benefit takes off depends on the sums of the cells alone.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from fractions import Fraction
from itertools import combinations

import msgspec

from agoranomos.kernel.money import Money
from agoranomos.kernel.schema.promotions import Campaign
from agoranomos.promotions.campaigns.model import position, rate
from agoranomos.promotions.campaigns.stacking import parted
from agoranomos.promotions.lint.goods import Good
from agoranomos.promotions.lint.policy import BasketLimits
from agoranomos.promotions.pricing.pricing import applies


class Terms(msgspec.Struct, frozen=True):
    """A campaign's benefit: `amount` off (fixed, points), `share` of what is left (percent) or each piece for `each`
    (price); at most `cap`, once the list total is `least`. `platform`: the platform pays for it,
    and never more than `budget`.
    """

    campaign: Campaign
    kind: str
    amount: int = 0
    share: Fraction = Fraction(0)
    each: int = 0
    cap: int | None = None
    least: int = 0
    platform: bool = True
    budget: int | None = None

    def most(self, room: int, high: int) -> int:
        """The most that it takes off `room`, in pieces of at most `high`."""
        if self.kind == "percent":
            found = min(room, int(self.share * room))
        elif self.kind == "price":
            found = room * max(0, high - self.each) // high
        else:
            found = min(room, self.amount)
        return found if self.cap is None else min(found, self.cap)


class Cell(msgspec.Struct, frozen=True):
    """Goods to which just the campaigns with the numbers in `by` apply; `most` is as much as one order can hold."""

    by: frozenset[int]
    cash: bool
    goods: tuple[Good, ...]
    low: int
    high: int
    most: int


class Problem(msgspec.Struct, frozen=True):
    """Campaigns in the order in which they apply, pairs of those that are not used together (by number, the lesser
    first), the same as groups of which only one is used, and cells.
    """

    currency: str
    terms: tuple[Terms, ...]
    apart: frozenset[tuple[int, int]]
    groups: tuple[tuple[int, ...], ...]
    cells: tuple[Cell, ...]
    limits: BasketLimits

    def campaigns(self, numbers: Iterable[int]) -> list[Campaign]:
        """Those with these numbers."""
        return [self.terms[number].campaign for number in numbers]

    def number(self, campaign_id: str) -> int:
        """The number of a campaign."""
        return next(number for number, terms in enumerate(self.terms) if terms.campaign.id == campaign_id)

    @property
    def most_listed(self) -> int:
        """More than any order can come to."""
        return max((cell.most for cell in self.cells), default=0) + 1

    @property
    def apart_groups(self) -> list[tuple[int, ...]]:
        """The campaigns, each in one group of which only one is used."""
        free = set(range(len(self.terms)))
        found = []
        for group in sorted(self.groups, key=lambda each: (-len(each), each)):
            if some := tuple(number for number in group if number in free):
                found.append(some)
                free.difference_update(some)
        return found + [(number,) for number in sorted(free)]

    def levels(self, cells: Sequence[Cell]) -> list[int]:
        """The list totals at which something becomes possible: a campaign's least spending, a cell's cheapest piece.
        The greatest first.
        """
        most = max((cell.most for cell in cells), default=0) * self.limits.lines_max
        reached = {terms.least for terms in self.terms} | {cell.low for cell in cells}
        return sorted((level for level in reached if 0 < level <= most), reverse=True)


def problem_of(campaigns: Iterable[Campaign], goods: Iterable[Good], currency: str, limits: BasketLimits) -> Problem:
    """The question about campaigns of one currency that give something, and goods."""
    given = sorted((each for each in campaigns if each.benefit is not None), key=position)
    terms = tuple(_terms(each, limits.point) for each in given)
    apart = frozenset(
        (first, second)
        for second in range(len(given))
        for first in range(second)
        if parted(given[first], given[second]) is not None
    )
    return Problem(
        currency, terms, apart, tuple(_groups(len(given), apart)), tuple(_cells(given, goods, limits)), limits
    )


def _groups(count: int, apart: frozenset[tuple[int, int]]) -> Iterator[tuple[int, ...]]:
    """Sets of campaigns of which each two are apart, so that every pair is in one of them: far fewer than pairs, and
    the solver sees more in them.
    """
    others: list[set[int]] = [set() for _ in range(count)]
    for first, second in apart:
        others[first].add(second)
        others[second].add(first)
    covered: set[tuple[int, int]] = set()
    for first, second in sorted(apart):
        if (first, second) in covered:
            continue
        group, rest = [first, second], others[first] & others[second]
        while rest:
            group.append(best := max(sorted(rest), key=lambda each: len(rest & others[each])))
            rest = rest & others[best]
        group.sort()
        covered.update(combinations(group, 2))
        yield tuple(group)


def _terms(campaign: Campaign, point: Fraction) -> Terms:
    benefit = campaign.benefit
    assert benefit is not None
    number = Fraction(0) if isinstance(benefit.value, Money) else rate(campaign)
    money = benefit.value.amount if isinstance(benefit.value, Money) else 0
    return Terms(
        campaign=campaign,
        kind=benefit.kind,
        amount=money if benefit.kind == "fixed" else int(number * point) if benefit.kind == "points" else 0,
        share=min(Fraction(1), number / 100) if benefit.kind == "percent" else Fraction(0),
        each=money if benefit.kind == "price" else 0,
        cap=benefit.cap.amount if benefit.cap else None,
        least=campaign.min_spend.amount if campaign.min_spend else 0,
        platform=campaign.funded_by != "merchant",
        budget=campaign.budget.amount.amount if campaign.budget and campaign.budget.amount else None,
    )


def _cells(campaigns: Sequence[Campaign], goods: Iterable[Good], limits: BasketLimits) -> list[Cell]:
    found: dict[tuple[frozenset[int], bool], list[Good]] = defaultdict(list)
    for good in goods:
        line = good.line(1, good.low)
        by = frozenset(number for number, campaign in enumerate(campaigns) if applies(campaign, line))
        found[by, good.cash].append(good)
    return [
        Cell(
            by, cash, tuple(alike), min(good.low for good in alike), max(good.high for good in alike),
            limits.lines_max * limits.pieces_max * max(good.high for good in alike),
        )
        for (by, cash), alike in found.items()
    ]  # fmt: skip
