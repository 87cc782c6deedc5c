"""A little late is put in order; too late is heard as it comes."""

from __future__ import annotations

from datetime import timedelta

from hypothesis import given
from hypothesis import strategies as st

from agoranomos.engine.stream.ordering import LATENESS, Reorderer
from tests.builders import NOW
from tests.engine.stream.monitors import event

MINUTE = timedelta(minutes=1)


def test_an_event_waits_until_its_stream_is_ten_minutes_on() -> None:
    order = Reorderer()
    assert order.arrive(1, event("b", 5))
    assert order.arrive(2, event("a", 0))
    assert order.let_go() == []
    assert order.arrive(3, event("c", 12))
    assert [each.id for each in order.let_go()] == ["a"]
    assert order.first_held() == 1
    assert order.arrive(4, event("d", 15))
    assert [each.id for each in order.let_go()] == ["b"]
    assert len(order) == 2


def test_what_comes_after_its_turn_is_not_held() -> None:
    order = Reorderer()
    order.arrive(1, event("a", 20))
    order.let_go()
    assert order.watermark == NOW + 10 * MINUTE
    assert not order.arrive(2, event("late", 10))
    assert order.arrive(3, event("just in time", 10.01))
    assert order.late == 1


@given(st.lists(st.integers(-30, 30), max_size=60))
def test_what_is_let_go_is_in_order_and_complete(jitter: list[int]) -> None:
    order = Reorderer()
    gone, late = [], []
    for number, minutes in enumerate(jitter):
        each = event(f"e{number}", 3 * number + minutes)
        if not order.arrive(number + 1, each):
            late.append(each)
            assert order.newest is not None
            assert each.time <= order.newest - LATENESS
        gone += order.let_go()
    gone += order.let_go(NOW + timedelta(days=1))
    assert [each.time for each in gone] == sorted(each.time for each in gone)
    assert len(gone) + len(late) == len(jitter)
    assert order.late == len(late)
