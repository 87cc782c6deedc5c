"""A thread that follows the log, one process at a time, and hands over when it stops."""

from __future__ import annotations

import time
from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

import pytest
import sqlalchemy as sa

from agoranomos.engine.stream.follower import Follower
from agoranomos.engine.stream.tables import stream_checkpoints
from agoranomos.kernel.store import Store
from tests.builders import NOW
from tests.engine.stream.monitors import Echo, make_event
from tests.engine.stream.test_live import LOG, arrive, keep, kept, read_after

PATIENCE_S = 30


_started = [0.0]


@pytest.fixture(autouse=True)
def the_day_begins() -> None:
    """With each test: the whole suite may take so long that what a test is told would be quiet from the start."""
    _started[0] = time.monotonic()


def now() -> datetime:
    """The day of the events, at the pace of the real clock: leases end, and nothing is quiet for ten minutes."""
    return NOW + timedelta(seconds=time.monotonic() - _started[0])


def follower(store: Store, holder: str = "one", **changes: Any) -> Follower:
    given: dict[str, Any] = {"read_after": read_after, "keep": keep, "clock": now, "poll_s": 0.02}
    return Follower(store, "echo", Echo, holder_id=holder, **{**given, **changes})


def until(happened: Callable[[], bool]) -> None:
    deadline = time.monotonic() + PATIENCE_S
    while not happened():
        assert time.monotonic() < deadline, "it did not happen in time"
        time.sleep(0.02)


@pytest.fixture
def log(store: Store) -> Store:
    with store.transaction() as connection:
        LOG.create(connection)
    return store


def position(store: Store) -> int:
    with store.reading() as connection:
        return connection.execute(sa.select(stream_checkpoints.c.position)).scalar_one_or_none() or 0


def test_it_hears_what_arrives_and_keeps_its_place_when_stopped(log: Store) -> None:
    with follower(log):
        arrive(log, [make_event("a", 0), make_event("b", 11)])
        until(lambda: len(kept(log)) == 1)
        arrive(log, [make_event("c", 22)])
        until(lambda: len(kept(log)) == 2)
    assert position(log) == 3


def test_the_next_takes_over_when_the_first_stops(log: Store) -> None:
    first, second = follower(log, "one"), follower(log, "two")
    with first:
        arrive(log, [make_event("a", 0), make_event("b", 11)])
        until(lambda: len(kept(log)) == 1)
        with second:
            first.stop()
            arrive(log, [make_event("c", 22)])
            until(lambda: len(kept(log)) == 2)


def test_two_at_once_say_everything_once(log: Store) -> None:
    with follower(log, "one"), follower(log, "two"):
        arrive(log, [make_event(f"e{number}", number) for number in range(60)])
        until(lambda: len([each for each in kept(log) if each["code"] == "test.heard"]) == 50)


def test_a_failure_passes(log: Store, caplog: pytest.LogCaptureFixture) -> None:
    failures = iter([True, True, False])

    def sometimes(connection: sa.Connection, outputs: Any, at: datetime) -> None:
        if next(failures, False):
            raise RuntimeError("13800138000")
        keep(connection, outputs, at)

    with follower(log, keep=sometimes):
        arrive(log, [make_event("a", 0), make_event("b", 11)])
        until(lambda: len(kept(log)) == 1)
    assert "will go on: RuntimeError" in caplog.text


def test_who_was_stopped_for_long_has_lost_the_lease(log: Store) -> None:
    """The clock of the first stands still, so it never renews; the second takes over when its lease has run out."""
    started = now()
    behind = follower(log, "one", clock=lambda: started, lease_s=0.5)
    with behind:
        arrive(log, [make_event("a", 0), make_event("b", 11)])
        until(lambda: len(kept(log)) == 1)
        with follower(log, "two", clock=lambda: now() + timedelta(seconds=1), lease_s=30):
            arrive(log, [make_event("c", 22), make_event("d", 33)])
            until(lambda: len(kept(log)) == 3)
            behind.stop()
    assert position(log) == 4
