"""How long after delivery people write, and how much likelier those with trouble are to write badly.

Counted over the whole marketplace from reviews that name their order, so that nobody's own review shows in it; the
policy's figures stand for what is not counted yet (a Dirichlet prior).
"""

from __future__ import annotations

import msgspec
import numpy as np
import numpy.typing as npt

from agoranomos.reviews.anonymity.policy import Policy

Floats = npt.NDArray[np.float64]


class Habits(msgspec.Struct):
    """Counts: reviews by days since the goods came; reviews, and bad ones, of orders with trouble and without."""

    lags: list[int]
    written: list[int] = msgspec.field(default_factory=lambda: [0, 0])
    bad: list[int] = msgspec.field(default_factory=lambda: [0, 0])

    def count(self, days: int, *, bad: bool, trouble: bool) -> None:
        """A review, `days` after the goods came."""
        if 0 <= days < len(self.lags):
            self.lags[days] += 1
        self.written[trouble] += 1
        self.bad[trouble] += bad

    def shares(self, policy: Policy) -> tuple[Floats, ...]:
        """The lags that are expected, each model adding up to one: as the policy says, and with what was counted."""
        given = np.asarray(policy.lags, np.float64)
        given = given / given.sum()
        mixed = given * policy.lags_weight + np.asarray(self.lags, np.float64)
        return (given, mixed / mixed.sum())

    def odds(self, policy: Policy, *, bad: bool) -> float:
        """How many times likelier a review of this kind is by somebody with trouble."""
        ratio = policy.trouble_bad if bad else policy.trouble_good
        n, few = policy.trouble_weight, 0.15  # the share of bad reviews that is imagined without trouble
        share = few if bad else 1.0 - few
        hits = [each if bad else all_ - each for each, all_ in zip(self.bad, self.written, strict=True)]
        without = (hits[0] + n * share) / (self.written[0] + n)
        there = (hits[1] + n * min(1.0, share * ratio)) / (self.written[1] + n)
        return max(there / without, 1e-3)


def fresh(policy: Policy) -> Habits:
    """Nothing is counted."""
    return Habits([0] * len(policy.lags))
