"""A monitor that follows the log says the same whether or not it was killed, and wherever."""

from __future__ import annotations

import random
from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any

import msgspec
import pytest
import sqlalchemy as sa

from agoranomos.engine.stream import live as live_module
from agoranomos.engine.stream.live import Live
from agoranomos.engine.stream.monitor import Output
from agoranomos.engine.stream.ordering import LATENESS
from agoranomos.engine.stream.tables import stream_checkpoints
from agoranomos.judgements.actions import keep_findings
from agoranomos.judgements.tables import findings
from agoranomos.kernel.clock import parse_rfc3339
from agoranomos.kernel.dialects import Json, Moment
from agoranomos.kernel.errors import Conflict
from agoranomos.kernel.events import Event, parse_event
from agoranomos.kernel.findings import Finding
from agoranomos.kernel.store import Store
from tests.builders import NOW
from tests.engine.stream.monitors import Echo, make_event

LOG = sa.Table(
    "a_log",
    sa.MetaData(),
    sa.Column("position", sa.Integer, primary_key=True, autoincrement=False),
    sa.Column("line", Json, nullable=False),
    sa.Column("received_at", Moment, nullable=False),
)
SECOND = timedelta(seconds=1)


class Arrival(msgspec.Struct, frozen=True):
    position: int
    event: Event
    received_at: datetime


def read_after(connection: sa.Connection, position: int, limit: int) -> list[Arrival]:
    query = sa.select(LOG).where(LOG.c.position > position).order_by(LOG.c.position).limit(limit)
    return [Arrival(row.position, parse_event(row.line), row.received_at) for row in connection.execute(query)]


def keep(connection: sa.Connection, outputs: Sequence[Output], now: datetime) -> None:
    keep_findings(connection, [each for each in outputs if isinstance(each, Finding)], now=now)


def mine(connection: sa.Connection) -> None:
    """Nobody else wants it."""


def follow(store: Store, **changes: Any) -> Live:
    given: dict[str, Any] = {"read_after": read_after, "keep": keep, "mine": mine}
    return Live(store, changes.pop("make", Echo), **{**given, **changes})


@pytest.fixture
def log(store: Store) -> Store:
    with store.transaction() as connection:
        LOG.create(connection)
    return store


def arrive(store: Store, events: Sequence[dict[str, Any]], *, delay: timedelta = SECOND) -> datetime:
    """Appends `events`, each so long after its own time or the arrival before; returns when the last came."""
    with store.transaction() as connection:
        last = connection.execute(sa.select(sa.func.max(LOG.c.position))).scalar_one() or 0
        received = NOW
        for number, each in enumerate(events, start=last + 1):
            received = max(received, parse_rfc3339(each["time"]) + delay)
            connection.execute(sa.insert(LOG).values(position=number, line=each, received_at=received))
    return received


def kept(store: Store) -> list[Any]:
    with store.reading() as connection:
        return list(
            connection.execute(sa.select(findings.c.document).order_by(findings.c.at, findings.c.finding_id)).scalars()
        )


def jumbled(count: int, seed: int) -> list[dict[str, Any]]:
    """Events about a minute apart, most a little out of order, some far too late."""
    draw = random.Random(seed)
    return [
        make_event(f"e{number:03}", number + draw.choice([0, 0, 0, -3, 2, -7, -25])) for number in range(30, 30 + count)
    ]


def test_events_are_heard_in_order_ten_minutes_behind(log: Store) -> None:
    follower = follow(log)
    assert follower.step(NOW).idle
    received = arrive(log, [make_event("b", 5), make_event("a", 1), make_event("c", 14)])
    step = follower.step(received)
    assert (step.read, step.heard) == (3, 1)
    assert [(each["code"], each["subject"]["id"]) for each in kept(log)] == [("test.heard", "a")]
    assert follower.step(received).idle


def test_when_nothing_more_comes_nothing_waits_for_ever(log: Store) -> None:
    follower = follow(log)
    received = arrive(log, [make_event("b", 5), make_event("a", 1)])
    follower.step(received)
    assert kept(log) == []
    assert follower.step(received + LATENESS - SECOND).idle
    assert follower.step(received + LATENESS).heard == 2
    assert follower.step(received + LATENESS).idle
    assert follower.step(received + timedelta(minutes=67)).outputs == 1, "the alarm of the first event"
    assert [each["code"] for each in kept(log)] == ["test.heard", "test.heard", "test.later"]


def test_the_clock_of_a_history_stands_still_at_its_end(log: Store) -> None:
    follower = follow(log)
    received = arrive(log, [make_event("a", 0), make_event("b", 30)], delay=timedelta(days=100))
    follower.step(received)
    later = received + timedelta(days=3)
    assert follower.step(later).heard == 1
    assert follower.step(later).idle
    assert [each["code"] for each in kept(log)] == ["test.heard"] * 2
    arrive(log, [make_event("c", 75)], delay=timedelta(days=104))
    follower.step(later + timedelta(days=1))
    assert follower.late == 0
    assert [each["code"] for each in kept(log)] == ["test.heard", "test.heard", "test.later"]


@pytest.mark.parametrize("seed", range(4))
@pytest.mark.slow
def test_kills_repeat_work_and_no_effect(log: Store, seed: int, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(live_module, "STEP_EVENTS_MAX", 7)
    draw = random.Random(seed)
    received = arrive(log, jumbled(120, seed))
    end = received + LATENESS

    def to_the_end(follower: Live) -> None:
        while not follower.step(end).idle:
            pass

    to_the_end(follow(log))
    expected = kept(log)
    assert {each["code"] for each in expected} == {"test.heard", "test.later"}
    with log.transaction() as connection:
        connection.execute(sa.delete(findings))
        connection.execute(sa.delete(stream_checkpoints))
    now, follower, kills = received, follow(log), 0
    while True:
        now += timedelta(seconds=draw.choice([1, 1, 40]))
        step = follower.step(min(now, end))
        if draw.random() < 0.4:  # all that was in memory is gone
            follower = follow(log)
            kills += 1
        elif step.idle and now >= end:
            break
        elif step.idle:
            now = end
    assert kills > 3
    assert kept(log) == expected


def test_a_step_that_fails_keeps_nothing_and_is_done_again(log: Store) -> None:
    fail = True

    def failing(connection: sa.Connection, outputs: Sequence[Output], now: datetime) -> None:
        keep(connection, outputs, now)
        if fail:
            raise RuntimeError("the disk is full")

    follower = follow(log, keep=failing)
    received = arrive(log, [make_event("a", 1), make_event("c", 14)])
    with pytest.raises(RuntimeError):
        follower.step(received)
    assert kept(log) == []
    fail = False
    assert follower.step(received).heard == 1
    assert len(kept(log)) == 1


def test_who_has_lost_the_monitor_keeps_nothing(log: Store) -> None:
    def lost(connection: sa.Connection) -> None:
        raise Conflict("another process follows the log")

    received = arrive(log, [make_event("a", 1), make_event("c", 14)])
    with pytest.raises(Conflict):
        follow(log, mine=lost).step(received)
    assert kept(log) == []


def test_a_new_version_hears_the_log_from_its_start(log: Store) -> None:
    received = arrive(log, [make_event("a", 1), make_event("c", 14)])
    follow(log).step(received)
    assert follow(log).position == 2

    def newer() -> Echo:
        echo = Echo()
        echo.version = "2"
        return echo

    follower = follow(log, make=newer)
    assert follower.position == 0
    assert follower.step(received).heard == 1


def test_a_last_checkpoint_spares_the_work(log: Store) -> None:
    received = arrive(log, [make_event(f"e{number}", number) for number in range(40)])
    follower = follow(log)
    follower.step(received)
    arrive(log, [make_event(f"f{number}", 40 + number) for number in range(10)])
    follower.step(received + SECOND)
    follower.checkpoint(received + SECOND)
    again = follow(log)
    assert again.position == 50
    assert again.step(received + SECOND).idle


def test_a_monitor_thinks_while_others_write(log: Store) -> None:
    """On SQLite the second write would find the store locked."""

    class Writing(Echo):
        def hear(self, event: Event, out: Any) -> None:
            with log.transaction() as connection:
                connection.execute(sa.delete(LOG).where(LOG.c.position < 0))
            super().hear(event, out)

    now = arrive(log, [make_event("e1"), make_event("e2", 20)])
    live = follow(log, make=Writing)
    assert live.step(now).heard == 1
    assert live.step(now + LATENESS).heard == 1
    assert len(kept(log)) == 2
