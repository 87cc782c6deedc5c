from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from agoranomos.engine.market.lives import Event, Life
from agoranomos.engine.market.schedule import run
from agoranomos.engine.market.truth import lookalike


def told(at: int, name: str) -> Event:
    return Event(at, "test", name, "test", {})


def steady(name: str, start: int, step: int, count: int) -> Life:
    for number in range(count):
        yield told(start + number * step, f"{name}{number}")


def family(start: int) -> Life:
    yield start
    yield told(start, "parent")
    yield steady("child", start + 5, 3, 2)
    yield start + 6
    yield told(start + 7, "later")


def names(lives: list[Life], until: int) -> list[str]:
    return [one.id if isinstance(one, Event) else one.plot for one in run(lives, until)]


def test_lives_are_told_in_the_order_of_time_then_id() -> None:
    assert names([steady("b", 0, 10, 3), steady("a", 0, 5, 3)], 100) == ["a0", "b0", "a1", "a2", "b1", "b2"]


def test_a_life_waits_and_begins_others() -> None:
    assert names([family(10)], 100) == ["parent", "child0", "later", "child1"]


def test_truth_is_told_when_it_begins() -> None:
    def life() -> Life:
        yield lookalike("family", "account", "a1", 7)
        yield told(5, "before")
        yield told(9, "after")

    assert names([life()], 100) == ["before", "family", "after"]


def test_what_happens_in_one_millisecond_is_told_by_source_and_id() -> None:
    def life() -> Life:
        yield told(5, "z")
        yield told(5, "b")
        yield steady("a", 5, 1, 1)

    assert names([life()], 100) == ["a0", "b", "z"]


def test_nothing_is_told_from_the_end_on() -> None:
    assert names([steady("a", 0, 5, 10)], 15) == ["a0", "a1", "a2"]


@pytest.mark.parametrize("second", [told(4, "x"), 4])
def test_a_life_may_not_go_back_in_time(second: Event | int) -> None:
    def life() -> Life:
        yield told(5, "now")
        yield second

    with pytest.raises(AssertionError, match="life"):
        list(run([life()], 100))


@given(
    st.lists(st.tuples(st.integers(0, 50), st.integers(1, 9), st.integers(1, 9)), max_size=6),
    st.integers(0, 100),
    st.integers(0, 100),
)
def test_a_longer_run_begins_like_a_shorter_one(lives: list[tuple[int, int, int]], end: int, more: int) -> None:
    def all_of_them() -> list[Life]:
        return [steady(f"{number}-", *life) for number, life in enumerate(lives)]

    short, long = names(all_of_them(), end), names(all_of_them(), end + more)
    assert long[: len(short)] == short
