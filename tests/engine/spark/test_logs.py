"""Web logs that a real cluster reads give the readers, the findings and the refusals of this machine, to the byte."""

from __future__ import annotations

import gzip
from datetime import timedelta
from pathlib import Path
from typing import Any

import msgspec
import pytest

from agoranomos.access.harvest.policy import load_policy
from agoranomos.access.logs import away, reading
from agoranomos.access.logs.judging import judge_logs
from agoranomos.kernel.errors import Invalid
from tests.access.test_logs import AT, NOW, USERS, combined

pytestmark = [pytest.mark.slow, pytest.mark.xdist_group("spark")]
DAYS = 3


@pytest.fixture
def logs(tmp_path: Path) -> Path:
    """Three days of readers who look at what others look at, and one who looks at everybody; with lines that are none,
    a clock that was set back, and a file that is compressed."""
    folder = tmp_path / "logs"
    folder.mkdir()
    for day in range(DAYS):
        begin = AT - timedelta(days=DAYS - day)
        lines = [combined(f"/users/v{each}/profile", user="harvester", at=begin) for each in range(300)]
        lines += [
            combined(f"/users/u{(reader * 7 + turn) % 60}/profile", user=f"r{reader}", agent=f"A{reader % 5}",
                     at=begin + timedelta(minutes=turn))
            for turn in range(20) for reader in range(120)
        ]  # fmt: skip
        raw = "\n".join([*lines, "no line of a log", combined(at=begin - timedelta(hours=2))]).encode() + b"\n"
        path = folder / f"{day}.log{'.gz' if day == 1 else ''}"
        path.write_bytes(gzip.compress(raw, mtime=0) if day == 1 else raw)
    return folder


def judged(logs: Path, out: Path, reader: Any = None) -> dict[str, bytes]:
    """What is written, without how long it took."""
    judge_logs([str(logs)], out, USERS, form=None, until=NOW, policy=load_policy(), reader=reader)
    found = {each.name: each.read_bytes() for each in out.iterdir() if each.is_file()}
    summary = msgspec.json.decode(found["summary.json"])
    del summary["cpu_s"]
    return found | {"summary.json": msgspec.json.encode(summary)}


def test_what_a_cluster_reads_is_what_this_machine_reads(
    session: Any, logs: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    here = judged(logs, tmp_path / "here")
    assert b"harvester" in here["findings.jsonl"]
    summary = msgspec.json.decode(here["summary.json"])
    assert summary["early"] == DAYS
    assert sum(summary["refused"].values()) == DAYS
    for kept in (reading.REFUSED_KEPT, 2):
        monkeypatch.setattr(away, "REFUSED_KEPT", kept)
        monkeypatch.setattr(reading, "REFUSED_KEPT", kept)
        folder = tmp_path / f"away-{kept}"
        folder.mkdir()
        reader = away.AwayReader(session, folder, USERS, until=NOW, form=None)
        there = judged(logs, tmp_path / f"there-{kept}", reader)
        assert there == judged(logs, tmp_path / f"again-{kept}")
    assert len(here["refused.jsonl"].splitlines()) == DAYS


def test_a_damaged_file_is_named(session: Any, tmp_path: Path) -> None:
    path = tmp_path / "torn.log.gz"
    path.write_bytes(gzip.compress(b"\n".join([combined().encode()] * 2_000))[:60])
    reader = away.AwayReader(session, tmp_path, USERS, until=NOW, form=None)
    with pytest.raises(Invalid, match=r"torn\.log\.gz is damaged"):
        list(reader.batches([path]))
