"""Lockstep: who meets again and again is tied, who is merely busy or in a crowd is not."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt
from hypothesis import given
from hypothesis import strategies as st

from agoranomos.engine.rings.blocks import Codes
from agoranomos.engine.rings.lockstep import Pairs, Settings, lockstep
from agoranomos.engine.rings.uniting import grouped

PEOPLE, THINGS, HOUR = 3_000, 300, 3_600
Events = tuple[Codes, Codes, npt.NDArray[np.int64]]


def strangers(draws: np.random.Generator, events: int = 12_000) -> Events:
    people = (PEOPLE * draws.random(events) ** 1.5).astype(np.int32)
    things = (THINGS * draws.random(events) ** 2).astype(np.int32)
    return people, things, draws.integers(0, 30 * 24 * HOUR, events)


def together(draws: np.random.Generator, members: Codes, times: int, spread_s: int, share: float = 0.8) -> Events:
    """`members` do `times` different things, each `share` of them, within `spread_s`."""
    parts: list[tuple[int, int, int]] = []
    for thing in draws.choice(THINGS, times, replace=False):
        start = int(draws.integers(0, 29 * 24 * HOUR))
        parts += [
            (int(who), int(thing), start + int(draws.integers(0, spread_s)))
            for who in members if draws.random() < share
        ]  # fmt: skip
    who, what, when = zip(*parts, strict=True)
    return np.array(who, np.int32), np.array(what, np.int32), np.array(when, np.int64)


def joined(*parts: Events) -> Events:
    return (
        np.concatenate([people for people, _, _ in parts]),
        np.concatenate([things for _, things, _ in parts]),
        np.concatenate([times for _, _, times in parts]),
    )


def found(events: Events, settings: Settings | None = None) -> list[set[int]]:
    pairs = lockstep(*events, PEOPLE, THINGS, settings)
    return [{int(each) for each in group} for group in grouped(pairs.one, pairs.other, PEOPLE)]


def test_a_ring_that_takes_its_time_is_found_and_strangers_are_not() -> None:
    draws = np.random.default_rng(2)
    ring = draws.choice(PEOPLE, 12, replace=False).astype(np.int32)
    assert found(strangers(draws)) == []
    assert found(joined(strangers(draws), together(draws, ring, 10, 5 * HOUR))) == [{int(each) for each in ring}]


def test_a_crowd_at_a_flash_sale_is_no_ring() -> None:
    draws = np.random.default_rng(3)
    fans = draws.choice(PEOPLE, 500, replace=False).astype(np.int32)
    assert found(joined(strangers(draws), together(draws, fans, 4, HOUR // 6))) == []


def test_two_who_are_always_together_are_a_couple() -> None:
    draws = np.random.default_rng(4)
    assert found(joined(strangers(draws), together(draws, np.array([5, 9], np.int32), 12, HOUR, share=1.0))) == []


def test_the_order_of_events_changes_nothing() -> None:
    draws = np.random.default_rng(5)
    ring = draws.choice(PEOPLE, 12, replace=False).astype(np.int32)
    people, things, times = joined(strangers(draws), together(draws, ring, 8, 5 * HOUR))
    order = draws.permutation(len(people))
    one = lockstep(people, things, times, PEOPLE, THINGS)
    other = lockstep(people[order], things[order], times[order], PEOPLE, THINGS)
    assert len(one.one) > 20
    assert [np.asarray(column).tolist() for column in one] == [np.asarray(column).tolist() for column in other]


def by_trying(events: list[tuple[int, int, int]], settings: Settings) -> dict[tuple[int, int], int]:
    """The pairs and over how many things they met, event by event."""

    def near(event: tuple[int, int, int]) -> list[tuple[int, int, int]]:
        return [each for each in events if each[1] == event[1] and abs(each[2] - event[2]) <= settings.window_s]

    quiet = [event for event in events if len({who for who, _, _ in near(event)}) <= settings.crowd_max]
    met: dict[tuple[int, int], set[int]] = {}
    for who, what, when in quiet:
        for other, thing, moment in quiet:
            if who < other and what == thing and abs(when - moment) <= settings.window_s:
                met.setdefault((who, other), set()).add(what)
    return {pair: len(things) for pair, things in met.items() if len(things) >= settings.things_min}


@given(st.lists(st.tuples(st.integers(0, 6), st.integers(0, 4), st.integers(0, 40)), max_size=40))
def test_meetings_are_those_that_one_counts_by_hand(events: list[tuple[int, int, int]]) -> None:
    settings = Settings(window_s=5, things_min=2, crowd_max=4, false_pairs_max=1e9, ties_min=1)
    columns = [np.array([event[place] for event in events], np.int32) for place in range(3)]
    pairs: Pairs = lockstep(columns[0], columns[1], columns[2].astype(np.int64), 7, 5, settings)
    told = {(int(a), int(b)): int(n) for a, b, n in zip(pairs.one, pairs.other, pairs.things, strict=True)}
    assert told == by_trying(events, settings)
