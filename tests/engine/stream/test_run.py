"""Monitors hear in order and are woken in time."""

from __future__ import annotations

from datetime import datetime, timedelta

import pytest

from agoranomos.engine.stream.monitor import Out, Output
from agoranomos.engine.stream.run import FORESEEN, OfTypes, Run
from agoranomos.kernel.errors import Conflict
from agoranomos.kernel.findings import Finding
from tests.builders import NOW
from tests.engine.stream.monitors import Echo, event


def said(outputs: list[Output]) -> list[tuple[str, str, str]]:
    """(code, subject, who)"""
    return [(each.code, each.subject.id, each.detector) for each in outputs if isinstance(each, Finding)]


def test_who_is_due_speaks_before_the_next_event() -> None:
    outputs = Run([Echo()]).feed([event("a"), event("b", 59), event("c", 60), event("d", 130)])
    assert said(outputs) == [
        ("test.heard", "a", "echo"),
        ("test.heard", "b", "echo"),
        ("test.later", "a", "echo"),
        ("test.heard", "c", "echo"),
        ("test.later", "b", "echo"),
        ("test.later", "c", "echo"),
        ("test.heard", "d", "echo"),
    ]
    later = [each for each in outputs if isinstance(each, Finding) and each.code == "test.later"]
    assert later[1].at == "2026-05-01T09:59:00Z", "it speaks at its own time, not at that of the next event"


def test_nothing_falls_due_after_the_last_event_unless_time_passes() -> None:
    run = Run([Echo()])
    run.feed([event("a")])
    assert said(run.pass_until(NOW + timedelta(minutes=59))) == []
    assert said(run.pass_until(NOW + timedelta(minutes=60))) == [("test.later", "a", "echo")]


def test_what_is_due_at_once_speaks_even_after_the_last_event() -> None:
    assert said(Run([Echo(delay=timedelta(0))]).feed([event("a")]))[-1] == ("test.later", "a", "echo")


def test_monitors_hear_in_their_order() -> None:
    outputs = Run([Echo("one"), Echo("two")]).feed([event("a"), event("b", 120)])
    assert said(outputs) == [
        ("test.heard", "a", "one"),
        ("test.heard", "a", "two"),
        ("test.later", "a", "one"),
        ("test.later", "a", "two"),
        ("test.heard", "b", "one"),
        ("test.heard", "b", "two"),
    ]


def test_a_late_event_is_heard_and_time_does_not_run_back() -> None:
    run = Run([Echo()])
    outputs = run.feed([event("a", 100), event("late", 10)])
    assert run.now == NOW + timedelta(minutes=100)
    assert said(outputs)[1:] == [("test.heard", "late", "echo"), ("test.later", "late", "echo")]


def test_all_events_are_foreseen_and_only_those_heard() -> None:
    echo = Echo()
    brand = {"brand_id": "b", "names": ["B"]}
    many = [event(f"e{number:04}", number) for number in range(FORESEEN + 3)]
    from agoranomos.kernel.events import parse_event

    registered = parse_event(
        {"id": "x", "source": "s", "type": "brand.registered", "time": "2026-05-01T08:00:00Z", "data": brand}
    )
    Run([echo]).feed([registered, *many])
    assert echo.foreseen == [each.id for each in many]


def test_resumed_monitors_go_on_as_if_nothing_had_happened() -> None:
    events = [event(f"e{number}", 17 * number) for number in range(40)]
    whole = Run([Echo()]).feed(events)
    first, second = Echo(), Echo()
    outputs = Run([first]).feed(events[:20])
    second.resume(first.state())
    outputs += Run([second], now=events[19].time).feed(events[20:])
    assert outputs == whole


def test_a_monitor_that_cannot_be_woken_enough_is_stopped() -> None:
    class Restless(Echo):
        def wake(self, now: datetime, out: Out) -> None:  # noqa: ARG002 - the contract's signature
            self.timers.set("again", now)

    restless = Restless()
    restless.timers.set("x", NOW)
    with pytest.raises(Conflict, match="for ever"):
        Run([restless]).feed([event("a", 5)])


def test_two_monitors_of_one_name_are_refused() -> None:
    with pytest.raises(Conflict, match="one name"):
        Run([Echo(), Echo()])


def test_events_of_some_types_are_those_that_a_list_would_hold() -> None:
    events = [event(str(number)) for number in range(4)]
    wanted = OfTypes(events, {events[0].type})
    assert (len(wanted), list(wanted), wanted[1], wanted[1:]) == (4, events, events[1], events[1:])
    assert list(OfTypes(events, {"store.opened"})) == []
