"""The threads that do the jobs: nothing lost, nothing done twice, whoever dies in the middle."""

from __future__ import annotations

import logging
import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa

from agoranomos.kernel.clock import system_clock
from agoranomos.kernel.jobs import queue
from agoranomos.kernel.jobs.model import Job
from agoranomos.kernel.jobs.runner import Effect, Handler, Runner
from agoranomos.kernel.ledger import posting, queries
from agoranomos.kernel.ledger.sweep import PORTION, expire_all_due
from agoranomos.kernel.ledger.trial import trial_balance
from agoranomos.kernel.store import Store
from tests.builders import NOW
from tests.kernel.ledger.builders import make_account, make_reservation, make_transfer

ROOT = Path(__file__).parents[3]
PATIENCE_S = 30


def runner(store: Store, handlers: dict[str, Handler], **fields: Any) -> Runner:
    given = {"worker_id": "w1", "clock": system_clock, "draw": lambda: 0.0, "poll_s": 0.01, **fields}
    return Runner(store, handlers, **given)


def enqueue(store: Store, *keys: str, **fields: Any) -> None:
    with store.transaction() as connection:
        for key in keys:
            queue.enqueue(connection, "work", key, due_at=NOW, now=NOW, **fields)


def jobs(store: Store) -> list[Job]:
    with store.reading() as connection:
        return queue.listed(connection)


def until(condition: Callable[[], bool]) -> None:
    deadline = time.monotonic() + PATIENCE_S
    while not condition():
        assert time.monotonic() < deadline, "it did not happen"
        time.sleep(0.01)


def no_effect(job: Job) -> None:
    """A handler whose slow part is all there is."""


def test_the_effect_and_done_are_one(store: Store) -> None:
    enqueue(store, "a", "b", "c")

    def handler(job: Job) -> Effect:
        return lambda connection: queue.enqueue(connection, "seen", job.key, due_at=NOW, now=NOW)

    with runner(store, {"work": handler}):
        until(lambda: sum(job.state == "done" for job in jobs(store)) == 3)
    assert sorted(job.key for job in jobs(store) if job.kind == "seen") == ["a", "b", "c"]


def test_what_fails_is_tried_again_then_dead_and_its_message_is_not_kept(
    store: Store, caplog: pytest.LogCaptureFixture
) -> None:
    enqueue(store, "a", attempts_max=3)
    tries: list[int] = []

    def handler(job: Job) -> None:
        tries.append(job.attempts)
        raise LookupError("zhang.san@example.com is not known")

    with caplog.at_level(logging.WARNING), runner(store, {"work": handler}):
        until(lambda: jobs(store)[0].state == "dead")
    assert tries == [1, 2, 3]
    assert jobs(store)[0].reason == "LookupError"
    assert "test_runner.py:" in caplog.text, "the place of the error helps to find it"
    assert "zhang" not in caplog.text


def test_a_failing_effect_leaves_nothing(store: Store) -> None:
    enqueue(store, "a", attempts_max=1)

    def effect(connection: sa.Connection) -> None:
        queue.enqueue(connection, "seen", "a", due_at=NOW, now=NOW)
        raise LookupError

    with runner(store, {"work": lambda _: effect}):
        until(lambda: jobs(store)[0].state == "dead")
    assert [job.kind for job in jobs(store)] == ["work"]


def test_stopping_waits_for_what_is_being_done(store: Store) -> None:
    enqueue(store, "a", "b")
    begun, go_on = threading.Event(), threading.Event()

    def handler(job: Job) -> None:
        begun.set()
        go_on.wait(PATIENCE_S)

    working = runner(store, {"work": handler}, threads=1)
    working.start()
    assert begun.wait(PATIENCE_S)
    threading.Timer(0.1, go_on.set).start()
    assert working.stop()
    assert sorted(job.state for job in jobs(store)) == ["done", "waiting"], "the second was not begun"


def test_stopping_does_not_wait_for_ever_and_another_takes_over(store: Store) -> None:
    enqueue(store, "a")
    begun, go_on = threading.Event(), threading.Event()

    def stuck(job: Job) -> None:
        begun.set()
        go_on.wait(PATIENCE_S)

    working = runner(store, {"work": stuck}, threads=1, lease_s=0.3)
    working.start()
    assert begun.wait(PATIENCE_S)
    assert not working.stop(grace_s=0.05)
    with runner(store, {"work": no_effect}, worker_id="w2"):
        until(lambda: jobs(store)[0].state == "done")
    assert jobs(store)[0].attempts == 2
    go_on.set()  # the first comes back, is refused, and cannot fail what is done
    working.stop()
    assert jobs(store)[0].state == "done"


@pytest.mark.slow
def test_a_long_job_keeps_its_lease(store: Store) -> None:
    enqueue(store, "a")
    seen: list[str] = []

    def long(job: Job) -> None:
        seen.append("begun")
        time.sleep(1.5)

    with runner(store, {"work": long}, lease_s=0.5), runner(store, {"work": long}, worker_id="w2", lease_s=0.5):
        until(lambda: jobs(store)[0].state == "done")
    assert seen == ["begun"]


def test_recurring_jobs_come_round(store: Store) -> None:
    moments = iter(NOW + timedelta(seconds=10 * n) for n in range(10_000))  # time flies at every look
    turns: list[object] = []
    handlers: dict[str, Handler] = {"tick": lambda job: turns.append(job.due_at)}
    with runner(store, handlers, recurring={"tick": 5}, clock=lambda: next(moments)):
        until(lambda: len(turns) >= 3)
    assert len(set(turns)) == len(turns)
    assert jobs(store)[0].state == "waiting"


def test_a_database_that_is_away_is_waited_for(
    store: Store, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    enqueue(store, "a")
    answers = [sa.exc.OperationalError("", None, OSError()), OSError()]
    look = queue.any_free

    def away(*arguments: Any) -> bool:
        if answers:
            raise answers.pop()
        return look(*arguments)

    monkeypatch.setattr(queue, "any_free", away)
    with caplog.at_level(logging.WARNING), runner(store, {"work": no_effect}, threads=1):
        until(lambda: jobs(store)[0].state == "done")
    assert caplog.text.count("no jobs can be leased") == 2


@pytest.mark.slow
def test_a_kill_in_the_middle_of_jobs(store: Store) -> None:
    """Two processes, one killed and replaced: each job pays exactly once, whatever it was interrupted in."""
    count = 60
    with store.transaction() as connection:
        posting.open_accounts(connection, [make_account("world", floor=None), make_account("budget")])
        for n in range(count):
            queue.enqueue(connection, "pay", f"j{n:02}", due_at=NOW, now=NOW)
    url = store.engine.url.render_as_string(hide_password=False)

    def start(name: str) -> subprocess.Popen[bytes]:
        command = [sys.executable, "-m", "tests.kernel.jobs.worker", url, name]
        return subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE)

    victim, other = start("w1"), start("w2")
    assert victim.stdout is not None
    victim.stdout.readline()  # in the middle of its first transaction
    os.kill(victim.pid, signal.SIGKILL)
    replacement = start("w3")
    assert victim.wait() == -signal.SIGKILL
    for process in (other, replacement):
        process.communicate(timeout=120)
        assert process.returncode == 0
    victim.stdout.close()
    with store.reading() as connection:
        assert {job.state for job in queue.listed(connection)} == {"done"}
        assert queries.balance(connection, "budget").posted == 20 * count
        assert trial_balance(connection) == []


def test_everything_that_has_expired_is_released(store: Store) -> None:
    reservations = [make_reservation(f"r{n}", credit="world", amount=1) for n in range(PORTION + 5)]
    with store.transaction() as connection:
        posting.open_accounts(connection, [make_account("world", floor=None), make_account("budget")])
        posting.post(connection, [make_transfer(amount=len(reservations)), *reservations], now=NOW)
    assert expire_all_due(store, NOW + timedelta(minutes=14)) == 0
    assert expire_all_due(store, NOW + timedelta(minutes=15)) == len(reservations)
    with store.reading() as connection:
        assert queries.balance(connection, "budget").available == len(reservations)
