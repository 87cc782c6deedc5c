"""What is never paid less than, without asking the solver: known at once, and often enough.

At a list total L, each percentage either takes its share of what is left, or, where its cap is less than that share of
L, the cap at most; each amount takes itself. What is paid of a basket is at least what the least paid of its kinds of
goods pays after all shares, less all amounts: so one kind after the other is looked at, with the campaigns of which the
shares apply to it and the amounts of all. Of campaigns of which only one can be used, one is chosen; of all choices,
those are kept that no other is below in both, what is left of 1 and what comes off it.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from fractions import Fraction
from typing import Final

from agoranomos.promotions.lint.problem import Cell, Problem, Terms

_ONE: Final = 10**9
"""Shares are counted in these parts, rounded so that less is paid."""
Choice = tuple[int, int]
"""What is left of all after shares, and what amounts take off."""
_START: Final[list[Choice]] = [(_ONE, 0)]


def rest_at(problem: Problem, level: int, numbers: Collection[int], cells: Iterable[int]) -> Fraction:
    """A share of the list total `level` of which less is never paid for goods of `cells` by the campaigns `numbers`."""
    able = set(numbers)
    groups = [[number for number in group if number in able] for group in problem.apart_groups]
    least = min((_least(problem, level, groups, k) for k in cells), default=_ONE)
    return Fraction(max(0, least), _ONE)


def worth_asking(
    problem: Problem, level: int, numbers: Collection[int], needed: Mapping[int, Fraction]
) -> tuple[Fraction, set[int]]:
    """How far below `needed` (by cell, a share of the list price) what is paid of a total `level` can be at most, in
    parts of it; and those of `numbers` with which it might be below: no other is in such a basket.
    """
    able = set(numbers)
    groups = [[number for number in group if number in able] for group in problem.apart_groups]
    under, worth = _ONE, set[int]()
    for k, wanted in needed.items():
        cell, line = problem.cells[k], -int(-wanted * _ONE // 1)
        before = [_START]
        for group in groups:
            before.append(_after(before[-1], _choices(problem, cell, group, level)))
        under = min(under, max(0, min(left - off for left, off in before[-1])) - line)
        behind = _START
        for group, front in zip(reversed(groups), reversed(before[:-1]), strict=True):
            others = _after(front, behind)
            for number in group:
                rest, more = _choice(problem.terms[number], cell, number, level)
                if number not in worth and any(left * rest // _ONE - off - more < line for left, off in others):
                    worth.add(number)
            behind = _after(behind, _choices(problem, cell, group, level))
    return Fraction(under, _ONE), worth


def _least(problem: Problem, level: int, groups: Iterable[list[int]], k: int) -> int:
    front = _START
    for group in groups:
        front = _after(front, _choices(problem, problem.cells[k], group, level))
    return min(left - off for left, off in front)


def _choices(problem: Problem, cell: Cell, group: Iterable[int], level: int) -> list[Choice]:
    """One of the group, or none."""
    return _kept({(_ONE, 0), *(_choice(problem.terms[number], cell, number, level) for number in group)})


def _after(front: list[Choice], choices: list[Choice]) -> list[Choice]:
    """Each of the one, and then each of the other."""
    if len(choices) == 1 and choices[0] == _START[0]:
        return front
    return _kept({(left * rest // _ONE, off + more) for left, off in front for rest, more in choices})


def _choice(terms: Terms, cell: Cell, number: int, level: int) -> Choice:
    rounding = -(-_ONE // level)  # how a benefit is shared among lines may be out by one
    if terms.kind in ("fixed", "points"):
        return _ONE, _up(terms.most(level, cell.high), level)
    capped = None if terms.cap is None else _up(terms.cap, level)
    # Of goods that cost up to `high`, no more can come off in proportion than off the dearest.
    share = terms.share if terms.kind == "percent" else Fraction(max(0, cell.high - terms.each), cell.high)
    part = _up(share.numerator, share.denominator) if number in cell.by else 0
    if capped is not None and capped < part:
        return _ONE, capped + rounding
    return (_ONE - min(_ONE, part), rounding) if part else (_ONE, 0)


def _up(amount: int, of: int) -> int:
    return -(-amount * _ONE // of)


def _kept(choices: Iterable[Choice]) -> list[Choice]:
    """Those that no other is below in what is left and above in what comes off."""
    kept: list[Choice] = []
    for left, off in sorted(choices, key=lambda each: (each[0], -each[1])):
        if not kept or off > kept[-1][1]:
            kept.append((left, off))
    return kept
