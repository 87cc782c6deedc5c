"""In step: those who share something already, and do the same things at the same times as no stranger would.

Of all people there are so many pairs that some meet again and again by chance; of those who share a device or a payee
there are few, so a few meetings say as much. What chance brings about is asked of the crowd: two who both took part
meet by chance as often as the crowd is about when the one acts. Popularity explains taking part, never the hour.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Final, NamedTuple

import msgspec
import numpy as np
import numpy.typing as npt

from agoranomos.engine.rings.blocks import Codes, Floats
from agoranomos.engine.rings.lockstep import at_least
from agoranomos.engine.rings.uniting import grouped

_HOUR_S: Final = 3_600
_BY_CHANCE_MAX: Final = 1.0
"""Whoever meets so often by chance says nothing by meeting: people have hours of the day at which they do things."""


class Settings(msgspec.Struct, frozen=True, kw_only=True):
    """Two meet within `window_s`, at `meetings_min` moments at least. Of the pairs of `people_max` people or fewer who
    share something, no more than `false_pairs_max` are expected to meet so often by chance. Everybody meets at least
    `ties_min` others who share the same.
    """

    window_s: int = 6 * _HOUR_S
    meetings_min: int = 2
    people_max: int = 200
    false_pairs_max: float = 10.0
    ties_min: int = 2


class Crowd:
    """How many acts there were in each hour, about one thing."""

    def __init__(self, by_hour: Mapping[int, int]) -> None:
        first, last = (min(by_hour), max(by_hour)) if by_hour else (0, -1)
        self._first = first
        self._until = np.zeros(last - first + 2)
        for hour, many in by_hour.items():
            self._until[hour - first + 1] = many
        np.cumsum(self._until, out=self._until)
        self.total = float(self._until[-1])

    def about(self, begin_s: Floats, end_s: Floats) -> Floats:
        """How many acts there were from `begin_s` to `end_s`, in whole hours."""
        most = len(self._until) - 1
        low = np.clip(begin_s // _HOUR_S - self._first, 0, most).astype(np.int64)
        high = np.clip(end_s // _HOUR_S - self._first + 1, 0, most).astype(np.int64)
        return np.asarray(self._until[high] - self._until[low])


class Doing(NamedTuple):
    """What some people do about one thing: `people[i]` at `times[i]` (seconds), from `places[i]` (-1: nobody knows)."""

    people: Codes
    times: Floats
    places: Codes


_Act = tuple[float, int]
"""When, and from which place."""
_Acts = dict[str, list[_Act]]
"""Thing → what somebody did about it."""


def sittings(acts: Iterable[_Act], window_s: int) -> list[_Act]:
    """The beginnings of what is done at one sitting: ten coupons in a row are one act."""
    found: list[_Act] = []
    for act in sorted(acts):
        if not found or act[0] - found[-1][0] > window_s:
            found.append(act)
    return found


def in_step(
    sharing: Sequence[Codes], doing: Mapping[str, Doing], crowds: Mapping[str, Crowd], people_count: int,
    settings: Settings,
) -> list[Codes]:  # fmt: skip
    """Groups of those who share something (each of `sharing` in order, without repeats) and are in step; `doing` has
    what they do by thing, `crowds` what everybody does, them among others.
    """
    able = [people for people in sharing if settings.ties_min < len(people) <= settings.people_max]
    acts = _by_person(doing, people_count)
    pairs = np.zeros(32)
    for people in able:
        pairs[len(people).bit_length()] += len(people) * (len(people) - 1) / 2
    classes = max(1, np.count_nonzero(pairs))
    ones, others = [np.empty(0, np.int32)], [np.empty(0, np.int32)]
    for people in able:
        likely = _likely([acts[person] for person in people], crowds, settings)
        if likely is None:
            continue
        # Each size of group has its share of the false pairs, however many there are of other sizes.
        most = settings.false_pairs_max / (classes * pairs[len(people).bit_length()])
        one, other = np.nonzero(np.triu(_kept(likely <= most, settings.ties_min)))
        ones.append(people[one])
        others.append(people[other])
    return grouped(np.concatenate(ones), np.concatenate(others), people_count)


def _by_person(doing: Mapping[str, Doing], people_count: int) -> list[_Acts]:
    found: list[_Acts] = [{} for _ in range(people_count)]
    for thing, (people, times, places) in doing.items():
        for person, time, place in zip(people.tolist(), times.tolist(), places.tolist(), strict=True):
            found[person].setdefault(thing, []).append((time, place))
    return found


def _likely(acts: Sequence[_Acts], crowds: Mapping[str, Crowd], settings: Settings) -> Floats | None:
    """Of each two people with these acts how likely it is that they meet so often; None when none can be in step."""
    able = sum(sum(map(len, mine.values())) >= settings.meetings_min for mine in acts)
    if able <= settings.ties_min:
        return None
    shape = (len(acts), len(acts))
    met, chance = np.zeros(shape), np.zeros(shape)
    for thing in sorted({thing for mine in acts for thing in mine}):
        about = [mine.get(thing, []) for mine in acts]
        if sum(map(bool, about)) > 1:
            more, expected = _meetings(about, crowds[thing], settings.window_s)
            met += more
            chance += expected
    np.fill_diagonal(met, 0.0)
    # A pair is looked at from both sides, whose acts lie near the other's; the side that says less counts.
    likely = np.where(chance <= _BY_CHANCE_MAX, at_least(met.ravel(), chance.ravel()).reshape(shape), 1.0)
    likely[met < settings.meetings_min] = 1.0
    return np.asarray(np.maximum(likely, likely.T))


def _meetings(acts: Sequence[Sequence[_Act]], crowd: Crowd, window_s: int) -> tuple[Floats, Floats]:
    """Of each (one, other), about one thing: how many sittings of `one` lie near some of `other`, and how many would by
    chance. Two who act from one place do so one after the other: that says no more than that they share it.
    """
    mine = [sittings(each, window_s) for each in acts]
    at = np.array([time for each in mine for time, _ in each])
    place = np.array([place for each in mine for _, place in each])
    of = np.zeros((len(mine), len(at)))
    of[np.repeat(np.arange(len(mine)), [len(each) for each in mine]), np.arange(len(at))] = 1.0
    near = np.abs(at[:, None] - at[None, :]) <= window_s
    apart = (place[:, None] != place[None, :]) | (place < 0)[:, None]
    met = of @ (((near & apart) @ of.T) > 0)
    # The crowd without those who share: a ring may be most of it. One is added, so that nothing is impossible.
    theirs = np.sort([time for each in acts for time, _ in each])
    hour_begin, hour_end = (at - window_s) // _HOUR_S * _HOUR_S, ((at + window_s) // _HOUR_S + 1) * _HOUR_S
    among = np.searchsorted(theirs, hour_end) - np.searchsorted(theirs, hour_begin)
    about = crowd.about(at - window_s, at + window_s) - among + 1.0
    share = np.minimum(1.0, of @ (about / (max(0.0, crowd.total - len(theirs)) + 1.0)))
    return met, of.sum(axis=1)[:, None] * share[None, :]


Ties = npt.NDArray[np.bool_]


def _kept(tied: Ties, ties_min: int) -> Ties:
    """Without those who are tied to fewer than `ties_min` others."""
    tied = tied.copy()
    np.fill_diagonal(tied, val=False)
    while True:
        weak = tied.any(axis=1) & (tied.sum(axis=1) < ties_min)
        if not weak.any():
            return tied
        tied[weak, :] = tied[:, weak] = False
