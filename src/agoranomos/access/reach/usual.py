"""What is usual among readers, from the readers themselves, and by how much each, and each client, is unusual.

From the people whom k others have read Good (1953) says how likely the next read is of somebody whom nobody else has
read, and rarefaction (Hurlbert 1971) how many different ones so many reads are of: by one reader, who comes back to the
popular, and by strangers together.
"""

from __future__ import annotations

from typing import Any, Final, NamedTuple

import numpy as np
import numpy.typing as npt

from agoranomos.access.reach import kernels

_STEPS: Final = 160
"""Of a scale of reads, between which is interpolated."""
_SHARE_MIN: Final = 0.2
"""Of the variance is left at least: readers differ by more than chance."""
_PEOPLE_MIN: Final = 5
_READERS_MIN: Final = 30
"""Fewer tell nothing about how readers differ."""
RARITY: Final = -np.log(np.arange(kernels.KINDS_MAX + 1) + 0.5)
"""What a subject with so many other readers weighs: the log of how much likelier somebody reads it who goes through
everybody than somebody who reads whom others read.
"""
Ints = npt.NDArray[np.int64]
Floats = npt.NDArray[np.float64]


class Outside(NamedTuple):
    """What is usual, for each group without its own readers: `readers` (group by k) how many subjects have k trusted
    readers, of which those with k = 0 do not count and the last stands for all above; `reads` how many pairs in all.
    """

    readers: Ints
    reads: Ints

    def kinds(self) -> Floats:
        """How many readers a subject of each k has, by group: k itself, and for the last the mean."""
        kinds = np.broadcast_to(np.arange(self.readers.shape[1], dtype=float), self.readers.shape).copy()
        below = self.readers[:, 1:-1] @ np.arange(1, self.readers.shape[1] - 1)
        kinds[:, -1] = np.maximum(kinds[:, -1], (self.reads - below) / np.maximum(self.readers[:, -1], 1))
        return kinds

    def next_read(self) -> Floats:
        """How likely the next read is of a subject with k other readers, by group (Good 1953): as often as reads are of
        those with k + 1.
        """
        weights = (self.kinds() * self.readers)[:, 1:] + 1e-9
        weights /= weights.sum(axis=1, keepdims=True)
        return np.asarray(weights)


def excess_of(
    rare: Floats, people: Ints, group_of: Ints, outside: Outside, trusted: Ints, pace: Pace
) -> Floats:  # fmt: skip
    """By how many deviations the subjects of each reader are rarer than those of usual readers who read as many."""
    weights, rarity = outside.next_read(), RARITY[:-1]
    first = weights @ rarity
    variance = weights @ rarity**2 - first**2
    shift, share = pace.expected(people, group_of, trusted, len(first))
    mean = first[group_of] + shift
    deviation = np.sqrt(np.maximum(people * variance[group_of] * share, 1e-9))
    z: Floats = np.where(people > 0, (rare - people * mean) / deviation, 0.0)
    usual = z[(trusted == 1) & (people >= _PEOPLE_MIN)]
    if len(usual) < _READERS_MIN:
        return z
    middle = float(np.median(usual))
    spread = max(1.0, float(np.median(np.abs(usual - middle))) / 0.6745)
    return np.where(people > 0, (z - middle) / spread, 0.0)


class Pace(NamedTuple):
    """What follows from how much everybody reads: whoever reads much comes back to whom all read, which counts once,
    so that what is left is rarer. `people` are counts of different people, in order; `rarity` is the mean rarity of so
    many, `spread` the variance for each of them.
    """

    people: Floats
    rarity: Floats
    spread: Floats

    def expected(self, people: Ints, group_of: Ints, trusted: Ints, groups: int) -> tuple[Floats, Floats]:
        """For each reader of so many people: by how much its mean rarity is beyond that of the trusted readers of other
        groups, and its variance as a share of theirs.
        """
        mean, spread = np.interp(people, self.people, self.rarity), np.interp(people, self.people, self.spread)
        weight = (people * trusted).astype(float)

        def of_others(values: Floats) -> Floats:
            own = np.bincount(group_of, weights=values, minlength=groups)
            return np.asarray((values.sum() - own)[group_of])

        total = of_others(weight)
        there, total = total > 0, np.maximum(total, 1e-9)
        shift = mean - of_others(weight * mean) / total
        share = spread / np.maximum(of_others(weight * spread) / total, 1e-9)
        return np.where(there, shift, 0.0), np.where(there, np.maximum(share, _SHARE_MIN), 1.0)


def pace_of(everybody: Outside, reads: Ints, people: Ints, trusted: Ints) -> Pace:
    """By rarefaction of the law of the next read. How likely one read is of a certain subject follows from how many
    readers of so many reads saw it; a subject whom nobody else reads is taken to be read once.
    """
    many, readers = np.unique(reads[(trusted == 1) & (people > 0)], return_counts=True)
    chances = np.geomspace(1e-9, 1.0, _STEPS)
    seen_by = -np.expm1(-chances[:, np.newaxis] * many) @ readers
    kinds = everybody.kinds()[0, :-1]
    each = np.where(kinds > 0, np.interp(kinds, seen_by, chances), 0.0)
    told = max(float(many @ readers), 1.0)
    law = everybody.next_read()[0] * np.where(kinds > 0, each * told / np.maximum(kinds, 1.0), 1.0)
    law /= law.sum()
    steps = np.geomspace(1.0, 1_000.0 * max(int(people.max(initial=1)), 1), _STEPS)[:, np.newaxis]
    once = -np.expm1(-steps * each)
    found = law * np.divide(once, each, out=np.broadcast_to(steps, once.shape).copy(), where=each > 0)
    left, rarity, count = found * (1.0 - once), RARITY[:-1], found.sum(axis=1)
    spare = left @ rarity**2 - (left @ rarity) ** 2 / np.maximum(left.sum(axis=1), 1e-9)
    return Pace(count, found @ rarity / count, spare / count)


def together(excess: Floats, people: Ints, group_of: Ints) -> dict[str, Any]:
    """The excess of all readers of a group as that of one (Stouffer 1949), each weighed by how much it read."""
    root = np.sqrt(people)
    summed = np.bincount(group_of, weights=excess * root, minlength=int(group_of.max(initial=0)) + 1)
    weight = np.bincount(group_of, weights=people.astype(float), minlength=len(summed))
    return {"group_excess": (summed / np.sqrt(np.maximum(weight, 1.0)))[group_of]}


def writers_of(wrote: Ints, people: Ints, group_of: Ints) -> dict[str, Any]:
    """Which share of a group's readers, and of all others who read anybody, ever changed something."""
    reads = (people > 0).astype(float)
    readers = np.bincount(group_of, weights=reads, minlength=int(group_of.max(initial=0)) + 1)
    writers = np.bincount(group_of, weights=reads * (wrote > 0), minlength=len(readers))
    share = writers / np.maximum(readers, 1.0)
    others = (writers.sum() - writers) / np.maximum(readers.sum() - readers, 1.0)
    return {"group_writers": share[group_of], "others_writers": others[group_of]}


def groups_of(people: Ints, group_of: Ints, outside: Outside, union: Ints) -> dict[str, Any]:
    """How many readers each group has, and its repeats over those of as many reads of strangers (rarefaction); NaN
    where strangers are too few to tell.
    """
    members = np.bincount(group_of, weights=(people > 0).astype(float), minlength=len(union))
    total = np.bincount(group_of, weights=people.astype(float), minlength=len(union))
    overlap, kinds = np.full(len(total), np.nan), outside.kinds()
    for group in np.flatnonzero((members > 1) & (outside.reads >= total)):
        missed = np.log1p(-min(total[group] / outside.reads[group], 1.0 - 1e-12))
        expected = float((outside.readers[group, 1:] * -np.expm1(kinds[group, 1:] * missed)).sum())
        repeats = total[group] - expected
        if repeats >= _PEOPLE_MIN:
            overlap[group] = (total[group] - union[group]) / repeats
    return {"group_readers": members.astype(np.int64)[group_of], "group_overlap": overlap[group_of]}
