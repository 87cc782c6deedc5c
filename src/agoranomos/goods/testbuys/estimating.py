"""From what was found among the drawn to what is on the shelf: estimates with honest intervals.

The total is that of Horvitz and Thompson (1952), its variance theirs too, with exact joint chances. The rate is a
ratio in each stratum (Hájek 1971), put together by the strata's true sizes: less spread, and purchases that came to
nothing weigh on the others of their stratum (Särndal, Swensson and Wretman 1992, 7.6 and 15.6). Fakes are rare and
most strata have none among the drawn, where a normal interval has no width: each stratum gets that of Jeffreys on its
effective size (where all are alike, Kish 1965). Where answers stand for very different numbers of listings it gets that
of Korn and Graubard (Survey Methodology 1998), which is wider: Clopper and Pearson's on the effective size, taken for
smaller by as much as the spread of few answers is known less well. The limits are put together as by Zou and Donner
("Construction of confidence limits about effect measures", Statistics in Medicine 2008;
for strata Yan and Su 2010).
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from typing import Final

import msgspec
import numpy as np

from agoranomos.goods.testbuys.chances import Floats
from agoranomos.kernel.beta import exact, jeffreys, student

ANSWERS_MIN: Final = 20
"""A stratum with fewer is put together with its like: many small ones make the interval wide, and no truer."""


_NORMAL: Final = 1.959963984540054
"""Standard errors that a 95 % interval has where they are known."""
EVEN: Final = 0.95
"""Answers of which so much is left as a simple random sample (Kish) weigh alike. Where less is, Jeffreys' interval held
the truth in 91 of 100 draws (docs/quality/test-buys.md)."""


class Answer(msgspec.Struct, frozen=True):
    """A purchase of the plan whose verdict is clear. `place` is its row in the joint chances."""

    place: int
    stratum: str
    inclusion: float
    fake: bool


class Cell(msgspec.Struct, frozen=True):
    """A stratum, or several that were put together, as it was estimated. `size` is how many listings of the shelf it
    has, `size_effective` what `answers` are worth as a simple random sample.
    """

    strata: tuple[str, ...]
    size: int
    answers: int
    fakes: int
    rate: float
    low: float
    high: float
    size_effective: float


class Estimate(msgspec.Struct, frozen=True, kw_only=True):
    """`rate` of fakes among `listings`, with its 95 % interval and standard error; `fakes_total` and its standard
    error are Horvitz and Thompson's, without any adjustment for purchases that came to nothing.
    """

    listings: int
    answers: int
    fakes: int
    rate: float
    low: float
    high: float
    error: float
    fakes_total: float
    fakes_total_error: float
    cells: tuple[Cell, ...]


def estimate(answers: Sequence[Answer], sizes: Mapping[str, int], joint: Floats) -> Estimate | None:
    """The estimate over strata of these `sizes`; None when there is no clear verdict among them.

    `joint` holds the chances of two purchases to be drawn together, by `Answer.place`.
    """
    mine = [each for each in answers if each.stratum in sizes]
    if not mine:
        return None
    groups = put_together(mine, sizes)
    cells = [_cell(strata, [each for each in mine if each.stratum in strata], sizes, joint) for strata in groups]
    listings = sum(sizes.values())
    shares = [cell.size / listings for cell in cells]
    rate = sum(share * cell.rate for share, cell in zip(shares, cells, strict=True))
    below = sum((share * (cell.rate - cell.low)) ** 2 for share, cell in zip(shares, cells, strict=True))
    above = sum((share * (cell.high - cell.rate)) ** 2 for share, cell in zip(shares, cells, strict=True))
    chances = np.array([each.inclusion for each in mine])
    fakes = np.array([float(each.fake) for each in mine])
    together = _among(joint, mine)
    return Estimate(
        listings=listings,
        answers=len(mine),
        fakes=int(fakes.sum()),
        rate=rate,
        low=max(0.0, rate - math.sqrt(below)),
        high=min(1.0, rate + math.sqrt(above)),
        error=math.sqrt(variance(_residuals(mine, cells, listings), chances, together)),
        fakes_total=float((fakes / chances).sum()),
        fakes_total_error=math.sqrt(variance(fakes, chances, together)),
        cells=tuple(cells),
    )


def variance(values: Floats, chances: Floats, joint: Floats) -> float:
    """The estimated variance of the sum of values over chances (Horvitz and Thompson 1952); never below zero."""
    expanded = values / chances
    return max(0.0, float(expanded @ ((joint - np.outer(chances, chances)) / joint) @ expanded))


def put_together(answers: Sequence[Answer], sizes: Mapping[str, int]) -> list[tuple[str, ...]]:
    """The strata, those with too few answers joined to others of their band, and bands to the next one above."""
    count = dict.fromkeys(sizes, 0)
    for each in answers:
        count[each.stratum] += 1
    groups: list[list[str]] = []
    left: list[str] = []
    bands = sorted({name.rpartition("/")[2] for name in sizes}, key=int)
    for band in bands:
        mine = sorted(name for name in sizes if name.rpartition("/")[2] == band)
        groups += [[name] for name in mine if count[name] >= ANSWERS_MIN]
        left += [name for name in mine if count[name] < ANSWERS_MIN]
        if sum(count[name] for name in left) >= ANSWERS_MIN:
            groups.append(left)
            left = []
    if left:
        groups = [*groups[:-1], [*groups[-1], *left]] if groups else [left]
    return [tuple(sorted(group)) for group in groups]


def _cell(strata: tuple[str, ...], answers: Sequence[Answer], sizes: Mapping[str, int], joint: Floats) -> Cell:
    chances = np.array([each.inclusion for each in answers])
    fakes = np.array([float(each.fake) for each in answers])
    weights = 1.0 / chances
    rate = float((weights * fakes).sum() / weights.sum())
    by_weights = effective = float(weights.sum() ** 2 / (weights**2).sum())
    spread = variance((fakes - rate) / weights.sum(), chances, _among(joint, answers))
    if spread > 0.0:
        effective = min(effective, rate * (1.0 - rate) / spread)
    low, high = _interval(rate, effective, len(answers), by_weights)
    size = sum(sizes[name] for name in strata)
    return Cell(strata, size, len(answers), int(fakes.sum()), rate, low, high, effective)


def _interval(rate: float, effective: float, answers: int, by_weights: float) -> tuple[float, float]:
    """The 95 % interval of a cell; `by_weights`: what its answers are worth by their weights alone."""
    if by_weights >= EVEN * answers:
        return jeffreys(rate, effective)
    return exact(rate, effective * (_NORMAL / student(max(1, answers - 1))) ** 2)


def _among(joint: Floats, answers: Sequence[Answer]) -> Floats:
    """The rows and columns of these answers."""
    places = [each.place for each in answers]
    return np.asarray(joint[np.ix_(places, places)])


def _residuals(answers: Sequence[Answer], cells: Sequence[Cell], listings: int) -> Floats:
    """What each answer adds to the rate beyond its cell, linearised (Särndal et al. 1992, 5.7)."""
    cell_of = {name: cell for cell in cells for name in cell.strata}
    weight = dict.fromkeys((cell.strata for cell in cells), 0.0)
    for each in answers:
        weight[cell_of[each.stratum].strata] += 1.0 / each.inclusion
    found = []
    for each in answers:
        cell = cell_of[each.stratum]
        found.append((float(each.fake) - cell.rate) * cell.size / listings / weight[cell.strata])
    return np.array(found)
