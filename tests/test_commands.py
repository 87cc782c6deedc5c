"""`agora jobs …` and the background work of `agora serve`, as an operator meets them."""

from __future__ import annotations

import json
import logging
import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from agoranomos.audit import actions as audit
from agoranomos.audit.queries import last_checkpoint
from agoranomos.background import JOBS_KEPT, Background
from agoranomos.kernel.errors import Conflict
from agoranomos.kernel.jobs import queue
from agoranomos.kernel.ledger import posting, queries
from agoranomos.kernel.store import Store, open_store
from agoranomos.main import cli
from agoranomos.wiring import Wiring
from tests.audit.log import make_entry
from tests.builders import NOW
from tests.kernel.ledger.builders import make_account, make_reservation, make_transfer

PATIENCE_S = 60


@pytest.fixture
def agora(store: Store, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Callable[..., Result]:
    """The command line on `store`, in which `mail a` is dead and `mail b` waits."""
    monkeypatch.setenv("AGORA_HOME", str(tmp_path))
    monkeypatch.setattr("agoranomos.foundations.open_store", lambda _: store)  # one that is closed when the test ends
    with store.transaction() as connection:
        for key in "ab":
            queue.enqueue(connection, "mail", key, due_at=NOW, now=NOW, attempts_max=1)
        (job,) = queue.lease(connection, ["mail"], "w1", now=NOW, lease_s=60)
        queue.failed(connection, job, reason="TimeoutError", retry_at=NOW, now=NOW)
    return lambda *arguments: CliRunner().invoke(cli, ["jobs", *arguments])


def test_lists(agora: Callable[..., Result]) -> None:
    assert agora("list").stdout.splitlines() == [
        "dead    2026-05-01T08:00:00Z  mail a  attempts 1/1  TimeoutError",
        "waiting 2026-05-01T08:00:00Z  mail b  attempts 0/1",
    ]
    assert agora("dead").stdout.splitlines() == agora("list", "--state", "dead").stdout.splitlines()
    assert agora("list", "--kind", "letter").stdout == ""


def test_pages(agora: Callable[..., Result]) -> None:
    first = agora("list", "--limit", "1")
    assert "--after mail a" in first.stderr
    page = json.loads(agora("list", "--limit", "1", "--json").stdout)
    assert ([job["key"] for job in page["items"]], page["next_after"]) == (["a"], ["mail", "a"])
    rest = json.loads(agora("list", "--after", "mail", "a", "--json").stdout)
    assert ([job["key"] for job in rest["items"]], rest["next_after"]) == (["b"], None)


def test_retry(agora: Callable[..., Result]) -> None:
    assert json.loads(agora("retry", "mail", "a", "--json").stdout)["state"] == "waiting"
    for arguments, message in ((("mail", "a"), "only a dead job"), (("mail", "zz"), "no such job")):
        refused = agora("retry", *arguments)
        assert refused.exit_code == 2
        assert message in refused.stderr
    assert agora("dead").stdout == ""


def test_retry_says_what_happens_now(agora: Callable[..., Result]) -> None:
    assert agora("retry", "mail", "a").stdout == "mail a waits for a worker.\n"


def until(condition: Callable[[], bool]) -> None:
    deadline = time.monotonic() + PATIENCE_S
    while not condition():
        assert time.monotonic() < deadline, "it did not happen"
        time.sleep(0.05)


def test_the_wired_runner_releases_and_forgets(tmp_path: Path) -> None:
    wiring = Wiring(tmp_path, clock=lambda: NOW)
    store = wiring.store()
    early = NOW - JOBS_KEPT - JOBS_KEPT
    with store.transaction() as connection:
        posting.open_accounts(connection, [make_account("world", floor=None), make_account("budget")])
        reservation = make_reservation(credit="world", at=early, expires_at=NOW)
        posting.post(connection, [make_transfer(at=early), reservation], now=early)
        queue.enqueue(connection, "mail", "old", due_at=early, now=early)
        queue.done(connection, *queue.lease(connection, ["mail"], "w1", now=early, lease_s=60), now=early)

    def released_and_forgotten() -> bool:
        with store.reading() as connection:
            known = [job.kind for job in queue.listed(connection)]
            return queries.balance(connection, "budget").available == 100 and "mail" not in known

    with wiring.runner():
        until(released_and_forgotten)
    store.close()


def test_what_is_not_signed_yet_is_signed_when_the_program_stops(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    wiring = Wiring(tmp_path, clock=lambda: NOW)
    work = Background(wiring, "w1")
    with wiring.store().transaction() as connection:
        audit.record(connection, make_entry())
    work.sign_for_the_last_time()
    with wiring.store().reading() as connection:
        last = last_checkpoint(connection)
        assert last is not None
        assert last.size == 1
    with wiring.store().transaction() as connection:
        audit.record(connection, make_entry(1))
        connection.exec_driver_sql("DELETE FROM audit_tiles")
    work.sign_for_the_last_time()
    warned = [record.getMessage() for record in caplog.records if record.levelno >= logging.WARNING]
    assert warned == ["the audit log was not signed at the end: Conflict"]
    wiring.store().close()


def test_no_runner_on_tables_that_are_missing(empty_store_url: str, tmp_path: Path) -> None:
    if empty_store_url.startswith("sqlite"):
        pytest.skip("the embedded store makes its tables by itself")
    wiring = Wiring(tmp_path, database_url=empty_store_url)
    with pytest.raises(Conflict, match="agora db upgrade"):
        wiring.runner()
    wiring.store().close()


@pytest.mark.slow
def test_serve_does_background_work_and_stops_when_told(judge: object, judge_cache: Path, tmp_path: Path) -> None:
    (tmp_path / "cache").symlink_to(judge_cache)
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    serving = subprocess.Popen(
        [sys.executable, "-m", "agoranomos.main", "serve", "--port", str(port)],
        env={**os.environ, "AGORA_HOME": str(tmp_path)},
        stdout=subprocess.DEVNULL,
    )
    store = open_store(str(tmp_path / "agoranomos.sqlite3"))

    def all_had_a_turn() -> bool:
        assert serving.poll() is None
        with store.reading() as connection:
            jobs = list(queue.listed(connection))
        kinds = {job.kind for job in jobs if job.due_at > job.enqueued_at}
        return {"audit.checkpoint", "catalogue.count", "jobs.prune", "ledger.expire", "webhooks.deliver"} <= kinds

    try:
        until(all_had_a_turn)
        with store.transaction() as connection:
            size = audit.record(connection, make_entry()) + 1
        serving.send_signal(signal.SIGTERM)
        assert serving.wait(PATIENCE_S) == 128 + signal.SIGTERM
        with store.reading() as connection:
            last = last_checkpoint(connection)
            assert last is not None
            assert last.size == size, "what was recorded last is signed"
    finally:
        serving.kill()
        serving.wait()
        store.close()
