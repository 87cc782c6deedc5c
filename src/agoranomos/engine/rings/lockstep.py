"""Lockstep: people who do the same things at nearly the same time, again and again (SynchroTrap: Cao et al., CCS 2014).

Two people meet when they act on one thing within a window. Meeting over three different things is rare among strangers,
but less so among busy ones and at crowded hours: what counts is how unlikely it was, given how much each did and how
many others were about. Who is tied to one other only is left out; rings are more than pairs.
"""

from __future__ import annotations

from typing import Any, NamedTuple

import msgspec
import numpy as np
import numpy.typing as npt

from agoranomos.engine.rings import meeting
from agoranomos.engine.rings.blocks import Codes, Floats

_ROUNDS = 3
"""Of narrowing down; more find hardly anything."""


class Settings(msgspec.Struct, frozen=True, kw_only=True):
    """Two meet within `window_s` over at least `things_min` things. An event with more than `crowd_max` people within
    the window says nothing. A pair is kept when no more than `false_pairs_max` are expected to meet so often by chance
    alone. Everybody is tied to at least `ties_min` others. `among_all`: chance shares company out among all acts there
    are, else among those of people who meet often enough; where few do, these are mostly a ring, and seem to meet by
    chance.
    """

    window_s: int = 6 * 3600
    things_min: int = 3
    crowd_max: int = 200
    false_pairs_max: float = 10.0
    ties_min: int = 2
    among_all: bool = False


class Pairs(NamedTuple):
    """Pairs of people (`one` below `other`), in order: over how many things they met, and how likely that was."""

    one: Codes
    other: Codes
    things: Codes
    chance: Floats


def lockstep(
    people: Codes, things: Codes, times: npt.NDArray[np.int64], people_count: int, things_count: int,
    settings: Settings | None = None,
) -> Pairs:  # fmt: skip
    """The pairs in lockstep; `times` are seconds. The order of events changes nothing."""
    chosen = settings or Settings()
    order = meeting.by_thing(things, times, things_count)
    who, what, when = people[order], things[order], times[order]
    first, last, crowd = meeting.windows(who, what, when, chosen.window_s, people_count)
    useful = (crowd > 1) & (crowd <= chosen.crowd_max)
    left = len(who) + 1
    for _ in range(_ROUNDS):
        may = meeting.enough(who, what, useful, people_count, chosen.things_min)
        now = meeting.narrowed(who, first, last, useful, may)
        if now == left:
            break
        left = now
    who, what, first, last, crowd, names = _compact(who, what, first, last, crowd, useful)
    one, other, met = meeting.meetings(who, what, first, last, len(names), chosen.things_min)
    acts, others = meeting.company(who, what, crowd, len(names))
    # By chance the company that one had is shared out among all by how much each does.
    every = len(people) if chosen.among_all else int(acts.sum())
    expected = (others[one] * acts[other] + others[other] * acts[one]) / (2.0 * max(1, every))
    one, other = names[one], names[other]
    chance = at_least(met.astype(np.float64), expected)
    could_meet = max(1.0, float(others.sum()) / 2.0)
    return _kept(
        Pairs(one, other, met, chance), chance <= chosen.false_pairs_max / could_meet, chosen.ties_min, people_count
    )


def _compact(who: Codes, what: Codes, first: Codes, last: Codes, crowd: Codes, useful: npt.NDArray[np.bool_]) -> Any:
    """Useful events alone, with people numbered anew in the same order, and their names: what is small stays in the
    processor's cache.
    """
    before = np.concatenate((np.zeros(1, np.int32), np.cumsum(useful, dtype=np.int32)))
    there = np.zeros(int(who.max(initial=0)) + 1, np.bool_)
    there[who[useful]] = True
    names = np.flatnonzero(there).astype(np.int32)
    number = np.zeros(int(names[-1]) + 1 if len(names) else 1, np.int32)
    number[names] = np.arange(len(names), dtype=np.int32)
    return (
        number[who[useful]], what[useful], before[first[useful]], before[last[useful] + 1] - 1, crowd[useful], names
    )  # fmt: skip


def _kept(pairs: Pairs, keep: npt.NDArray[np.bool_], ties_min: int, people_count: int) -> Pairs:
    """Those of `keep`, without people who are then tied to fewer than `ties_min` others."""
    while True:
        pairs = Pairs(pairs.one[keep], pairs.other[keep], pairs.things[keep], pairs.chance[keep])
        ties = np.bincount(pairs.one, minlength=people_count) + np.bincount(pairs.other, minlength=people_count)
        keep = (ties[pairs.one] >= ties_min) & (ties[pairs.other] >= ties_min)
        if keep.all():
            return pairs


def at_least(counts: Floats, expected: Floats) -> Floats:
    """The probability of so many or more where `expected` are expected (Poisson), term by term: it falls fast."""
    log_term = counts * np.log(np.maximum(expected, 1e-300)) - expected - _log_factorial(counts)
    term, total = np.exp(log_term), np.zeros(len(counts))
    for step in range(1, 200):
        total += term
        term = term * expected / (counts + step)
        if not len(term) or float(term.max()) < 1e-18:
            break
    return np.where(expected >= counts, 1.0, np.minimum(1.0, total))


def _log_factorial(counts: Floats) -> Floats:
    table = np.concatenate(([0.0], np.cumsum(np.log(np.arange(1.0, counts.max(initial=0.0) + 1.0)))))
    return np.asarray(table[counts.astype(np.int64)])
