"""Quantiles of the beta distribution: intervals of a rate, for any (also fractional) size."""

from __future__ import annotations

import math
from functools import lru_cache
from typing import Final

_TINY: Final = 1e-300
_STEPS: Final = 60  # halvings: 2^-60 is beyond what a float tells apart
_TERMS: Final = 500
_ENOUGH: Final = 1e-14


@lru_cache(maxsize=4_096)
def jeffreys(rate: float, size: float, level: float = 0.95) -> tuple[float, float]:
    """The equal-tailed interval of `rate` over `size` draws; down to 0 where there was none, up to 1 where all were.

    Near nominal on average also for rare events, where Wald's has no width and Clopper and Pearson's is too wide
    (Brown, Cai and DasGupta, "Interval estimation for a binomial proportion", Statistical Science 2001).
    """
    hits, misses, tail = rate * size, (1.0 - rate) * size, (1.0 - level) / 2.0
    low = quantile(tail, hits + 0.5, misses + 0.5) if hits > _ENOUGH else 0.0
    high = quantile(1.0 - tail, hits + 0.5, misses + 0.5) if misses > _ENOUGH else 1.0
    return low, high


@lru_cache(maxsize=4_096)
def exact(rate: float, size: float, level: float = 0.95) -> tuple[float, float]:
    """The interval of Clopper and Pearson (1934), for fractional sizes as by Korn and Graubard ("Confidence intervals
    for proportions with small expected number of positive counts estimated from survey data", Survey Methodology 1998):
    it never holds the rate more rarely than promised, and mostly more often.
    """
    hits, misses, tail = rate * size, (1.0 - rate) * size, (1.0 - level) / 2.0
    low = quantile(tail, hits, misses + 1.0) if hits > _ENOUGH else 0.0
    high = quantile(1.0 - tail, hits + 1.0, misses) if misses > _ENOUGH else 1.0
    return low, high


@lru_cache(maxsize=4_096)
def student(df: float, level: float = 0.95) -> float:
    """How many standard errors a two-sided interval of `level` has with `df` degrees of freedom (Student's t)."""
    share = quantile(1.0 - level, df / 2.0, 0.5)
    return math.sqrt(df * (1.0 - share) / share)


def quantile(p: float, a: float, b: float) -> float:
    """The x below which beta(a, b) lies with probability `p`."""
    low, high = 0.0, 1.0
    for _ in range(_STEPS):
        middle = (low + high) / 2.0
        if below(middle, a, b) < p:
            low = middle
        else:
            high = middle
    return (low + high) / 2.0


def below(x: float, a: float, b: float) -> float:
    """The regularised incomplete beta function I_x(a, b) (NIST DLMF 8.17.22, summed as by Lentz)."""
    if x <= 0.0:
        return 0.0
    if x >= 1.0:
        return 1.0
    if x > (a + 1.0) / (a + b + 2.0):  # the fraction converges on the other side only
        return 1.0 - below(1.0 - x, b, a)
    front = math.lgamma(a + b) - math.lgamma(a) - math.lgamma(b) + a * math.log(x) + b * math.log1p(-x)
    return math.exp(front) * _fraction(x, a, b) / a


def _fraction(x: float, a: float, b: float) -> float:
    numerator, denominator = 1.0, 1.0 / _away(1.0 - (a + b) * x / (a + 1.0))
    found = denominator
    for m in range(1, _TERMS):
        even = m * (b - m) * x / ((a + 2 * m - 1) * (a + 2 * m))
        odd = -(a + m) * (a + b + m) * x / ((a + 2 * m) * (a + 2 * m + 1))
        for term in (even, odd):
            denominator = 1.0 / _away(1.0 + term * denominator)
            numerator = _away(1.0 + term / numerator)
            found *= denominator * numerator
        if abs(denominator * numerator - 1.0) < _ENOUGH:
            break
    return found


def _away(value: float) -> float:
    """`value`, kept off zero."""
    return value if abs(value) > _TINY else _TINY
