"""Learning the model from the base itself, without labels: chances by counting, the rest by expectation–maximisation.

How often strangers agree is counted: the share of pairs that agree, of all pairs, from how often each value occurs. How
often a returner keeps what is learned from the pairs that share a rare fact: each is the same seller with the
probability that the model gives it, the model is fitted to that, and so on (Dempster, Laird, Rubin 1977). What the
policy says counts like so many observed pairs, so that a small base moves it little. Sums are of whole numbers, and the
rows are chosen by what they say: the same base gives the same model to the last digit, in whatever order it came.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Any, Final

import msgspec
import numpy as np
import numpy.typing as npt

from agoranomos.engine.links.facets import PAIRS, PARTS
from agoranomos.engine.links.index import Index
from agoranomos.engine.links.learning import met_pairs, posteriors
from agoranomos.engine.links.parameters import CIRCUMSTANCES, FIELDS, LEVELS, Circumstance, Parameters, numbers_of
from agoranomos.engine.links.slots import FIRST

ROWS_MAX: Final = 100_000
"""Chances are counted on so many rows; more change nothing."""
ASKING_MAX: Final = 8_000
"""So many rows look for pairs."""
_ROUNDS: Final = 12
_PAIRS_LIKE: Final = 20_000.0
"""The policy's chances count like so many pairs."""
_KEEPS_LIKE: Final = 200.0
_RATE_LIKE: Final = 2_000.0
_RATE_FACTOR: Final = 5.0
"""A rate moves from the policy's by no more than this."""
_RETURNERS_FACTOR: Final = 2.0
"""The same for returners, and upwards only: a base in which none has come back yet says little of those who will."""
_STRANGERS: Final = 0.9999
_UNIT: Final = 1 << 20
_DIGITS: Final = 6
_MEASURED: Final = {"name": "name", "sounds": "sound", "building": "site", "network": "network"}


def fitted(index: Index, given: Parameters) -> Parameters:
    """`given` as the sellers of `index` bear it out."""
    rows, hands = index.table()
    asking = _sampled(rows)
    # Of those who are taken to be one, one row: who comes back ten times would make his number a common one.
    _, first = np.unique(hands[asking], return_index=True)
    chance = _chances(rows[asking[np.sort(first)][:ROWS_MAX]], given.chance)
    start = msgspec.structs.replace(given, chance=chance)
    asking = asking[:ASKING_MAX]
    levels, parts, held = met_pairs(index, asking)
    # Most pairs are strangers beyond doubt and teach nothing; the others are few enough to be gone over again and
    # again.
    doubtful = posteriors(levels, parts, held, numbers_of(start, len(index)))[:, 1] < _STRANGERS
    levels, parts, held = levels[doubtful], parts[doubtful], held[doubtful]
    found = start
    for _ in range(_ROUNDS if len(levels) else 0):
        shares = posteriors(levels, parts, held, numbers_of(found, len(index)))
        found = _maximised(start, given, levels, shares, len(asking))
    return found


def _sampled(rows: npt.NDArray[np.uint64]) -> npt.NDArray[np.int64]:
    """The places of all rows, in an order that depends on what they say alone."""
    mark = np.bitwise_xor.reduce(rows * np.arange(1, 2 * rows.shape[1], 2, dtype=np.uint64), axis=1)
    return np.argsort(mark, kind="stable")


def _chances(rows: npt.NDArray[np.uint64], given: Mapping[str, float]) -> dict[str, float]:
    """How often two rows agree in each part of the identity, in name, building and network."""
    found = {}
    for name, slot in _MEASURED.items():
        agreeing, every = _agreeing(rows[:, FIRST[slot]])
        found[name] = _rounded((agreeing + _PAIRS_LIKE * given[name]) / (every + _PAIRS_LIKE))
    return found | _parts(rows, given)


def _parts(rows: npt.NDArray[np.uint64], given: Mapping[str, float]) -> dict[str, float]:
    """Two parts agree as often as the one times as often as the other: five unknowns from ten counts, in logarithms,
    and each count matters as much as it has seen (weighted least squares).
    """
    left, right = np.zeros((len(PARTS), len(PARTS))), np.zeros(len(PARTS))
    for pair in PAIRS:
        one, other = (PARTS.index(part) for part in pair.split("_"))
        agreeing, every = _agreeing(rows[:, FIRST[pair]])
        seen = agreeing + _PAIRS_LIKE * given[PARTS[one]] * given[PARTS[other]]
        value = math.log(seen / (every + _PAIRS_LIKE))
        for place in (one, other):
            right[place] += seen * value
            left[place, one] += seen
            left[place, other] += seen
    solved = np.linalg.solve(left, right)
    return {part: _rounded(min(0.5, math.exp(value))) for part, value in zip(PARTS, solved.tolist(), strict=True)}


def _agreeing(column: npt.NDArray[np.uint64]) -> tuple[float, float]:
    """How many pairs of rows agree in a slot, and how many both say something there."""
    there = column[column != 0]
    _, counts = np.unique(there, return_counts=True)
    return int((counts * (counts - 1)).sum()) / 2, len(there) * (len(there) - 1) / 2


def _maximised(
    start: Parameters, given: Parameters, levels: npt.NDArray[np.int64], shares: npt.NDArray[np.float64], asking: int
) -> Parameters:
    """The parameters that fit pairs best, each of which belongs to the classes by its `shares` (pairs x CLASSES)."""
    whole = np.rint(shares * _UNIT).astype(np.int64)
    same = whole[:, 0]
    keeps: dict[str, dict[str, float]] = {}
    for place, field in enumerate(FIELDS):
        known = _total(same[levels[:, place] >= 0])
        keeps[field] = {
            name: _rounded((_KEEPS_LIKE * given.keeps[field][name] + _total(same[levels[:, place] == level]))
                           / (_KEEPS_LIKE + known))
            for level, name in enumerate(LEVELS[field][1:], 1)
        }  # fmt: skip
    rates = {
        name: _rate(given.circumstances[name], _total(whole[:, 2 + place]), asking)
        for place, name in enumerate(CIRCUMSTANCES)
    }
    returners = (_RATE_LIKE * given.returners + _total(same)) / (_RATE_LIKE + asking)
    returners = _rounded(min(given.returners * _RETURNERS_FACTOR, max(given.returners, returners)))
    return msgspec.structs.replace(start, keeps=keeps, returners=returners, circumstances=rates)


def _rate(given: Circumstance, seen: float, asking: int) -> Circumstance:
    rate = _bounded((_RATE_LIKE * given.rate + seen) / (_RATE_LIKE + asking), given.rate)
    return msgspec.structs.replace(given, rate=rate)


def _total(values: Any) -> float:
    return int(values.sum()) / _UNIT


def _bounded(value: float, given: float) -> float:
    return _rounded(min(given * _RATE_FACTOR, max(given / _RATE_FACTOR, value)))


def _rounded(value: float) -> float:
    return float(f"{value:.{_DIGITS}g}")
