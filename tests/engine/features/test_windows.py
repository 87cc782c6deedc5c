"""Windows of many keys: exact while they are small, within stated bounds when they are not, and never too large."""

from __future__ import annotations

import random
from collections.abc import Sequence
from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from agoranomos.engine.features.encoding import Key128, distinct_64
from agoranomos.engine.features.windows import Windows
from agoranomos.kernel.errors import Conflict

MINUTE = 60_000_000
AGGREGATES = ("count", "sum", "avg", "ratio", "min", "max", "last", "count_distinct")


def key(number: int) -> Key128:
    return (number, number * 0x9E3779B97F4A7C15 % (1 << 63))


def shown(aggregate: str, found: tuple[int, int]) -> tuple[int, int]:
    """What counts of a result: the exact number only where it is divided by."""
    return found if aggregate in ("avg", "ratio") else (found[0], min(found[1], 1))


def expected(aggregate: str, cells: Sequence[tuple[int, int]], at: int, window: int) -> tuple[int, int]:
    """(value, over how many) of (time, value) in the order in which they came."""
    seen = [value for moment, value in sorted(cells, key=lambda cell: cell[0]) if at - window < moment <= at]
    if aggregate == "count_distinct":
        return len(set(seen)), len(set(seen))
    if not seen:
        return 0, 0
    match aggregate:
        case "min":
            return min(seen), len(seen)
        case "max":
            return max(seen), len(seen)
        case "last":
            return seen[-1], 1
    return sum(seen), len(seen)


@given(
    st.sampled_from(AGGREGATES),
    st.lists(st.tuples(st.integers(0, 2), st.integers(0, 40), st.integers(-3, 3)), max_size=60),
)
def test_in_order_they_are_exact(aggregate: str, steps: list[tuple[int, int, int]]) -> None:
    windows = Windows(aggregate, 10 * MINUTE)
    cells: dict[int, list[tuple[int, int]]] = {0: [], 1: [], 2: []}
    now = 0
    for number, step, value in steps:
        now += step * MINUTE // 4
        windows.put(key(number), now, value)
        cells[number].append((now, value))
        for each, theirs in cells.items():
            assert windows.read(key(each), now) == expected(aggregate, theirs, now, 10 * MINUTE)
            more = np.array(list(dict.fromkeys([value, 2])), np.int64)
            both = [*theirs, *((now, int(each)) for each in more)]
            assert windows.read(key(each), now, more)[0] == expected(aggregate, both, now, 10 * MINUTE)[0]


@given(st.permutations(range(12)), st.sampled_from(["count", "sum", "avg", "ratio", "min", "max", "count_distinct"]))
def test_what_comes_late_is_put_where_it_belongs(order: list[int], aggregate: str) -> None:
    windows = Windows(aggregate, 30 * MINUTE)
    cells = [(minute * MINUTE, minute % 5) for minute in range(12)]
    for place in order:
        windows.put(key(1), *cells[place])
    assert windows.read(key(1), 12 * MINUTE) == expected(aggregate, cells, 12 * MINUTE, 30 * MINUTE)
    assert windows.read(key(1), 35 * MINUTE) == expected(aggregate, cells, 35 * MINUTE, 30 * MINUTE)
    counters = windows.counters()
    assert counters.late == sum(1 for at, place in enumerate(order) if place < max(order[:at], default=-1))
    assert counters.missed == 0


def test_what_comes_later_than_a_window_is_counted_and_changes_nothing() -> None:
    windows = Windows("count", 10 * MINUTE)
    windows.put(key(1), 60 * MINUTE, 1)
    windows.put(key(1), 50 * MINUTE, 1)
    windows.put(key(2), 50 * MINUTE, 1)
    assert windows.read(key(1), 60 * MINUTE) == (1, 1)
    assert windows.counters().missed == 2
    assert windows.counters().keys == 1


def test_the_last_is_the_newest_not_the_latest_to_come() -> None:
    windows = Windows("last", 10 * MINUTE)
    for at, value in [(5, 1), (5, 2), (3, 9)]:
        windows.put(key(1), at * MINUTE, value)
    assert windows.read(key(1), 6 * MINUTE) == (2, 1)
    assert windows.read(key(1), 4 * MINUTE) == (0, 0), "what was last before is not kept"


@pytest.mark.parametrize("aggregate", ["count", "sum", "avg", "ratio", "min", "max"])
@pytest.mark.parametrize("pace", [1, 37, 1000])
@pytest.mark.slow
def test_of_many_the_window_may_be_a_64th_longer_and_never_shorter(aggregate: str, pace: int) -> None:
    rng, window = random.Random(pace), 10 * MINUTE
    windows = Windows(aggregate, window)
    now, cells = 0, list[tuple[int, int]]()
    for _ in range(3000):
        now += rng.randrange(2 * window // pace)
        cells.append((now, rng.randrange(1000)))
        windows.put(key(1), *cells[-1])
        if rng.random() < 0.1:
            found = shown(aggregate, windows.read(key(1), now))
            near = [cell for cell in cells if cell[0] > now - 2 * window]
            edges = sorted({now - moment for moment, _ in near if window <= now - moment <= window * 65 // 64})
            possible = [
                shown(aggregate, expected(aggregate, near, now, longer))
                for longer in (window, *(edge + 1 for edge in edges))
            ]
            assert found in possible, (found, possible[0])
    assert (windows.counters().coarsened > 0) == (pace == 1000)
    assert windows.counters().memory_bytes < 200_000


def test_sums_stop_at_the_bounds() -> None:
    windows = Windows("sum", 10 * MINUTE)
    for sign in (1, -1):
        for _ in range(3):
            windows.put(key(sign), 0, sign * (1 << 62))
    assert windows.read(key(1), 0)[0] == (1 << 63) - 1
    assert windows.read(key(-1), 0)[0] == -(1 << 63) + 1


def test_distinct_values_are_exact_up_to_1024() -> None:
    windows = Windows("count_distinct", 10 * MINUTE)
    for number in range(3000):
        windows.put(key(1), number, distinct_64(number % 1024))
    assert windows.read(key(1), 3000) == (1024, 1024)
    assert windows.counters().sampled == 0


@pytest.mark.slow
def test_of_more_distinct_values_a_sample_tells_how_many() -> None:
    errors = []
    for run in range(20):
        windows = Windows("count_distinct", 10 * MINUTE)
        for number in range(20_000):
            windows.put(key(1), number, distinct_64(f"{run}:{number}"))
        errors.append(windows.read(key(1), 20_000)[0] / 20_000 - 1)
        assert windows.counters().memory_bytes < 500_000
    assert abs(float(np.mean(errors))) < 0.03, "unbiased"
    assert float(np.sqrt(np.mean(np.square(errors)))) < 0.063, "the standard error that the documentation states"


def test_a_sample_slides_and_becomes_exact_again() -> None:
    window = 10 * MINUTE
    windows = Windows("count_distinct", window)
    rng, now, seen = random.Random(5), 0, list[tuple[int, int]]()
    paces = [(200, 12_000), (3_000, 12_000), (300_000, 8_000)]  # microseconds apart; how many
    for apart, many in paces:
        for _ in range(many):
            now += rng.randrange(2 * apart)
            seen.append((now, distinct_64(rng.randrange(1 << 40))))
            windows.put(key(1), *seen[-1])
        true = expected("count_distinct", seen, now, window)[0]
        assert windows.read(key(1), now)[0] == pytest.approx(true, rel=0.15)
    # So few that all fit in again: after some windows they are counted one by one.
    for _ in range(1500):
        now += window // 100
        seen.append((now, distinct_64(rng.randrange(1 << 40))))
        windows.put(key(1), *seen[-1])
    assert windows.read(key(1), now) == expected("count_distinct", seen, now, window)


def test_idle_keys_are_forgotten_and_their_room_is_used_again() -> None:
    windows = Windows("count", 10 * MINUTE)
    memory = 0
    for round_ in range(30):
        for number in range(2000):
            windows.put(key(round_ * 2000 + number), round_ * 11 * MINUTE + number, 1)
        if round_ == 2:
            memory = windows.counters().memory_bytes
    assert windows.counters().memory_bytes == memory
    assert windows.counters().keys <= 2000 * 2
    windows.advance(31 * 11 * MINUTE + 11 * MINUTE)
    assert windows.counters().keys == 0
    assert windows.counters().forgotten == 0, "nobody was pushed out"


def test_a_key_that_stays_busy_is_kept() -> None:
    windows = Windows("count", 64 * MINUTE)
    for minute in range(1000):
        windows.put(key(1), minute * MINUTE, 1)
        windows.put(key(2 + minute), minute * MINUTE, 1)
        assert windows.read(key(1), minute * MINUTE)[0] == min(minute + 1, 64)
    assert windows.counters().keys <= 64 + 64 // 62 + 3


def test_beyond_the_most_keys_the_one_idle_longest_goes() -> None:
    windows = Windows("count", 64 * MINUTE, keys_max=100)
    for number in range(100):
        windows.put(key(number), number * MINUTE // 2, 1)
    windows.put(key(0), 50 * MINUTE, 1)
    for number in range(100, 110):
        windows.put(key(number), 51 * MINUTE, 1)
    assert windows.counters().keys == 100
    assert windows.counters().forgotten == 10
    assert windows.read(key(0), 51 * MINUTE)[0] == 2, "it was heard of just now"
    gone = [number for number in range(100) if windows.read(key(number), 51 * MINUTE)[0] == 0]
    assert len(gone) == 10
    assert max(gone) <= 10 + 64 // 31, "to within a 62nd of the window"


@pytest.mark.parametrize("aggregate", AGGREGATES)
def test_resumed_it_goes_on_as_if_nothing_had_been(aggregate: str) -> None:
    rng = random.Random(11)
    one = Windows(aggregate, 10 * MINUTE, keys_max=60)
    now = 0
    for turn in range(6):
        state = one.state()
        other = Windows(aggregate, 10 * MINUTE, keys_max=60)
        other.put(key(999), now, 1)  # what it knew before is gone
        other.resume(state)
        assert other.state() == state
        for _ in range(2500):
            now += rng.randrange(MINUTE // 20)
            put = (
                key(0 if rng.random() < 0.6 else rng.randrange(90)),
                now - rng.choice([0, 0, MINUTE]),
                rng.randrange(10**6),
            )
            for windows in (one, other):
                windows.put(*put)
            asked = key(rng.randrange(90))
            assert one.read(asked, now) == other.read(asked, now)
        assert one.state() == other.state(), turn
    assert one.counters().forgotten > 0
    assert one.counters().late > 0


def test_state_of_other_settings_is_refused() -> None:
    state = Windows("count", 10 * MINUTE).state()
    with pytest.raises(Conflict, match="event log"):
        Windows("count", 11 * MINUTE).resume(state)


def test_many_at_once_are_as_one_by_one() -> None:
    rng = np.random.default_rng(3)
    keys = np.stack([(numbers := rng.integers(0, 5000, 20_000)), numbers * 7919], axis=1)
    ats, values = np.cumsum(rng.integers(0, 100_000, 20_000)), rng.integers(-5, 5, 20_000)
    one, many = Windows("avg", 10 * MINUTE), Windows("avg", 10 * MINUTE)
    for (hi, lo), at, value in zip(keys.tolist(), ats.tolist(), values.tolist(), strict=True):
        one.put((hi, lo), at, value)
    for begin, end in pairwise([0, 1, 7_000, 20_000]):
        many.put_many(keys[begin:end], ats[begin:end], values[begin:end])
    assert one.state() == many.state()


def test_a_key_with_few_events_takes_less_than_300_bytes() -> None:
    windows = Windows("sum", 60 * MINUTE)
    numbers = np.arange(100_000)
    for turn in range(3):
        windows.put_many(
            np.stack([numbers, numbers * 7919], axis=1), np.full(100_000, turn * MINUTE), np.ones(100_000, np.int64)
        )
    assert windows.counters().memory_bytes / windows.counters().keys < 300
