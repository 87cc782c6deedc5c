"""The scan from end to end: same bytes whatever the workers, the interruptions and the formats."""

from __future__ import annotations

import errno
import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pyarrow.parquet as pq
import pytest

from agoranomos.engine.scan import units
from agoranomos.engine.scan.journal import unfinished
from agoranomos.engine.scan.judging import JudgeSource
from agoranomos.engine.scan.progress import Lines
from agoranomos.engine.scan.run import scan
from agoranomos.engine.scan.schema import FINDINGS_SCHEMA, REJECTS_SCHEMA
from agoranomos.engine.scan.sources import expand
from agoranomos.engine.scan.summary import PictureCounts, Summary
from agoranomos.engine.scan.trouble import ScanStopped, stopped_by
from agoranomos.kernel.errors import Conflict
from tests.engine.scan.builders import make_listing, make_listings, write
from tests.engine.scan.judges import Broken, Everything, Killed, Word

pytestmark = pytest.mark.slow  # every scan spawns workers that import Arrow
AT = "2026-05-01T00:00:00Z"
PICTURES = PictureCounts(
    named=53, looked_at=50, skipped={"missing": 3}, contents=40, decoded=30, seconds=2.0,
    notes=["a picture is not at hand"],
)  # fmt: skip


@pytest.fixture(autouse=True)
def _small_units(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(units, "_TEXT_BYTES", 64 << 10)
    monkeypatch.setattr(units, "_GROUP_ROWS", 1_000)


def run(given: Path | list[Path], out: Path, judge: JudgeSource | None = None, **more: Any) -> Summary:
    paths = given if isinstance(given, list) else [given]
    options: dict[str, Any] = {"workers": 2, "at": AT} | more
    return scan(expand(paths, skip=out), judge or Word(), out, **options)


def findings(out: Path) -> list[dict[str, Any]]:
    table = pq.read_table(out / "findings.parquet")
    assert table.schema.equals(FINDINGS_SCHEMA)
    rows: list[dict[str, Any]] = table.to_pylist()
    return rows


def test_formats_and_workers_give_the_same_findings(tmp_path: Path) -> None:
    listings = make_listings(5_000)
    expected = None
    for name in ("a.parquet", "a.csv", "a.jsonl", "a.csv.gz"):
        options = {"row_group_size": 1_000} if name == "a.parquet" else {}
        path = write(tmp_path / name, listings, **options)
        for workers in (1, 2):
            out = tmp_path / f"out-{name}-{workers}"
            summary = run(path, out, workers=workers)
            assert sorted(each.name for each in out.iterdir()) == [
                "findings.parquet",
                "summary.json",
            ]
            assert (summary.rows, summary.rejected, summary.findings) == (5_000, 0, 1_000)
            data = (out / "findings.parquet").read_bytes()
            assert expected is None or data == expected
            expected = data
    subjects = [each["subject"]["id"] for each in findings(out)]
    assert subjects == [f"L{number:06d}" for number in range(5, 5_001, 5)]


def test_the_summary_counts(tmp_path: Path) -> None:
    given = [*make_listings(50), make_listing(51, currency="RMB"), make_listing(5)]
    given[3]["title"] = "a\0b"
    summary = run(write(tmp_path / "a.csv", given), tmp_path / "out", pictures=PICTURES)
    assert (summary.rows, summary.judged, summary.rejected, summary.repaired) == (52, 50, 2, 1)
    assert summary.by_code == {"goods.word": 10}
    assert (summary.by_brand, summary.by_reason) == ({"b1": 10}, {"word": 10})
    assert sum(summary.by_store.values()) == 10
    assert summary.rejected_by_reason == {"unknown_currency": 1, "duplicate": 1}
    assert summary.listings_flagged == 10
    written = json.loads((tmp_path / "out" / "summary.json").read_bytes())
    assert list(written) == sorted(written)
    assert {"rows", "seconds", "rows_per_s", "pictures_per_s", "timing"} <= set(written)
    assert (written["pictures"], written["pictures_per_s"], written["pictures_skipped"]) == (50, 25.0, {"missing": 3})
    assert written["picture_counts"]["contents"] == 40
    assert written["seconds"] > 2.0, "the time for pictures counts"
    assert written["notes"] == ["a picture is not at hand", "2 rows were not judged: see rejects.parquet"]


def test_rejects_name_file_row_and_line_across_units(tmp_path: Path) -> None:
    listings = [{**each, "description": "several\nlines"} for each in make_listings(4_000)]
    listings[3_000]["price_amount"] = -1
    listings[3_500]["listing_id"] = listings[7]["listing_id"]
    csv = write(tmp_path / "a.csv", listings)
    parquet = write(tmp_path / "b.parquet", [*make_listings(4_100)[4_000:], make_listing(9_999, title="")])
    out = tmp_path / "out"
    summary = run([csv, parquet], out)
    table = pq.read_table(out / "rejects.parquet")
    assert table.schema.equals(REJECTS_SCHEMA)
    assert [tuple(row.values()) for row in table.to_pylist()] == [
        (str(csv), 3_001, 6_002, "price_amount", "negative", "L003001"),
        (str(csv), 3_501, 7_002, "listing_id", "duplicate", "L000008"),
        (str(parquet), 101, None, "title", "missing", "L009999"),
    ]
    assert [(each.rows, each.rejected) for each in summary.sources] == [(4_000, 2), (101, 1)]
    run(write(tmp_path / "c.csv", make_listings(3)), out)
    assert not (out / "rejects.parquet").exists()  # no leftovers of the scan before


def test_the_first_of_two_listings_wins_in_any_order_of_work(tmp_path: Path) -> None:
    first, second = make_listings(3_000), make_listings(3_000)
    for each in second:
        each["title"] = "replica"
    paths = [write(tmp_path / "a.csv", first), write(tmp_path / "b.jsonl", second)]
    summary = run(paths, tmp_path / "out")
    assert summary.rejected_by_reason == {"duplicate": 3_000}
    assert {each["reasons"][0]["message"] for each in findings(tmp_path / "out")} == {
        each["title"] for each in first if "replica" in each["title"]
    }


def test_a_worker_that_is_killed_once_makes_no_difference(tmp_path: Path) -> None:
    listings = make_listings(3_000)
    listings[1_500]["title"] = "poison"
    path = write(tmp_path / "a.csv", listings)
    summary = run(path, tmp_path / "out", Killed(once=str(tmp_path / "mark")))
    assert (tmp_path / "mark").exists()
    assert (summary.rows, summary.findings) == (3_000, 3_000)


def test_a_worker_that_is_killed_twice_is_reported_and_the_rest_is_kept(tmp_path: Path) -> None:
    listings = make_listings(3_000)
    listings[1_500]["title"] = "poison"
    path = write(tmp_path / "a.csv", listings)
    with pytest.raises(ScanStopped, match=r"died twice over 1 part.*a\.csv, from byte"):
        run(path, tmp_path / "out", Killed())
    assert run(path, tmp_path / "out", Everything()).timing.resumed_units >= 1


def test_a_judge_that_raises_stops_the_scan_with_its_words(tmp_path: Path) -> None:
    path = write(tmp_path / "a.csv", make_listings(10))
    with pytest.raises(ScanStopped, match="the judge failed: ValueError: no such pattern"):
        run(path, tmp_path / "out", Broken())


SCRIPT = """
import sys
from pathlib import Path
from agoranomos.engine.scan import units
from agoranomos.engine.scan.run import scan
from agoranomos.engine.scan.progress import Lines
from agoranomos.engine.scan.sources import expand
from tests.engine.scan.judges import Word
if __name__ == "__main__":
    units._TEXT_BYTES, units._GROUP_ROWS = 64 << 10, 1_000
    delay = float(sys.argv[3])
    scan(expand([sys.argv[1]]), Word(delay=delay), Path(sys.argv[2]), workers=2, at=sys.argv[4],
         progress=Lines())
"""


@pytest.fixture
def started(tmp_path: Path) -> Iterator[Any]:
    """Starts a slow scan in its own process group; ends what is left of it."""
    script = tmp_path / "script.py"
    script.write_text(SCRIPT)
    root = Path(__file__).parents[3]
    environment = os.environ | {"PYTHONPATH": f"{root / 'src'}{os.pathsep}{root}"}
    processes: list[subprocess.Popen[bytes]] = []

    def start(path: Path, out: Path, delay: float) -> subprocess.Popen[bytes]:
        arguments = [sys.executable, str(script), str(path), str(out), str(delay), AT]
        process = subprocess.Popen(arguments, env=environment, start_new_session=True, stderr=subprocess.PIPE)
        processes.append(process)
        return process

    yield start
    for process in processes:
        if process.poll() is None:
            os.killpg(process.pid, signal.SIGKILL)
        if process.stderr is not None and not process.stderr.closed:
            process.communicate()


def wait_for_units(out: Path, count: int, process: subprocess.Popen[bytes]) -> None:
    """Until the journal has at least `count` units."""
    path = out / ".scan" / "journal.jsonl"
    deadline = time.monotonic() + 60
    while not path.exists() or path.read_bytes().count(b"\n") <= count:
        assert process.poll() is None
        assert time.monotonic() < deadline
        time.sleep(0.02)


@pytest.mark.parametrize("name", ["a.parquet", "a.csv", "a.jsonl"])
def test_kill_9_and_resume(tmp_path: Path, started: Any, name: str) -> None:
    listings = make_listings(12_000)
    listings[11_000]["listing_id"] = listings[5]["listing_id"]
    listings[9_999]["currency"] = ""
    options = {"row_group_size": 1_000} if name == "a.parquet" else {}
    path = write(tmp_path / name, listings, **options)
    whole, out = tmp_path / "whole", tmp_path / "out"
    run(path, whole)
    for count in (2, 5):
        process = started(path, out, 0.25)
        wait_for_units(out, count, process)
        os.killpg(process.pid, signal.SIGKILL)
        process.wait()
        assert not (out / "findings.parquet").exists()
    earlier = unfinished(out)
    assert earlier is not None
    assert earlier.at == AT
    with (out / ".scan" / "journal.jsonl").open("ab") as torn:
        torn.write(b'{"done":{"index":')
    summary = run(path, out, at="2027-01-01T00:00:00Z")
    assert summary.timing.resumed_units >= 5
    assert summary.at == AT
    for result in ("findings.parquet", "rejects.parquet"):
        assert (out / result).read_bytes() == (whole / result).read_bytes()
    assert not (out / ".scan").exists()


def test_another_judge_or_input_starts_again_and_says_so(tmp_path: Path, started: Any) -> None:
    path = write(tmp_path / "a.csv", make_listings(12_000))
    out = tmp_path / "out"
    process = started(path, out, 0.25)
    wait_for_units(out, 1, process)
    os.killpg(process.pid, signal.SIGKILL)
    process.wait()
    summary = run(path, out, Word(word="shoes", version="2"))
    assert (summary.findings, summary.timing.resumed_units) == (12_000, 0)
    assert any("the registry or the policy has changed" in note for note in summary.notes)


def test_ctrl_c_stops_within_two_seconds(tmp_path: Path, started: Any) -> None:
    path = write(tmp_path / "a.csv", make_listings(12_000))
    process = started(path, tmp_path / "out", 0.25)
    wait_for_units(tmp_path / "out", 1, process)
    begun = time.monotonic()
    os.killpg(process.pid, signal.SIGINT)
    process.wait(20)
    assert time.monotonic() - begun < 4  # two on an idle machine
    assert b"KeyboardInterrupt" in process.communicate()[1]
    assert run(path, tmp_path / "out").timing.resumed_units >= 1


def test_two_scans_do_not_share_a_folder(tmp_path: Path, started: Any) -> None:
    path = write(tmp_path / "a.csv", make_listings(12_000))
    process = started(path, tmp_path / "out", 0.25)
    wait_for_units(tmp_path / "out", 1, process)
    with pytest.raises(Conflict, match="Another scan writes into"):
        run(path, tmp_path / "out")


def test_a_full_disk_is_said_and_resumed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = write(tmp_path / "a.csv", make_listings(6_000))
    out = tmp_path / "out"
    calls = []

    def full(handle: int) -> None:
        calls.append(handle)
        if len(calls) > 4:
            raise OSError(errno.ENOSPC, "No space left on device")

    with monkeypatch.context() as patched:
        patched.setattr(os, "fsync", full)
        with pytest.raises(ScanStopped, match=f"No space is left .* {out}.*call again"):
            run(path, out)
    assert run(path, out).timing.resumed_units >= 1


@pytest.mark.skipif(os.geteuid() != 0, reason="mounting a small disk takes root")
def test_a_full_disk_in_a_worker(tmp_path: Path) -> None:
    path = write(tmp_path / "a.csv", make_listings(6_000))
    out = tmp_path / "small"
    out.mkdir()
    mount = ["mount", "-t", "tmpfs", "-o", "size=96k", "tmpfs", str(out)]
    if subprocess.run(mount, check=False, capture_output=True).returncode:
        pytest.skip("this machine does not let us mount a small disk")
    try:
        with pytest.raises(ScanStopped, match=f"No space is left on the disk that holds {out}"):
            run(path, out, Everything())
        subprocess.run(["mount", "-o", "remount,size=64m", str(out)], check=True)
        assert run(path, out, Everything()).findings == 6_000
    finally:
        subprocess.run(["umount", str(out)], check=True)


def test_folders_that_cannot_be_written(tmp_path: Path) -> None:
    path = write(tmp_path / "a.csv", make_listings(3))
    (tmp_path / "file").write_bytes(b"")
    with pytest.raises(ScanStopped, match="a file of that name is in the way"):
        run(path, tmp_path / "file")
    said = stopped_by(OSError(errno.EROFS, "Read-only file system"), tmp_path / "out").message
    assert str(tmp_path / "out") in said
    assert "read-only" in said


def test_progress_off_a_terminal_is_a_line_now_and_then(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    ticks = iter(range(0, 10_000, 4))
    path = write(tmp_path / "a.csv", make_listings(3_000))
    watching = Lines(sys.stderr, clock=lambda: float(next(ticks)))
    run(path, tmp_path / "out", progress=watching)
    assert "rows/s" in capsys.readouterr().err


def test_empty_files_and_headers_alone(tmp_path: Path) -> None:
    (tmp_path / "a.csv").write_bytes(b"")
    write(tmp_path / "b.csv", make_listings(1))
    head = (tmp_path / "b.csv").read_bytes().split(b"\n")[0]
    (tmp_path / "b.csv").write_bytes(head + b"\n")
    summary = run([tmp_path / "a.csv", tmp_path / "b.csv"], tmp_path / "out")
    assert summary.rows == 0
    assert len(summary.notes) == 2
    assert findings(tmp_path / "out") == []
