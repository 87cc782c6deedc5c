"""Evidence that grows while a campaign runs, and may be looked at after every coupon.

Each test is an e-process: a bet against "all is as declared" that cannot grow on average while this is so. By Ville's
inequality the chance that it ever reaches 1/alpha, however long the campaign runs, is at most alpha; nothing is assumed
of independence or of a distribution.

- `MeanTest`: betting on the mean of values in 0..1 (Waudby-Smith and Ramdas, "Estimating means of bounded random
  variables by betting", JRSS B 2024).
- `RateTest`: the likelihood ratio of Poisson streams.

Something goes wrong in the middle of a campaign as well, when a bet from the start would have lost nearly everything.
So a bet begins anew at every observation t, with the share w(t) = 1/log2(t + 1) - 1/log2(t + 2) of the stake. The
shares add up to 1, and `(m + w(t)) * factor` holds all of these bets in one number (the e-detectors of Shin, Ramdas and
Rinaldo, 2023, with shares in the place of an average run length). A change after n observations costs about log(n) +
2 log(log(n)) more.
"""

from __future__ import annotations

import math
from typing import Final

import msgspec

BETS: Final = (0.25, 0.5, 0.75, 0.95)
"""Shares of the largest bet that cannot ruin; the stake is split evenly among them."""
SPEEDS: Final = (2.0, 4.0, 8.0)
"""How many times faster than the bound the stream may be that `RateTest` looks for."""
LOOK_MINUTES: Final = 1 / 60
GAIN_MAX: Final = 230.0
"""Of one look, in logarithms: no number grows beyond what can be held."""
MEMORY_MAX: Final = 1e200
"""Where a capital stops growing: far beyond any line, far below infinity."""


def share(count: int) -> float:
    """The share of the stake that begins at the observation `count`, counted from 1."""
    return 1 / math.log2(count + 1) - 1 / math.log2(count + 2)


class MeanTest(msgspec.Struct, tag="mean"):
    """Whether values in 0..1 keep, on average, to one side of `bound`: at least (`least`), or at most, so much."""

    bound: float
    least: bool
    count: int = 0
    total: float = 0.0
    capitals: list[float] = msgspec.field(default_factory=lambda: [0.0] * len(BETS))

    def see(self, value: float) -> None:
        """One more value."""
        assert 0.0 <= value <= 1.0, "values lie between 0 and 1"
        self.count += 1
        self.total += value
        begun = share(self.count)
        for place, bet in enumerate(BETS):
            grown = (self.capitals[place] + begun) * (1 + self._stake(bet) * self._against(value))
            self.capitals[place] = min(grown, MEMORY_MAX)

    @property
    def capital(self) -> float:
        """What the bets have come to; they began with 1."""
        return sum(self.capitals) / len(BETS)

    @property
    def mean(self) -> float:
        """Of all values; the bound where there are none."""
        return self.total / self.count if self.count else self.bound

    def needed(self, mean: float, line: float, *, after: int = 0) -> int:
        """How many values of `mean` reach `line` at the latest, when `after` others came before; each the same.

        By the best of the bets alone, so that the test itself is a little faster.
        """
        gains = [math.log1p(self._stake(bet) * self._against(mean)) for bet in BETS]
        assert max(gains) > 0, "on this side of the bound nothing is ever found"
        return math.ceil(math.log(line * len(BETS) / share(after + 1)) / max(gains))

    def _stake(self, bet: float) -> float:
        return bet / (1 - self.bound) if self.least else bet / self.bound

    def _against(self, value: float) -> float:
        return self.bound - value if self.least else value - self.bound


class RateTest(msgspec.Struct, tag="rate"):
    """Whether no more than `bound` come in a minute, at any time and on average over any time.

    What comes within LOOK_MINUTES is weighed together: clocks that tell whole seconds, and processes that tell of the
    same second one after the other, make bursts of what was none. `waiting` came in the `since` minutes since the
    last look.
    """

    bound: float
    count: int = 0
    minutes: float = 0.0
    capitals: list[float] = msgspec.field(default_factory=lambda: [0.0] * len(SPEEDS))
    looks: int = 0
    waiting: int = 0
    since: float = 0.0

    def see(self, minutes: float) -> bool:
        """One more, so many minutes after the one before; whether it is worth a look at the capital. The first only
        opens the stream: nobody waited for it.
        """
        self.count += 1
        if self.count == 1:
            return False
        self.minutes += minutes
        self.since += minutes
        self.waiting += 1
        if self.since < LOOK_MINUTES:
            return self.waiting & (self.waiting - 1) == 0
        self.capitals = self._grown()
        self.looks += 1
        self.waiting, self.since = 0, 0.0
        return True

    @property
    def capital(self) -> float:
        """What the bets have come to; they began with 1. What waits counts as if its time was over already, so that it
        is never more than it may be.
        """
        return sum(self._grown() if self.waiting else self.capitals) / len(SPEEDS)

    @property
    def mean(self) -> float:
        """How many came in a minute."""
        return self.count / self.minutes if self.minutes else float(self.count)

    def _grown(self) -> list[float]:
        begun, expected = share(self.looks + 1), self.bound * max(self.since, LOOK_MINUTES)
        grown = []
        for capital, speed in zip(self.capitals, SPEEDS, strict=True):
            gain = min(GAIN_MAX, self.waiting * math.log(speed) - expected * (speed - 1))
            grown.append(min((capital + begun) * math.exp(gain), MEMORY_MAX))
        return grown
