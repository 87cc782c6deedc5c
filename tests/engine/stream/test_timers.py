"""Alarms ring once, in order, at the last setting."""

from __future__ import annotations

from datetime import datetime, timedelta

from hypothesis import given
from hypothesis import strategies as st

from agoranomos.engine.stream.timers import Timers
from tests.builders import NOW

MINUTE = timedelta(minutes=1)
STEPS = st.lists(st.tuples(st.sampled_from("abcdef"), st.integers(0, 30) | st.none()), max_size=200)


def test_alarms_ring_in_the_order_of_time_then_key() -> None:
    timers = Timers()
    for key, minutes in {"b": 2, "a": 2, "c": 1, "late": 9}.items():
        timers.set(key, NOW + minutes * MINUTE)
    assert timers.due() == NOW + MINUTE
    assert timers.ring(NOW + 2 * MINUTE) == ["c", "a", "b"]
    assert timers.ring(NOW + 2 * MINUTE) == []
    assert timers.due() == NOW + 9 * MINUTE


def test_setting_again_moves_and_cancelling_silences() -> None:
    timers = Timers()
    timers.set("a", NOW + MINUTE)
    timers.set("a", NOW + 5 * MINUTE)
    timers.set("b", NOW + MINUTE)
    timers.cancel("b")
    timers.cancel("never set")
    assert timers.ring(NOW + 4 * MINUTE) == []
    assert timers.ring(NOW + 5 * MINUTE) == ["a"]
    assert timers.due() is None


@given(STEPS)
def test_timers_are_a_mapping_of_keys_to_moments(steps: list[tuple[str, int | None]]) -> None:
    timers = Timers()
    plain: dict[str, datetime] = {}
    for number, (key, minutes) in enumerate(steps):
        if minutes is None:
            timers.cancel(key)
            plain.pop(key, None)
        else:
            timers.set(key, NOW + minutes * MINUTE)
            plain[key] = NOW + minutes * MINUTE
        if number % 7 == 0:
            resumed = Timers()
            resumed.resume(timers.state())
            timers = resumed
        assert len(timers) == len(plain)
        assert timers.due() == min(plain.values(), default=None)
    assert timers.ring(NOW + 99 * MINUTE) == [key for _, key in sorted((due, key) for key, due in plain.items())]


def test_moving_one_alarm_for_ever_takes_no_more_room() -> None:
    timers = Timers()
    for number in range(10_000):
        timers.set("a", NOW + number * MINUTE)
    assert len(timers._heap) < 100
    assert timers.due() == NOW + 9_999 * MINUTE
