"""A scan on a real cluster gives the bytes that this machine gives, and goes on when a machine is lost."""

from __future__ import annotations

import shutil
from pathlib import Path
from typing import Any

import msgspec
import pytest

from agoranomos.engine.scan import journal as journals
from agoranomos.engine.scan import units
from agoranomos.engine.scan.judging import JudgeSource
from agoranomos.engine.scan.progress import Silent
from agoranomos.engine.scan.run import scan
from agoranomos.engine.scan.sources import expand
from agoranomos.engine.scan.summary import Summary
from agoranomos.engine.scan.trouble import ScanStopped
from agoranomos.engine.spark.session import check
from agoranomos.engine.spark.units import on_cluster
from agoranomos.kernel.errors import Invalid
from tests.engine.scan.builders import make_listing, make_listings, write
from tests.engine.scan.judges import Broken, Word
from tests.engine.spark.standalone import Standalone

pytestmark = [pytest.mark.slow, pytest.mark.xdist_group("spark")]
AT = "2026-05-01T00:00:00Z"


@pytest.fixture(autouse=True)
def _small_units(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(units, "_TEXT_BYTES", 64 << 10)


def run(listings: Path, out: Path, judge: JudgeSource, **more: Any) -> Summary:
    return scan(expand([listings]), judge, out, workers=2, at=AT, **more)


def results(out: Path) -> dict[str, bytes]:
    return {name: (out / name).read_bytes() for name in ("findings.parquet", "rejects.parquet")}


@pytest.fixture
def listings(tmp_path: Path) -> Path:
    """A thousand and more, some refused, one twice and far apart."""
    made = [*make_listings(3_000), make_listing(7), make_listing(4_000, currency="RMB")]
    return write(tmp_path / "a.jsonl", made)


class Killing(Silent):
    """Kills a worker when the first part of the input is done."""

    def __init__(self, workers: Standalone) -> None:
        self._workers = workers
        self.killed = 0

    def done(self, count: int, rows: int) -> None:  # noqa: ARG002 - the watcher's signature
        if not self.killed:
            self._workers.kill(0)
        self.killed += 1


def test_the_cluster_gives_what_this_machine_gives(session: Any, listings: Path, tmp_path: Path) -> None:
    here = run(listings, tmp_path / "here", Word())
    away = run(listings, tmp_path / "away", Word(), hands=on_cluster(session))
    assert results(tmp_path / "away") == results(tmp_path / "here")
    left_out = ("timing", "seconds", "rows_per_s")
    a, b = (msgspec.to_builtins(each) for each in (here, away))
    assert [each for each in a if a[each] != b[each] and each not in left_out] == []
    assert sorted(each.name for each in (tmp_path / "away").iterdir()) == [
        "findings.parquet", "rejects.parquet", "summary.json",
    ]  # fmt: skip


def test_a_judge_that_fails_stops_the_scan(session: Any, listings: Path, tmp_path: Path) -> None:
    with pytest.raises(ScanStopped, match=r"the judge failed: .*What is done is kept"):
        run(listings, tmp_path / "out", Broken(), hands=on_cluster(session))


def test_files_that_the_machines_do_not_see_are_said(session: Any, tmp_path: Path) -> None:
    with pytest.raises(Invalid, match=r"cannot see .*/nowhere: mount it there"):
        check(session, [tmp_path], [tmp_path / "nowhere"])


def test_what_an_earlier_call_had_done_is_not_done_again(session: Any, listings: Path, tmp_path: Path) -> None:
    """As when the program that had called the cluster was killed: what its machines then finished lies in a folder."""
    run(listings, tmp_path / "here", Word())
    out = tmp_path / "out"

    class Stopping(Silent):
        def done(self, count: int, rows: int) -> None:  # noqa: ARG002 - the watcher's signature
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        run(listings, out, Word(delay=0.2), hands=on_cluster(session), progress=Stopping())
    call = next((out / journals.FOLDER).glob("call-*"))
    shutil.rmtree(call, ignore_errors=True)
    call.mkdir()
    torn = call / "0000003"
    torn.mkdir()
    (torn / "done.json").write_bytes(b'{"index": 3')
    summary = run(listings, out, Word(delay=0.2), hands=on_cluster(session))
    assert summary.timing.resumed_units == 1
    assert results(out) == results(tmp_path / "here")


def test_zz_a_worker_that_is_killed_is_not_missed(
    session: Any, workers: Standalone, listings: Path, tmp_path: Path
) -> None:
    """The last one, as it leaves a cluster of one."""
    run(listings, tmp_path / "here", Word())
    killing = Killing(workers)
    run(listings, tmp_path / "away", Word(delay=0.5), hands=on_cluster(session), progress=killing)
    assert killing.killed > 3
    assert workers.workers[0].poll() is not None
    assert results(tmp_path / "away") == results(tmp_path / "here")
