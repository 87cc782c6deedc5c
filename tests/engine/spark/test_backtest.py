"""A backtest on a real cluster gives the report that this machine gives, to the byte, also when a machine is lost."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import msgspec
import pytest

from agoranomos.engine.scan.progress import Silent
from agoranomos.engine.scan.sources import expand
from agoranomos.engine.spark import tasks
from agoranomos.intake.ingesting import Ingest, sources_of
from agoranomos.kernel.errors import Invalid
from agoranomos.kernel.store import Store
from agoranomos.rules.backtest import away
from agoranomos.rules.backtest.running import backtest
from agoranomos.rules.policy import load_queues
from tests.builders import NOW, make_vault
from tests.engine.spark.standalone import Standalone
from tests.rules.backtest.builders import market_lines
from tests.rules.backtest.test_away import MIDDLE, make_whole_book

pytestmark = [pytest.mark.slow, pytest.mark.xdist_group("spark")]


@pytest.fixture
def files(tmp_path: Path) -> list[Path]:
    """A market in two files, with lines that are no events, and a tenth of it twice."""
    lines = market_lines()
    cut = len(lines) // 2
    first, second = tmp_path / "a.jsonl", tmp_path / "b.jsonl"
    first.write_bytes(b"".join(lines[:cut]) + b'{"type": "review.posted"}\n\nnothing\n' + lines[0].rstrip())
    second.write_bytes(b"".join(lines[cut:]) + b"".join(lines[::10]))
    return [first, second]


@pytest.fixture(autouse=True)
def _small_pieces(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(away, "PIECE_BYTES", 600_011)


def report(files: list[Path], folder: Path, **more: Any) -> bytes:
    made = backtest(
        make_whole_book(), more.pop("connection", None), folder=folder, policy=load_queues(), samples=4,
        sources=expand(files) if files else (), **more,
    )  # fmt: skip
    return msgspec.json.format(msgspec.json.encode(made), indent=1)


def test_the_report_is_that_of_this_machine(session: Any, files: list[Path], tmp_path: Path) -> None:
    here = report(files, tmp_path)
    told = msgspec.json.decode(here)
    assert all(rule["hits"] for rule in told["rules"])
    assert told["read"]["unreadable"] == 2
    assert told["read"]["repeated"] > 100
    assert report(files, tmp_path, session=session) == here
    assert [each.name for each in tmp_path.iterdir() if each.is_dir()] == [], "nothing is left behind"


def test_a_worker_that_is_killed_is_not_missed(
    session: Any, workers: Standalone, files: list[Path], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    within = {"since": MIDDLE, "until": MIDDLE + timedelta(days=2)}
    here = report(files, tmp_path, **within)
    killed: list[str] = []

    def run(*words: Any, **more: Any) -> Iterator[tuple[str, Path]]:
        for done in tasks.run(*words, **more):
            if len(killed) == 9:  # in the middle of the second step
                workers.kill(1)
            killed.append(done[0])
            yield done

    monkeypatch.setattr(away, "tasks", _With(run))
    assert report(files, tmp_path, session=session, **within) == here
    assert workers.workers[1].poll() is not None
    workers.revive(1)


class _With:
    """`tasks` with another `run`."""

    def __init__(self, run: Any) -> None:
        self.run = run


def test_the_log_is_looked_at_as_the_files_that_went_in(session: Any, store: Store, tmp_path: Path) -> None:
    path = tmp_path / "events.jsonl"
    path.write_bytes(b"".join(market_lines()[:4_000]))
    Ingest(store, make_vault(), sources_of([str(path)]), clock=lambda: NOW, watcher=Silent()).run()
    with store.reading() as connection:
        here = report([], tmp_path, connection=connection)
        assert report([], tmp_path, connection=connection, session=session) == here
    assert msgspec.json.decode(here)["read"]["events"] > 500


def test_a_file_that_is_none_is_named(session: Any, tmp_path: Path) -> None:
    path = tmp_path / "broken.parquet"
    path.write_bytes(b"PAR1 is not enough")
    with pytest.raises(Invalid, match=r"broken\.parquet cannot be read as events"):
        report([path], tmp_path, session=session)
