"""Random numbers in streams of their own: what one entity draws never shifts what another draws.

A stream is a key of 64 bits. A child's key is a hash of its parent's key and its name, not of what the parent has
drawn so far; so a seller who is added, a plot, or a longer market leave all other draws as they were. The generator
is SplitMix64 (Steele, Lea, Flood, "Fast splittable pseudorandom number generators", OOPSLA 2014): its state is one
integer, where `random.Random` keeps 2.5 KB, and a market has a stream for each of a million orders.

Equal keys give equal draws on every version of Python; `exp`, `log` and `cos` come from the platform's C library, so
equal bytes are promised for one platform.
"""

from __future__ import annotations

import hashlib
import math
from bisect import bisect_right
from collections.abc import MutableSequence, Sequence
from functools import lru_cache
from typing import TypeVar

_T = TypeVar("_T")
_MASK = (1 << 64) - 1
_GOLDEN = 0x9E3779B97F4A7C15
_APART = 0xD1B54A32D192ED03
_STEP = 0xABC98388FB8FAC03
"""Children lie along another odd step, from another start, than draws do."""
_TO_UNIT = 2.0**-53
_POISSON_BY_COUNTING_MAX = 30.0
"""Above this mean a Poisson count is drawn from the normal distribution, whose error is then below the noise."""


def _mix(value: int) -> int:
    value = (value ^ (value >> 30)) * 0xBF58476D1CE4E5B9 & _MASK
    value = (value ^ (value >> 27)) * 0x94D049BB133111EB & _MASK
    return value ^ (value >> 31)


@lru_cache(maxsize=4096)
def _of_name(name: str) -> int:
    return int.from_bytes(hashlib.blake2b(name.encode(), digest_size=8).digest(), "big")


class Stream:
    """Draws of one entity. `key` tells it apart; see `child` for how to get others."""

    __slots__ = ("_state", "key")

    def __init__(self, key: int) -> None:
        self.key = key & _MASK
        self._state = self.key

    @classmethod
    def of(cls, seed: int, name: str) -> Stream:
        """The root stream of `seed` for `name`."""
        return cls(_mix(seed * _GOLDEN & _MASK)).child(name)

    def child(self, name: int | str) -> Stream:
        """The stream `name` below this one; the same whatever was drawn before."""
        number = name if type(name) is int else _of_name(name)
        return Stream(_mix((self.key ^ _APART) + number * _STEP & _MASK))

    def bits(self) -> int:
        """64 random bits."""
        self._state = state = (self._state + _GOLDEN) & _MASK
        return _mix(state)

    def random(self) -> float:
        """Uniform in [0, 1)."""
        self._state = state = (self._state + _GOLDEN) & _MASK
        state = (state ^ (state >> 30)) * 0xBF58476D1CE4E5B9 & _MASK
        state = (state ^ (state >> 27)) * 0x94D049BB133111EB & _MASK
        return ((state ^ (state >> 31)) >> 11) * _TO_UNIT

    def token(self, prefix: str) -> str:
        """An opaque id: `prefix` and 16 hex digits, which tell nothing about what it names."""
        return f"{prefix}{self.bits():016x}"

    def chance(self, probability: float) -> bool:
        """True with `probability`."""
        return self.random() < probability

    def below(self, count: int) -> int:
        """A whole number in [0, count)."""
        return int(self.random() * count)

    def between(self, low: int, high: int) -> int:
        """A whole number in [low, high]."""
        return low + int(self.random() * (high - low + 1))

    def choice(self, items: Sequence[_T]) -> _T:
        """One of `items`, each as likely."""
        return items[int(self.random() * len(items))]

    def pick(self, items: Sequence[_T], cumulative: Sequence[float]) -> _T:
        """One of `items` by weight; `cumulative` are the running sums of the weights."""
        place = bisect_right(cumulative, self.random() * cumulative[-1])
        return items[min(place, len(items) - 1)]

    def sample(self, items: Sequence[_T], count: int) -> list[_T]:
        """`count` different places of `items` (all of them when there are fewer), in random order."""
        pool = list(items)
        self.shuffle(pool)
        return pool[:count]

    def shuffle(self, items: MutableSequence[_T]) -> None:
        """Random order, in place (Fisher and Yates)."""
        for last in range(len(items) - 1, 0, -1):
            other = self.below(last + 1)
            items[last], items[other] = items[other], items[last]

    def normal(self) -> float:
        """Standard normal (Box and Muller)."""
        radius = math.sqrt(-2.0 * math.log(1.0 - self.random()))
        return radius * math.cos(2.0 * math.pi * self.random())

    def lognormal(self, median: float, sigma: float) -> float:
        """Log-normal with `median`; `sigma` is the deviation of the logarithm."""
        return median * math.exp(sigma * self.normal())

    def exponential(self, mean: float) -> float:
        """Exponential with `mean`."""
        return -mean * math.log(1.0 - self.random())

    def pareto(self, least: float, alpha: float) -> float:
        """Pareto: at least `least`, tail exponent `alpha`."""
        return least * float((1.0 - self.random()) ** (-1.0 / alpha))

    def gamma(self, shape: float) -> float:
        """Gamma with `shape` and mean 1 (Marsaglia and Tsang 2000); Poisson counts with such a
        mean are negative binomial.
        """
        lifted = shape if shape >= 1.0 else shape + 1.0
        d = lifted - 1.0 / 3.0
        c = 1.0 / math.sqrt(9.0 * d)
        while True:
            x = self.normal()
            v = (1.0 + c * x) ** 3
            if v > 0.0 and math.log(1.0 - self.random()) < 0.5 * x * x + d - d * v + d * math.log(v):
                break
        drawn = d * v
        if shape < 1.0:
            drawn *= (1.0 - self.random()) ** (1.0 / shape)
        return drawn / shape

    def poisson(self, mean: float) -> int:
        """Poisson with `mean`."""
        if mean <= 0.0:
            return 0
        if mean > _POISSON_BY_COUNTING_MAX:
            return max(0, round(mean + math.sqrt(mean) * self.normal()))
        left, count = self.random(), 0
        share = math.exp(-mean)
        while left >= share and count < 1000:
            left -= share
            count += 1
            share *= mean / count
        return count
