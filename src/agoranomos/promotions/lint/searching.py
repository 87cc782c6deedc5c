"""The worst basket: real ones found, and a bound below which none can be."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from fractions import Fraction
from math import isqrt
from typing import Final

import msgspec

from agoranomos.promotions.lint.bounding import rest_at
from agoranomos.promotions.lint.problem import Problem
from agoranomos.promotions.lint.realising import Found, bought, realised
from agoranomos.promotions.lint.solving import Answer, Asked, Effort, bound_at, exact_below
from agoranomos.promotions.pricing.model import Line

GOODS_EXACT_MAX: Final = 100
"""Of more goods than these, that are cheap enough, the exact model is not asked: it would not come to an end."""


_PARTS: Final = 10_000
_NARROW: Final = (2_001, 2_000)
"""Totals that differ by less are not looked at apart: a tenth of the policy's gap is as much."""
_SECONDS: Final = (0.1, *[0.3] * 7, *[1.0] * 2, None)
"""How long each level is looked at in turn: a better basket found at one closes others."""


_TRIMMED: Final = 3
"""In these turns it is asked what of a level is sure: later it is known."""
_SPANS_MAX: Final = 16
_EXACT: Final = (0, 1, 2, len(_SECONDS) - 1)
"""The turns after which real goods are asked for: often enough, and each time it may take long."""


class Span(msgspec.Struct, frozen=True):
    """List totals from `level` to below `until` (None: as much as there is), and that nothing is below `reached`."""

    reached: Fraction
    level: int
    until: int | None

    def at(self, reached: Fraction) -> Span:
        """The same, of which more is known."""
        return Span(max(reached, self.reached), self.level, self.until)

    def without_sure(self, problem: Problem, cells: Sequence[int], needed: Fraction) -> Span:
        """The same without its upper part, where at least `needed` is paid for sure."""
        able = [number for number, terms in enumerate(problem.terms) if terms.least <= self.level]
        below, sure = self.level, self.until
        above = 2 * self.level if sure is None else sure - 1
        while sure is None and above < problem.most_listed and rest_at(problem, above, able, cells) < needed:
            below, above = above, 2 * above
        if rest_at(problem, above, able, cells) < needed:
            return self
        while above * _NARROW[1] > below * _NARROW[0] and above - below > 1:
            middle = isqrt(below * above)
            if not below < middle < above:
                break
            if rest_at(problem, middle, able, cells) < needed:
                below = middle
            else:
                above = middle
        return Span(self.reached, self.level, above)

    def parts(self) -> list[Span]:
        """Two halves: what a basket of the upper one is shrunk by is less, and the model nearer to real pieces."""
        until = 2 * self.level if self.until is None else self.until
        middle = isqrt(self.level * until)
        if until * _NARROW[1] <= self.level * _NARROW[0] or not self.level < middle < until:
            return [self]
        return [Span(self.reached, self.level, middle), Span(self.reached, middle, self.until)]


class Lowest(msgspec.Struct, frozen=True):
    """The worst basket found, if any benefit applies at all, and that no basket has a ratio below `bound`."""

    found: Found | None
    bound: Fraction
    proven: bool


def lowest(problem: Problem, cells: Iterable[int], gap: Fraction, effort: Effort) -> Lowest:
    """The basket of `cells` with the lowest paid-to-face ratio; proven when no other is lower by more than `gap`."""
    numbers = tuple(cells)
    best = _guessed(problem, numbers)
    levels = problem.levels([problem.cells[k] for k in numbers])
    open_levels = [Span(Fraction(0), level, until) for level, until in zip(levels, [None, *levels], strict=False)]
    for turn, seconds in enumerate(_SECONDS):
        if turn and effort.left <= 0:
            break
        still: list[Span] = []
        for span in open_levels:
            if _ratio(best) <= gap or span.reached >= _ratio(best) - gap:
                continue  # it cannot be lower than nothing
            ratio = _rounded(_ratio(best))
            asked = Asked(dict.fromkeys(numbers, ratio), gap)
            answer = bound_at(problem, span.level, asked, effort, until=span.until, seconds_max=seconds)
            if answer.amounts:
                best = _better(best, realised(problem, answer.used, answer.amounts, span.level, asked.weights))
            if answer.under < 0:
                known = span.at(ratio + answer.under)
                if turn < _TRIMMED:
                    known = known.without_sure(problem, numbers, _ratio(best) - gap)
                still += known.parts() if answer.amounts and len(still) < _SPANS_MAX else [known]
        open_levels = still
        if turn in _EXACT:
            best, open_levels = _few_exactly(problem, numbers, best, still, gap, effort, seconds)
    ratio = _ratio(best)
    open_levels = [span for span in open_levels if span.reached < ratio - gap]
    bound = min((span.reached for span in open_levels), default=max(Fraction(0), ratio - gap))
    return Lowest(best, min(bound, ratio), not open_levels)


def violations(
    problem: Problem, weights: Mapping[int, Fraction], must: frozenset[int], effort: Effort, *, most: int,
    never: Iterable[frozenset[int]] = (),
) -> tuple[list[Found], bool]:  # fmt: skip
    """Baskets that bring less than their weights, of different combinations of campaigns: each is a least one, without
    any campaign that is not needed for it, and none holds another or any set of `never`. At most `most`; and whether
    there are no more.
    """
    found: list[Found] = []
    refused = list(never)
    levels = problem.levels([problem.cells[k] for k in weights])
    whole = True
    for level in levels:
        while len(found) < most:
            asked = Asked(weights, Fraction(0), must, tuple(refused))
            answer = bound_at(problem, level, asked, effort)
            real = None
            if answer.amounts:
                real = realised(problem, answer.used, answer.amounts, level, weights)
            if real is None or real.under >= 0:
                if answer.under < 0:
                    real = _exact_violation(problem, level, asked, effort)
                    whole &= real is not None or _few(problem, weights)
                if real is None:
                    break
            least = fewest(problem, real, must)
            found.append(least)
            refused.append(frozenset(problem.number(each.id) for each in least.campaigns))
    return found, whole and len(found) < most


def fewest(problem: Problem, found: Found, must: Iterable[int] = ()) -> Found:
    """The same basket without the campaigns that it does not need to stay below what is wanted."""
    kept = {problem.terms[number].campaign.id for number in must}
    taken = {step.campaign_id: step.taken for step in found.receipt.steps}
    for campaign in sorted(found.campaigns, key=lambda each: (taken[each.id], each.id)):
        if campaign.id in kept or len(found.campaigns) == 1:
            continue
        without = [each for each in found.campaigns if each.id != campaign.id]
        less = bought(problem, found.basket.lines, without, found.wanted)
        if less.under < 0:
            found = less
    return found


def _ratio(best: Found | None) -> Fraction:
    return Fraction(1) if best is None else best.ratio


def _rounded(ratio: Fraction) -> Fraction:
    """`ratio`, or a little more with a small denominator: coefficients stay small."""
    return Fraction(-(-ratio.numerator * _PARTS // ratio.denominator), _PARTS)


def _better(best: Found | None, other: Found | None) -> Found | None:
    if other is None or not other.receipt.steps:
        return best
    return other if best is None or other.ratio < best.ratio else best


def _few(problem: Problem, cells: Iterable[int], until: int | None = None) -> bool:
    """Whether few goods cost less than `until`."""
    goods = (good for k in cells for good in problem.cells[k].goods)
    return sum(until is None or good.low < until for good in goods) <= GOODS_EXACT_MAX


def _few_exactly(
    problem: Problem, cells: tuple[int, ...], best: Found | None, spans: list[Span], gap: Fraction, effort: Effort,
    seconds: float | None,
) -> tuple[Found | None, list[Span]]:  # fmt: skip
    """Looks at real goods where few are cheap enough; what stays open."""
    still: list[Span] = []
    for span in spans:
        if span.reached >= _ratio(best) - gap:
            continue
        if _few(problem, cells, span.until):
            best, whole = _exactly(problem, cells, best, span, gap, effort, seconds)
            if whole:
                continue
        still.append(span)
    return best, still


def _exactly(
    problem: Problem, cells: tuple[int, ...], best: Found | None, span: Span, gap: Fraction, effort: Effort,
    seconds: float | None,
) -> tuple[Found | None, bool]:  # fmt: skip
    """Looks at real goods of one span; the worst basket now, and whether no other of them is worse by the gap."""
    while True:
        asked = Asked(dict.fromkeys(cells, _ratio(best)), gap)
        answer = exact_below(problem, span.level, asked, effort, until=span.until, seconds_max=seconds)
        real = _real(problem, answer, asked.weights)
        if real is not None and real.receipt.steps and (best is None or real.ratio < best.ratio):
            best = real
            continue
        return best, answer.complete


def _exact_violation(problem: Problem, level: int, asked: Asked, effort: Effort) -> Found | None:
    if not _few(problem, asked.weights):
        return None
    real = _real(problem, exact_below(problem, level, asked, effort), asked.weights)
    return real if real is not None and real.under < 0 else None


def _real(problem: Problem, answer: Answer, weights: Mapping[int, Fraction]) -> Found | None:
    """The basket that the exact model has in mind."""
    lines: list[Line] = []
    wanted = Fraction(0)
    for (k, place), (count, amount) in sorted(answer.pieces.items()):
        good = problem.cells[k].goods[place]
        dearer = amount - count * (amount // count)  # so many pieces cost one more, for the sum to come out
        for quantity, price in ((count - dearer, amount // count), (dearer, amount // count + 1)):
            if quantity:
                lines.append(good.line(quantity, price))
        wanted += weights[k] * amount
    return bought(problem, lines, problem.campaigns(sorted(answer.used)), wanted) if lines else None


def _guessed(problem: Problem, cells: tuple[int, ...]) -> Found | None:
    """A bad basket to begin with: at each level and of each cell, one campaign after the other that takes off most."""
    best: Found | None = None
    weights = dict.fromkeys(range(len(problem.cells)), Fraction(1))
    for level in problem.levels([problem.cells[k] for k in cells]):
        for k in cells:
            if problem.cells[k].low <= level <= problem.cells[k].most:
                used = frozenset(_greedy(problem, k, level))
                if used:
                    best = _better(best, realised(problem, used, {k: level}, level, weights, pairs=False))
    return best


def _greedy(problem: Problem, k: int, level: int) -> Iterator[int]:
    cell = problem.cells[k]
    able = [number for number in sorted(cell.by) if problem.terms[number].least <= level]
    able.sort(key=lambda number: -problem.terms[number].most(level, cell.high))
    chosen: list[int] = []
    for number in able:
        if all((min(number, each), max(number, each)) not in problem.apart for each in chosen):
            chosen.append(number)
            yield number
