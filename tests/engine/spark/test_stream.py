"""`agora stream`, killed in the middle: each event is in the log once, and monitors find what a history has."""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path
from typing import Any, Final

import msgspec
import pytest
import sqlalchemy as sa

from agoranomos.engine.stream.live import Live
from agoranomos.engine.stream.run import Run
from agoranomos.intake.queries import read_after
from agoranomos.intake.tables import intake_events, intake_rejects
from agoranomos.judgements.queries import About, list_findings
from agoranomos.kernel.findings import Finding
from agoranomos.kernel.store import Store, open_store
from agoranomos.reviews.numbers.telling import NAME as NUMBERS
from agoranomos.reviews.pressure.telling import NAME as PRESSURE
from agoranomos.rules.keeping import keep_outputs
from tests.engine.spark.standalone import skip_without_spark
from tests.reviews.numbers.builders import ACTIONS, Desk
from tests.reviews.test_live import market

pytestmark = [pytest.mark.slow, pytest.mark.xdist_group("spark")]
FILES: Final = 12
_PATIENCE_S: Final = 600


def raw(event: Any) -> bytes:
    """An event as a line."""
    line = {
        "specversion": "1.0", "id": event.id, "source": event.source, "type": event.type, "time": event.time,
        "subject": event.subject, "data": event.data,
    }  # fmt: skip
    return msgspec.json.encode({name: value for name, value in line.items() if value is not None})


@pytest.fixture
def incoming(tmp_path: Path) -> Path:
    """A small market in twelve files, by time; in each a line that is no event, and an event of the one before."""
    folder = tmp_path / "incoming"
    folder.mkdir()
    lines = [raw(event) for event in market()[0]]
    size = -(-len(lines) // FILES)
    for number in range(FILES):
        part = [*lines[max(0, number * size - 1) : (number + 1) * size], b"no event"]
        path = folder / f"{number:02}.jsonl"
        path.write_bytes(b"\n".join(part) + b"\n")
        os.utime(path, (1_800_000_000 + number, 1_800_000_000 + number))
    return folder


def called(home: Path, incoming: Path, *words: str) -> subprocess.Popen[str]:
    """The command, in a process of its own."""
    environment = {**os.environ, "AGORA_HOME": str(home), "SPARK_LOCAL_IP": "127.0.0.1"}
    environment["PYTHONPATH"] = os.pathsep.join(each for each in sys.path if each)
    return subprocess.Popen(
        [
            sys.executable, "-m", "agoranomos.main", "stream", str(incoming), "--checkpoint", str(home / "checkpoint"),
            "--master", "local[1]", "--spark-conf", "spark.driver.memory=512m", "--files", "2", *words,
        ],
        env=environment, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, start_new_session=True,
    )  # fmt: skip


def kill(process: subprocess.Popen[str]) -> None:
    """As the loss of the machine: the Java process with it."""
    os.killpg(process.pid, signal.SIGKILL)
    process.communicate()


def wait_until(met: Callable[[], bool], process: subprocess.Popen[str]) -> None:
    begun = time.monotonic()
    while not met():
        assert process.poll() is None, process.communicate()
        assert time.monotonic() - begun < _PATIENCE_S
        time.sleep(0.02)


def logged(store: Store) -> list[tuple[str, str, Any]]:
    """Who was taken in, in the order of their names."""
    table = intake_events.c
    with store.reading() as connection:
        query = sa.select(table.source, table.id, table.data).order_by(table.source, table.id)
        return [(row[0], row[1], row[2]) for row in connection.execute(query)]


def test_killed_and_called_again_each_event_counts_once(incoming: Path, tmp_path: Path) -> None:
    skip_without_spark()
    home = tmp_path / "home"
    home.mkdir()
    store = open_store(f"sqlite:///{home / 'agoranomos.sqlite3'}")
    store.upgrade()
    process = called(home, incoming, "--every", "0.1")
    wait_until(lambda: len(logged(store)) > 0, process)
    kill(process)
    first = len(logged(store))
    events = market()[0]
    assert 0 < first < len(events), "it was killed in the middle"
    done = called(home, incoming, "--once", "--json")
    said, told = done.communicate(timeout=_PATIENCE_S)
    assert done.returncode == 0, told
    assert len(events) - first <= msgspec.json.decode(said)["accepted"] <= len(events)
    assert [(source, name) for source, name, _ in logged(store)] == sorted(each.identity for each in events)
    with store.reading() as connection:
        refused = sa.select(sa.func.count()).select_from(intake_rejects)
        assert connection.execute(refused).scalar_one() == FILES
    again = called(home, incoming, "--once", "--json")
    said, told = again.communicate(timeout=_PATIENCE_S)
    assert msgspec.json.decode(said)["files"] == 0, told
    _require_same_findings(store)
    shutil.rmtree(home / "checkpoint")


def _require_same_findings(store: Store) -> None:
    """What follows the log says what a history says."""
    events = market()[0]
    desk = Desk(store)
    with store.reading() as connection:
        newest = connection.execute(sa.select(sa.func.max(intake_events.c.received_at))).scalar_one()
    until = newest + timedelta(days=2)
    told: dict[str, Finding] = {}
    for name in (NUMBERS, PRESSURE):
        live = Live(
            store, desk.rooms.followed()[name], read_after=read_after, mine=lambda _: None,
            keep=lambda connection, said, now: keep_outputs(connection, said, now, policy=ACTIONS),
        )  # fmt: skip
        while not live.step(until).idle:
            pass
        said = Run([desk.rooms.followed()[name]()]).feed(events)
        told |= {each.id: each for each in said if isinstance(each, Finding)}
    with store.reading() as connection:
        kept = {each.id: each for each in list_findings(connection, About(), after=None, limit=1_000)}
    assert told
    assert {name: msgspec.json.encode(each, order="sorted") for name, each in kept.items()} == {
        name: msgspec.json.encode(each, order="sorted") for name, each in told.items()
    }  # fmt: skip
