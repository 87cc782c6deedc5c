"""A counter-example without what it does not need: people read it."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from fractions import Fraction

from agoranomos.promotions.lint.goods import Good
from agoranomos.promotions.lint.problem import Problem
from agoranomos.promotions.lint.realising import Found, bought
from agoranomos.promotions.pricing.model import Line

Keeps = Callable[[Found], bool]


def shrunk(problem: Problem, found: Found, keeps: Keeps) -> Found:
    """The basket with fewer lines, fewer pieces and lower prices, as long as `keeps` holds of it."""
    place = 0
    while place < len(found.basket.lines):
        fewer = [line for other, line in enumerate(found.basket.lines) if other != place]
        less = _kept(problem, found, fewer, keeps) if fewer else None
        if less is None:
            place += 1
        else:
            found = less
    for each in range(len(found.basket.lines)):
        found = _smaller(problem, found, each, keeps)
    return found


def told(problem: Problem, found: Found) -> Found:
    """A basket of one line for which nothing is paid, at the highest price for which nothing is: ninety yuan for
    nothing say more than a cent.
    """
    if found.receipt.paid or len(found.basket.lines) > 1:
        return found
    (line,) = found.basket.lines
    good, share = _good(problem, line), found.wanted / found.receipt.listed
    low, high = line.price, good.high
    while low < high:
        middle = (low + high + 1) // 2
        dearer = bought(problem, [good.line(line.quantity, middle)], found.campaigns, Fraction(0))
        if dearer.receipt.paid or len(dearer.campaigns) < len(found.campaigns):
            high = middle - 1
        else:
            low = middle
    return bought(problem, [good.line(line.quantity, low)], found.campaigns, share * line.quantity * low)


def _smaller(problem: Problem, found: Found, place: int, keeps: Keeps) -> Found:
    """The line at `place` with as few pieces as do, then as cheap as does: both by halving."""
    line = found.basket.lines[place]
    good = _good(problem, line)

    def best(low: int, high: int, of: Callable[[int], Line]) -> Found | None:
        kept = None
        while low < high:
            middle = (low + high) // 2
            lines = [*found.basket.lines[:place], of(middle), *found.basket.lines[place + 1 :]]
            if (less := _kept(problem, found, lines, keeps)) is None:
                low = middle + 1
            else:
                kept, high = less, middle
        return kept

    found = best(1, line.quantity, lambda pieces: good.line(pieces, line.price)) or found
    pieces = found.basket.lines[place].quantity
    return best(good.low, line.price, lambda price: good.line(pieces, price)) or found


def _kept(problem: Problem, found: Found, lines: Sequence[Line], keeps: Keeps) -> Found | None:
    less = bought(problem, lines, found.campaigns, Fraction(0))
    return less if keeps(less) else None


def _good(problem: Problem, line: Line) -> Good:
    return next(
        good
        for cell in problem.cells
        for good in cell.goods
        if (good.listing_id, good.category) == (line.listing_id, line.category) and good.low <= line.price <= good.high
    )
