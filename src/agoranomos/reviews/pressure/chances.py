"""What is usual, how improbable more is, and which stores stand out among all that were looked at: pure.

- The tail of the binomial distribution, by the incomplete beta function.
- Benjamini and Hochberg, "Controlling the false discovery rate" (JRSS B 1995): of those who are found at most a given
  share is there by chance, on average, however many stores are looked at.

Two things are tested, and the smaller probability counts twice (Bonferroni): that people take a review back after the
store has reached out to them, among those whom it reached; and that they were paid and did so, among all its critics.
Whom a good service wins over explains the first; the second is explained where stores pay their critics as a habit.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping

import msgspec

from agoranomos.kernel.beta import below
from agoranomos.reviews.pressure.model import Counts
from agoranomos.reviews.pressure.policy import Policy


class Pool(msgspec.Struct):
    """What all stores together come to. Of each store at most `store_max` people count (`critics` of all, `reached` of
    those reached), so that a store that presses hundreds does not make it usual; `alone` are those whom no store
    followed up, of whom `own` took a review back.
    """

    stores: int = 0
    critics: float = 0.0
    bought: float = 0.0
    reached: float = 0.0
    taken: float = 0.0
    alone: int = 0
    own: int = 0

    def change(self, before: Counts, now: Counts, policy: Policy) -> None:
        """The counts of a store were `before` and are `now`."""
        self.stores += (now.reached > 0) - (before.reached > 0)
        self.alone += now.alone - before.alone
        self.own += now.own - before.own
        self._add(before, -1.0, policy)
        self._add(now, 1.0, policy)

    def without(self, some: Iterable[Counts], policy: Policy) -> Pool:
        """What the other stores come to."""
        rest = msgspec.structs.replace(self)
        for each in some:
            rest._add(each, -1.0, policy)
        return rest

    def usual(self, policy: Policy) -> float:
        """Of people whom a store reached out to, how many take their review back.

        At least as many as of those whom nobody reached out to, over all of the time: more than within a few days.
        """
        own = _shrunk(self.own, self.alone, policy.own_share, policy.own_weight)
        return max(own, _shrunk(self.taken, self.reached, policy.reached_share, policy.reached_weight))

    def usually_bought(self, policy: Policy) -> float:
        """Of people who write badly, how many are paid and then take it back."""
        return _shrunk(self.bought, self.critics, policy.bought_share, policy.bought_weight)

    def _add(self, counts: Counts, sign: float, policy: Policy) -> None:
        share = sign * _part(counts.reached, policy)
        self.reached += share * counts.reached
        self.taken += share * counts.taken_back
        share = sign * _part(counts.critics, policy)
        self.critics += share * counts.critics
        self.bought += share * counts.bought


class Verdict(msgspec.Struct, frozen=True):
    """A store that stands out: how probable its counts are where `usual` and `usually_bought` are the rates."""

    chance: float
    usual: float
    usually_bought: float


def _part(people: int, policy: Policy) -> float:
    """The part of a store's people that counts for what is usual."""
    return min(1.0, policy.store_max / people) if people else 0.0


def _shrunk(hits: float, size: float, share: float, weight: float) -> float:
    """The rate, shrunk towards the `share` of so many imagined ones."""
    return (weight * share + max(0.0, hits)) / (weight + max(0.0, size))


def tail(count: int, size: int, rate: float) -> float:
    """The probability of at least `count` of `size` where each happens with `rate` (binomial)."""
    if count <= 0:
        return 1.0
    return below(rate, count, size - count + 1)


def poisson_tail(count: int, expected: float) -> float:
    """The probability of at least `count` where `expected` are usual (Poisson), summed from its largest term."""
    if count <= 0:
        return 1.0
    term = math.exp(count * math.log(expected) - expected - math.lgamma(count + 1))
    total, number = 0.0, count
    while term > total * 1e-12:
        total += term
        number += 1
        term *= expected / number
    return min(1.0, total)


def stand_out(candidates: Mapping[str, Counts], pool: Pool, policy: Policy) -> dict[str, Verdict]:
    """The stores among `candidates` (those with enough people; all others are in `pool`) that chance does not explain.

    What is usual is counted without the store itself and without those found so far, until nothing changes.
    """
    found: dict[str, Verdict] = {}
    for _ in range(len(candidates) + 1):
        again = _found(candidates, found, pool, policy)
        if again.keys() <= found.keys():
            return again
        found = again
    return found


def _found(
    candidates: Mapping[str, Counts], known: Mapping[str, Verdict], pool: Pool, policy: Policy
) -> dict[str, Verdict]:
    looked: list[tuple[float, str, Verdict]] = []
    others = pool.without((candidates[each] for each in known), policy)
    for store_id, counts in candidates.items():
        verdict = _verdict(counts, others if store_id in known else others.without((counts,), policy), policy)
        looked.append((verdict.chance, store_id, verdict))
    looked.sort(key=lambda each: each[:2])
    line = policy.false_share / max(1, pool.stores)
    lines = (min(policy.chance_max, line * rank) for rank in range(1, len(looked) + 1))
    last = max((rank for rank, (each, at) in enumerate(zip(looked, lines, strict=True), 1) if each[0] <= at), default=0)
    return {store_id: verdict for _, store_id, verdict in looked[:last]}


def _verdict(counts: Counts, others: Pool, policy: Policy) -> Verdict:
    usual, bought = others.usual(policy), others.usually_bought(policy)
    chance = min(tail(counts.taken_back, counts.reached, usual), tail(counts.bought, counts.critics, bought))
    return Verdict(min(1.0, 2.0 * chance), usual, bought)
