"""How improbable a count is beside peers: exact tails of counts whose rates are drawn towards those of peers.

Empirical Bayes (Efron and Morris 1975; for counts Robbins 1956): the rates of peers are a draw from one distribution,
which is fitted to them; whoever is judged is held against that distribution and not against its mean. What peers differ
by, honest people may differ by as well.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from typing import NamedTuple

_TINY = 1e-12


class Habit(NamedTuple):
    """What peers do: `rate` a day of work; `shape` of the gamma distribution of their rates, the larger the more alike
    they are.
    """

    rate: float
    shape: float


def habit_of(peers: Iterable[tuple[int, float]], *, trimmed: float, shape_max: float) -> Habit | None:
    """The habit of `peers`, given as (count, days of work), fitted by moments; None without any.

    The share `trimmed` with the highest rates is left out, so that several who do wrong do not make each other usual;
    peers are never taken to be more alike than `shape_max`.
    """
    known = sorted((pair for pair in peers if pair[1] > 0.0), key=lambda pair: (pair[0] / pair[1], pair))
    kept = known[: len(known) - math.ceil(trimmed * len(known))] if len(known) > 1 else known
    if not kept:
        return None
    days = sum(pair[1] for pair in kept)
    rate = (sum(pair[0] for pair in kept) + 0.5) / days  # half a count more: never seen is not never done
    beyond = sum((count - rate * each) ** 2 - rate * each for count, each in kept)
    spread = beyond / (rate * rate * sum(each * each for _, each in kept))
    return Habit(rate, min(shape_max, 1.0 / max(spread, _TINY)))


def negative_binomial_tail(count: int, mean: float, shape: float) -> float:
    """The probability of at least `count`: Poisson, whose mean is gamma distributed around `mean`."""
    stays = shape / (shape + mean)
    term, total = stays**shape, 0.0
    for number in range(count):
        total += term
        term *= (shape + number) / (number + 1) * (1.0 - stays)
    return min(1.0, max(_TINY, 1.0 - total))


def beta_binomial_tail(count: int, of: int, share: float, strength: float) -> float:
    """The probability of at least `count` of `of`, where the share is beta distributed around `share` as if `strength`
    cases had shown it.
    """
    if count <= 0 or share >= 1.0:
        return 1.0
    a, b = max(share * strength, _TINY), max((1.0 - share) * strength, _TINY)
    fixed = math.lgamma(of + 1) + math.lgamma(a + b) - math.lgamma(a) - math.lgamma(b) - math.lgamma(of + a + b)
    terms = (
        math.lgamma(k + a) + math.lgamma(of - k + b) - math.lgamma(k + 1) - math.lgamma(of - k + 1)
        for k in range(count, of + 1)
    )
    return min(1.0, max(_TINY, sum(math.exp(fixed + term) for term in terms)))


def together(first: float, second: float) -> float:
    """The chance of two chances that have nothing to do with each other (Fisher 1932)."""
    product = max(first * second, _TINY * _TINY)
    return min(1.0, product * (1.0 - math.log(product)))


def middle(values: Sequence[float]) -> float:
    """The median; 0 of none."""
    ordered = sorted(values)
    half = len(ordered) // 2
    if not ordered:
        return 0.0
    return ordered[half] if len(ordered) % 2 else (ordered[half - 1] + ordered[half]) / 2.0
