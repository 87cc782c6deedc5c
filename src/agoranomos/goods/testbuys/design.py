"""Whom to test: strata by category and risk, chances proportional to evidence, and a random share for everybody.

The random share is what makes the unseen countable: every listing of the shelf can be drawn, so that what is found
among the drawn stands for the rest (Horvitz and Thompson, "A generalization of sampling without replacement from a
finite universe", JASA 1952). Half of it falls evenly on listings, half evenly on strata, so that a small one is not
left out. What evidence adds is divided by the square root of the cost: of two listings under one suspicion the cheaper
one tells as much (Särndal, Swensson and Wretman, "Model assisted survey sampling", 1992, result 3.7.4).
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Annotated, Final

import msgspec
import numpy as np

from agoranomos.goods.testbuys.chances import CHANCE_MAX, Chances, Floats, Whole

GRID: Final = 2_000
"""Into so many parts a budget is cut; a cost counts as the next whole part."""
_ROUNDS: Final = 200


class Candidate(msgspec.Struct, frozen=True, array_like=True):
    """A listing that may be drawn. `score` is the evidence against it, 0 to 1, `cost` what buying and appraising it may
    cost at most, in minor units of the budget's currency.
    """

    listing_id: str
    store_id: str
    category: str
    score: float
    cost: int


class Settings(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """`random_share`: of the expected cost, for everybody alike. `fill`: the expected cost as a share of the budget.
    `bands`: the scores at which a band of risk ends and the next begins; at the last one a listing counts as seen.
    """

    random_share: Annotated[float, msgspec.Meta(gt=0, le=1)] = 0.3
    fill: Annotated[float, msgspec.Meta(gt=0, le=1)] = 0.92
    bands: Annotated[tuple[float, ...], msgspec.Meta(min_length=1, max_length=8)] = (0.1, 0.5)


class Design(msgspec.Struct, frozen=True):
    """Chances over `candidates`; `strata` holds each one's stratum, `inclusion` its chance to be drawn, and `unit` how
    many minor units one part of the grid is.
    """

    candidates: tuple[Candidate, ...]
    strata: tuple[str, ...]
    chances: Chances
    inclusion: Floats
    unit: int


def stratum_of(candidate: Candidate, bands: Sequence[float]) -> str:
    """Such as `shoes/1`: the category, and the band of the score from 0 on."""
    return f"{candidate.category or '-'}/{sum(candidate.score >= edge for edge in bands)}"


def is_seen(stratum: str, bands: Sequence[float]) -> bool:
    """Whether the listings of `stratum` are those that somebody has an eye on already."""
    return int(stratum.rpartition("/")[2]) == len(bands)


def design(candidates: Sequence[Candidate], budget: int, settings: Settings) -> Design:
    """The design for `budget` (minor units). The same candidates, in any order, get the same chances."""
    ordered = tuple(sorted(candidates, key=lambda each: each.listing_id))
    strata = tuple(stratum_of(each, settings.bands) for each in ordered)
    unit = max(1, math.ceil(budget / GRID))
    costs = np.array([max(1, each.cost) for each in ordered], dtype=np.int64)
    units = -(-costs // unit)
    cap = budget // unit
    p = np.where(units <= cap, _working(ordered, strata, costs, budget, settings), 0.0)
    chances = Chances(p, units, cap)
    return Design(ordered, strata, chances, chances.inclusion(), unit)


def _working(
    candidates: Sequence[Candidate], strata: Sequence[str], costs: Whole, budget: int, settings: Settings
) -> Floats:
    """The probabilities before anything is drawn anew, of which the expected cost is `fill` of the budget."""
    names, places = np.unique(np.array(strata), return_inverse=True)
    sizes = np.bincount(places)
    evenly = 0.5 / len(candidates) + 0.5 / (len(names) * sizes[places])
    scores = np.array([each.score for each in candidates])
    by_evidence = scores / np.sqrt(costs)
    share = settings.random_share if by_evidence.any() else 1.0
    measure = share * evenly / float((evenly * costs).sum())
    if share < 1.0:
        measure = measure + (1.0 - share) * by_evidence / float((by_evidence * costs).sum())
    return _scaled(measure, costs, settings.fill * budget)


def _scaled(measure: Floats, costs: Whole, wanted: float) -> Floats:
    """`measure`, scaled and cut off at CHANCE_MAX so that the expected cost is `wanted`, or the most there can be."""
    low, high = 0.0, CHANCE_MAX / float(measure[measure > 0].min())
    for _ in range(_ROUNDS):
        middle = (low + high) / 2
        cost = float((np.minimum(CHANCE_MAX, middle * measure) * costs).sum())
        low, high = (middle, high) if cost < wanted else (low, middle)
    return np.asarray(np.minimum(CHANCE_MAX, high * measure))
