"""In step: a few meetings of those who share something say much; popular hours, one sitting, one place say nothing."""

from __future__ import annotations

from collections import Counter, defaultdict
from itertools import pairwise
from random import Random

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from agoranomos.engine.rings.in_step import Crowd, Doing, Settings, in_step, sittings

HOUR = 3_600.0
PEOPLE = 12
Act = tuple[int, str, float, int]
"""Person, thing, hours, place (-1: nobody knows)."""


def groups(acts: list[Act], others: list[tuple[str, float]], settings: Settings | None = None) -> list[list[int]]:
    """Who of PEOPLE, who share one thing all, is in step; `others` are acts of strangers."""
    doing: dict[str, list[Act]] = defaultdict(list)
    crowds: dict[str, Counter[int]] = defaultdict(Counter)
    for act in acts:
        doing[act[1]].append(act)
        crowds[act[1]][int(act[2])] += 1
    for thing, hour in others:
        crowds[thing][int(hour)] += 1
    told = {
        thing: Doing(
            np.array([act[0] for act in mine], np.int32), np.array([act[2] * HOUR for act in mine]),
            np.array([act[3] for act in mine], np.int32),
        )
        for thing, mine in doing.items()
    }  # fmt: skip
    known = {thing: Crowd(hours) for thing, hours in crowds.items()}
    found = in_step([np.arange(PEOPLE, dtype=np.int32)], told, known, PEOPLE, settings or Settings())
    return [each.tolist() for each in found]


def crowd(things: str, many: int = 1_000, hours: float = 700.0) -> list[tuple[str, float]]:
    random = Random(1)
    return [(thing, random.uniform(0, hours)) for thing in things for _ in range(many)]


def together(things: str, people: int = PEOPLE, within: float = 1.0) -> list[Act]:
    random = Random(2)
    return [
        (person, thing, 100 + 37 * number + random.uniform(0, within), person)
        for number, thing in enumerate(things) for person in range(people)
    ]  # fmt: skip


def test_three_meetings_are_enough_for_those_who_share_something() -> None:
    assert groups(together("abc"), crowd("abc")) == [list(range(PEOPLE))]
    assert groups(together("abc", people=2), crowd("abc")) == [], "a pair is no group"


def test_one_meeting_is_never_enough_however_many_there_were() -> None:
    ten_at_once = [(person, thing, hour + extra / 20, place) for person, thing, hour, place in together("a")
                   for extra in range(10)]  # fmt: skip
    assert groups(ten_at_once, crowd("a", 100_000)) == []


def test_an_hour_at_which_everybody_is_about_says_nothing() -> None:
    rush = [(thing, 100 + 37 * number + each / 1_000) for number, thing in enumerate("abc") for each in range(1_000)]
    assert groups(together("abc"), rush) == []


def test_acts_from_one_place_are_one_after_the_other() -> None:
    one_till = [(person, thing, hour, 0) for person, thing, hour, _ in together("abcdef")]
    assert groups(one_till, crowd("abcdef")) == []
    unknown = [(person, thing, hour, -1) for person, thing, hour, _ in together("abcdef")]
    assert groups(unknown, crowd("abcdef")) == [list(range(PEOPLE))]


def test_a_ring_that_is_most_of_the_crowd_is_still_seen() -> None:
    assert groups(together("abcd"), crowd("abcd", many=60)) == [list(range(PEOPLE))]


def test_strangers_by_chance_are_rarely_in_step() -> None:
    random = Random(3)
    hit = 0
    for _ in range(40):
        acts = [(person, thing, random.uniform(0, 700), person) for person in range(PEOPLE) for thing in "abcdefgh"]
        hit += sum(map(len, groups(acts, crowd("abcdefgh"), Settings(false_pairs_max=1.0))))
    assert hit <= 0.1 * 40 * PEOPLE


@given(st.lists(st.tuples(st.floats(0, 1e6), st.integers(-1, 3)), max_size=30))
def test_sittings_are_further_apart_than_the_window_and_cover_every_act(acts: list[tuple[float, int]]) -> None:
    found = sittings(acts, 3_600)
    assert all(later[0] - sooner[0] > 3_600 for sooner, later in pairwise(found))
    assert all(any(0 <= time - begun <= 3_600 for begun, _ in found) for time, _ in acts)


@pytest.mark.parametrize(("begin", "end", "many"), [(0, 9, 3), (2.5, 3.5, 2), (4, 100, 1), (-9, -1, 0), (6, 9, 0)])
def test_a_crowd_counts_whole_hours(begin: float, end: float, many: float) -> None:
    about = Crowd({2: 1, 3: 1, 5: 1}).about(np.array([begin * HOUR]), np.array([end * HOUR]))
    assert about.tolist() == [many]
    assert Crowd({}).about(np.array([0.0]), np.array([1.0])).tolist() == [0.0]
