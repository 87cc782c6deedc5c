"""Keys by day: what is old is given once, whatever else is known."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from agoranomos.engine.stream.ageing import Ageing


@given(st.lists(st.tuples(st.integers(0, 99), st.integers(-5, 30))), st.lists(st.integers(-6, 31)))
def test_each_key_is_given_once_when_its_day_is_old(noted: list[tuple[int, int]], asked: list[int]) -> None:
    ages, given_out = Ageing[int](), list[int]()
    for key, day in noted:
        ages.note(key, day)
    for day in sorted(asked):
        found = [*ages.until(day)]
        given_out += found
        assert sorted(given_out) == sorted(key for key, since in noted if since <= day)


def test_what_is_to_be_kept_is_noted_again() -> None:
    ages = Ageing[str]()
    ages.note("held", 1)
    ages.note("over", 1)
    for key in ages.until(3):
        if key == "held":
            ages.note(key, 3)
    assert [*ages.until(2)] == []
    assert [*ages.until(3)] == ["held"]
