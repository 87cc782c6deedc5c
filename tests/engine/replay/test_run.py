"""A replay: same input, same bytes, whatever the files are called, split into or mixed up like."""

from __future__ import annotations

import json
import multiprocessing
import random
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import msgspec
import pytest

from agoranomos.engine.replay.parts import short_names
from agoranomos.engine.replay.progress import Progress
from agoranomos.engine.replay.reading import Reading
from agoranomos.engine.replay.run import replay
from agoranomos.engine.replay.work import Work
from agoranomos.engine.stream.lines import event_files
from agoranomos.engine.stream.monitor import Monitor
from agoranomos.kernel.errors import Invalid
from tests.engine.stream.monitors import Echo, make_event

EVENTS = [make_event(f"e{number}", 7 * number, source="ab"[number % 2]) for number in range(60)]


def written(path: Path, events: Sequence[dict[str, Any] | bytes]) -> Path:
    text = [event if isinstance(event, bytes) else msgspec.json.encode(event) for event in events]
    path.write_bytes(b"".join(line + b"\n" for line in text))
    return path


def replayed(
    paths: Sequence[Path], out: Path, monitors: Sequence[Monitor] | None = None, **settings: Any
) -> dict[str, bytes]:
    replay(event_files(paths), lambda: monitors or [Echo()], out, progress=Progress(lambda _: None), **settings)
    return {path.name: path.read_bytes() for path in out.iterdir()}


def test_the_files_of_the_contract_are_written(tmp_path: Path) -> None:
    files = replayed([written(tmp_path / "e.jsonl", EVENTS)], tmp_path / "out")
    assert set(files) == {"findings.jsonl", "decisions.jsonl", "actions.jsonl", "rejects.jsonl", "summary.json"}
    found = [json.loads(line) for line in files["findings.jsonl"].splitlines()]
    assert [each["subject"]["id"] for each in found if each["code"] == "test.heard"] == [e["id"] for e in EVENTS]
    assert all(each["id"] and each["at"] for each in found)
    summary = json.loads(files["summary.json"])
    assert summary["events"] == {"lines": 60, "heard": 60, "repeated": 0, "rejected": 0}
    assert summary["first"] == EVENTS[0]["time"]
    assert summary["last"] == EVENTS[-1]["time"]
    assert summary["findings"] == {"test.heard": 60, "test.later": sum(7 * n + 60 <= 7 * 59 for n in range(60))}


@pytest.mark.parametrize("run_bytes_max", [1, 5_000, 64 << 20])
def test_order_splits_and_repeats_change_nothing(run_bytes_max: int, tmp_path: Path) -> None:
    whole = replayed([written(tmp_path / "e.jsonl", EVENTS)], tmp_path / "whole")
    mixed = [*EVENTS, *EVENTS[10:20]]
    random.Random(3).shuffle(mixed)
    parts = [written(tmp_path / f"part-{number}.jsonl", mixed[number::3]) for number in range(3)]
    split = replayed(parts, tmp_path / "split", run_bytes_max=run_bytes_max)
    assert split["findings.jsonl"] == whole["findings.jsonl"]
    assert json.loads(split["summary.json"])["events"]["repeated"] == 10
    backwards = replayed(parts[::-1], tmp_path / "backwards", run_bytes_max=run_bytes_max)
    assert backwards == split


def test_a_process_of_its_own_changes_nothing(tmp_path: Path) -> None:
    path = written(tmp_path / "e.jsonl", [*EVENTS[::-1], b"no event", *EVENTS[:3]])
    here = replayed([path], tmp_path / "here")
    beside = replayed([path], tmp_path / "beside", own_process_bytes_min=0)
    assert beside == here
    assert json.loads(here["summary.json"])["events"] == {"lines": 64, "heard": 60, "repeated": 3, "rejected": 1}


@pytest.mark.slow
def test_what_goes_wrong_beside_is_said_here(tmp_path: Path) -> None:
    path = written(tmp_path / "e.jsonl", EVENTS)
    sources = event_files([path])
    out = tmp_path / "out"
    draft_gone = Reading(
        Work(tuple(sources), str(out / "nowhere"), str(out / "nowhere" / "r")), own_process_bytes_min=0
    )
    with draft_gone as reading, pytest.raises(FileNotFoundError):
        reading.taken(lambda _: None)


def test_a_reader_that_is_killed_says_what_to_do(tmp_path: Path) -> None:
    work = Work(tuple(event_files([written(tmp_path / "e.jsonl", EVENTS)])), str(tmp_path), str(tmp_path / "r"))
    with Reading(work, own_process_bytes_min=0) as reading:
        [child] = multiprocessing.active_children()
        child.kill()
        with pytest.raises(Invalid, match="call the replay again"):
            reading.taken(lambda _: None)


def test_events_that_nobody_hears_move_the_clock(tmp_path: Path) -> None:
    heard = make_event("e1", 0)
    unheard = {
        **make_event("e2", 90), "type": "store.closed", "data": {"store_id": "s1", "reason": "voluntary"},
    }  # fmt: skip
    files = replayed([written(tmp_path / "e.jsonl", [heard, unheard])], tmp_path / "out")
    summary = json.loads(files["summary.json"])
    assert summary["findings"] == {"test.heard": 1, "test.later": 1}
    assert summary["last"] == unheard["time"]
    assert summary["by_type"] == {"listing.submitted": 1, "store.closed": 1}


def test_of_two_with_one_identity_the_earlier_counts(tmp_path: Path) -> None:
    later = {**EVENTS[0], "time": EVENTS[30]["time"]}
    same_time = {**EVENTS[1], "data": {**EVENTS[1]["data"], "title": "Another title"}}
    first = replayed([written(tmp_path / "1.jsonl", [later, same_time, *EVENTS])], tmp_path / "o1")
    second = replayed([written(tmp_path / "1.jsonl", [*EVENTS, same_time, later])], tmp_path / "o2")
    assert first == second
    assert json.loads(first["summary.json"])["events"] == {"lines": 62, "heard": 60, "repeated": 2, "rejected": 0}


def test_rejects_say_where_and_repeat_nothing(tmp_path: Path) -> None:
    secret = "13800138000"
    bad: list[dict[str, Any] | bytes] = [
        b'{"id": "' + secret.encode(),
        {**EVENTS[0], "id": "x", "type": secret},
        {**EVENTS[0], "id": "y", "data": {"listing_id": secret}},
    ]
    folder = tmp_path / "in"
    (folder / "sub").mkdir(parents=True)
    written(folder / "a.jsonl", [*EVENTS[:5], *bad])
    written(folder / "sub" / "b.jsonl", [b"x" * (2 << 20), *EVENTS[5:]])
    files = replayed([folder], tmp_path / "out")
    rejects = [json.loads(line) for line in files["rejects.jsonl"].splitlines()]
    assert [(each["file"], each["line"], each["pointer"]) for each in rejects] == [
        ("a.jsonl", 6, ""),
        ("a.jsonl", 7, "/type"),
        ("a.jsonl", 8, "/data/store_id"),
        ("sub/b.jsonl", 1, ""),
    ]
    assert secret.encode() not in b"".join(files.values())
    assert json.loads(files["summary.json"])["events"] == {"lines": 64, "heard": 60, "repeated": 0, "rejected": 4}


def test_a_failed_replay_leaves_the_last_one(tmp_path: Path) -> None:
    class Failing(Echo):
        def hear(self, event: Any, out: Any) -> None:
            if event.id == "e40":
                raise RuntimeError("broken")
            super().hear(event, out)

    path = written(tmp_path / "e.jsonl", EVENTS)
    before = replayed([path], tmp_path / "out")
    with pytest.raises(RuntimeError):
        replayed([path], tmp_path / "out", [Failing()])
    assert {each.name: each.read_bytes() for each in (tmp_path / "out").iterdir()} == before


def test_no_events_at_all(tmp_path: Path) -> None:
    files = replayed([written(tmp_path / "e.jsonl", [])], tmp_path / "out")
    assert files["findings.jsonl"] == b""
    assert json.loads(files["summary.json"])["last"] is None


def test_names_do_not_tell_where_the_files_lie() -> None:
    assert short_names(["/x/in/a.jsonl", "/x/in/sub/a.jsonl"]) == ["a.jsonl", "sub/a.jsonl"]
    assert short_names(["/somewhere/else/a.jsonl"]) == ["a.jsonl"]


def test_progress_speaks_now_and_then() -> None:
    told: list[str] = []
    seconds = iter(range(100))
    progress = Progress(told.append, clock=lambda: float(next(seconds)))
    for number in range(4_096, 40_961, 4_096):
        progress.read(number)
    assert told[0] == "20,480 lines read"
    for number in range(500, 5_000, 500):
        progress.heard(number, 10_000)
    heard = [line for line in told if "of 10,000 events heard" in line and "s left" in line]
    rates = [float(line.split(" heard, ")[1].split(" events/s")[0].replace(",", "")) for line in heard]
    assert rates
    assert max(rates) <= 500, "500 events between two looks at the clock, which goes by a second for each"
