"""Real baskets for what the solver had in mind, priced by the function that prices at redemption."""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Iterable, Iterator, Mapping, Sequence
from fractions import Fraction
from heapq import nsmallest
from itertools import product
from typing import Final

import msgspec

from agoranomos.kernel.schema.promotions import Campaign
from agoranomos.promotions.lint.goods import Good
from agoranomos.promotions.lint.problem import Cell, Problem
from agoranomos.promotions.pricing.model import Basket, Line, Receipt
from agoranomos.promotions.pricing.pricing import priced

_NEAR: Final = 8
"""Ways in which each cell is tried to be filled, below and above what was asked for."""
_MIXED_MAX: Final = 30
"""Mixtures of cells that are tried: those that come nearest to the level."""
_ROUGHLY: Final = 2.0
_FINE_ENOUGH: Final = 10_000
"""A list total at which rounding is a ten-thousandth at most."""
_PAIRS_OF_MAX: Final = 400
"""Goods of one cell of which pairs are tried."""


class Found(msgspec.Struct, frozen=True):
    """A basket with its receipt, and what its lines are to bring at least (a sum of weights times list prices)."""

    basket: Basket
    receipt: Receipt
    campaigns: tuple[Campaign, ...]
    wanted: Fraction

    @property
    def ratio(self) -> Fraction:
        """Paid to face."""
        return Fraction(self.receipt.paid, self.receipt.listed)

    @property
    def under(self) -> Fraction:
        """How much less is paid than wanted, in parts of the list total; below zero when it is."""
        return (self.receipt.paid - self.wanted) / self.receipt.listed


def realised(
    problem: Problem, used: Iterable[int], amounts: Mapping[int, float], level: int, weights: Mapping[int, Fraction], *,
    pairs: bool = True,
) -> Found | None:  # fmt: skip
    """The worst real basket of about `amounts` (by cell) and at least `level` altogether, under the campaigns `used`;
    None when goods cannot be put together so.
    """
    campaigns = tuple(problem.campaigns(sorted(used)))
    best: Found | None = None
    for filled in _all_fillings(problem, amounts, level, pairs=pairs):
        lines = tuple(line for _, some in filled for line in some)
        if not lines or len(lines) > problem.limits.lines_max:
            continue
        wanted = sum((weights[k] * sum(line.listed for line in some) for k, some in filled), Fraction(0))
        found = bought(problem, lines, campaigns, wanted)
        if best is None or found.under < best.under:
            best = found
    return best


def bought(problem: Problem, lines: Sequence[Line], campaigns: Sequence[Campaign], wanted: Fraction) -> Found:
    """The basket of `lines`, priced; campaigns that give nothing are left out."""
    basket = Basket(problem.currency, tuple(lines))
    receipt = priced(basket, campaigns, point=problem.limits.point)
    giving = {step.campaign_id for step in receipt.steps if step.taken}
    kept = tuple(each for each in campaigns if each.id in giving)
    if len(kept) < len(receipt.steps):
        receipt = priced(basket, kept, point=problem.limits.point)
    return Found(basket, receipt, kept, wanted)


def _all_fillings(
    problem: Problem, amounts: Mapping[int, float], level: int, *, pairs: bool
) -> Iterator[tuple[tuple[int, tuple[Line, ...]], ...]]:
    """Ways to fill the cells; also each of them alone, and without those of which less than half a piece was asked."""
    yield from _fillings(problem, amounts, level, pairs=pairs)
    if pairs and len(amounts) > 1:
        yield from _nearest(problem, amounts, level)
    if len(amounts) > 1:  # as good, more often than not, and it comes out exactly
        yield from (way for k in amounts for way in _fillings(problem, {k: float(level)}, level, pairs=pairs))
    some = {k: amount for k, amount in amounts.items() if 2 * amount >= problem.cells[k].low}
    most = max(amounts, key=lambda k: amounts[k])
    if level < _FINE_ENOUGH:  # rounding hides what a benefit takes of a few minor units
        factor = _FINE_ENOUGH / level
        larger = {k: min(amount * factor, problem.cells[k].most) for k, amount in amounts.items()}
        yield from _fillings(problem, larger, _FINE_ENOUGH, pairs=False)
    if some and some != amounts:
        rest = level - sum(some.values())
        yield from _fillings(problem, {k: a + rest * (k == most) for k, a in some.items()}, level, pairs=pairs)


def _fillings(
    problem: Problem, amounts: Mapping[int, float], level: int, *, pairs: bool
) -> Iterator[tuple[tuple[int, tuple[Line, ...]], ...]]:
    ways = {k: list(_ways(problem.cells[k], amount, problem)) for k, amount in amounts.items()}
    mixed = product(*([(k, way) for way in found] for k, found in ways.items()))
    if len(amounts) == 1:
        yield from mixed
    else:
        able = ((sum(line.listed for _, some in way for line in some), way) for way in mixed)
        enough = (each for each in able if each[0] >= level)
        yield from (way for _, way in nsmallest(_MIXED_MAX, enough, key=lambda each: each[0]))
    if len(amounts) == 1:
        (k,) = amounts
        if pairs and problem.limits.lines_max > 1:
            yield from (((k, pair),) for pair in _pairs(problem.cells[k], level, problem.limits.pieces_max))


def _nearest(
    problem: Problem, amounts: Mapping[int, float], level: int
) -> Iterator[tuple[tuple[int, tuple[Line, ...]], ...]]:
    """A line of each cell, of roughly what was asked of it, such that all come to `level` as nearly as can be."""
    *rest, one, other = sorted(amounts, key=lambda k: amounts[k])
    few = product(*([(k, way) for way in _ways(problem.cells[k], amounts[k], problem)] for k in rest))
    firsts, seconds = (_lines(problem, k, amounts[k]) for k in (one, other))
    sums = [line.listed for line in seconds]
    found = []
    for some in few:
        before = sum(line.listed for _, way in some for line in way)
        for line in firsts:
            place = bisect_left(sums, level - before - line.listed)
            if place < len(seconds):
                total = before + line.listed + sums[place]
                found.append((total, (*some, (one, (line,)), (other, (seconds[place],)))))
    yield from (way for _, way in nsmallest(_MIXED_MAX, found, key=lambda each: each[0]))


def _lines(problem: Problem, k: int, amount: float) -> list[Line]:
    """Single lines of a cell between half and twice an amount, from the least on."""
    least, most = amount / _ROUGHLY, amount * _ROUGHLY
    found: dict[int, Line] = {}
    for good in problem.cells[k].goods[:_PAIRS_OF_MAX]:
        for quantity in range(1, problem.limits.pieces_max + 1):
            for price in (good.low, good.high):
                if least <= quantity * price <= most:
                    found.setdefault(quantity * price, good.line(quantity, price))
    return [found[listed] for listed in sorted(found)]


def _ways(cell: Cell, amount: float, problem: Problem) -> Iterator[tuple[Line, ...]]:
    """Single lines of a cell that come to about `amount`: those just above and just below it."""
    pieces_max = problem.limits.pieces_max
    found: dict[int, Line] = {}
    for good in cell.goods:
        for quantity, price in _about(good, amount, pieces_max):
            found.setdefault(quantity * price, good.line(quantity, price))
    sums = sorted(found)
    middle = bisect_left(sums, amount)
    for place in range(max(0, middle - _NEAR), min(len(sums), middle + _NEAR)):
        yield (found[sums[place]],)
    if middle > len(sums) - 1 and cell.most >= amount:
        best = max(cell.goods, key=lambda good: good.high)
        yield (best.line(pieces_max, best.high),)


def _about(good: Good, amount: float, pieces_max: int) -> Iterator[tuple[int, int]]:
    """Pieces and price of a good that come to about `amount`."""
    least = max(1, min(pieces_max, -(-int(amount) // good.high)))
    most = max(1, min(pieces_max, int(amount) // good.low + 1))
    for quantity in {least, least + 1, most, most - 1}:
        if not 1 <= quantity <= pieces_max:
            continue
        exact = -(-round(amount) // quantity)
        for price in {min(max(exact, good.low), good.high), good.high, good.low}:
            yield quantity, price


def _pairs(cell: Cell, level: int, pieces_max: int) -> Iterator[tuple[Line, ...]]:
    """Two lines of goods with fixed prices that come to `level` as nearly as can be, from above."""
    lines = [
        good.line(quantity, good.low)
        for good in cell.goods[:_PAIRS_OF_MAX]
        if good.low == good.high
        for quantity in range(1, pieces_max + 1)
    ]
    lines.sort(key=lambda line: line.listed)
    sums = [line.listed for line in lines]
    pairs = []
    for line in lines:
        place = bisect_left(sums, level - line.listed)
        if 0 <= place < len(lines) and lines[place].listing_id != line.listing_id:
            pairs.append((line.listed + sums[place], line, lines[place]))
    for _, one, other in sorted(pairs, key=lambda pair: pair[0])[:_NEAR]:
        yield (one, other)
