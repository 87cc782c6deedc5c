from __future__ import annotations

import gc
import json
from pathlib import Path

import pytest
import zstandard

from agoranomos.engine.market.plots.top_up_glitch import TopUpGlitch
from agoranomos.engine.market.writing import write
from tests.engine.market.builders import lines, make_settings

SETTINGS = make_settings(3)


@pytest.mark.slow
def test_files_hold_events_truth_and_counts(tmp_path: Path) -> None:
    summary = write(SETTINGS, [TopUpGlitch()], tmp_path / "new" / "folder")
    folder = tmp_path / "new" / "folder"
    assert sorted(path.name for path in folder.iterdir()) == ["events.jsonl", "summary.json", "truth.jsonl"]
    events = (folder / "events.jsonl").read_bytes().splitlines(keepends=True)
    assert events == list(lines(SETTINGS, TopUpGlitch()))
    assert summary.events == len(events) == sum(summary.by_type.values())
    truth = [json.loads(line) for line in (folder / "truth.jsonl").read_text("utf-8").splitlines()]
    assert summary.truth["top-up-glitch"] == sum(row["plot"] == "top-up-glitch" for row in truth)
    assert {"kind", "subject", "plot", "role", "started_at", "ended_at", "notes"} == set(truth[0])
    told = json.loads((folder / "summary.json").read_text("utf-8"))
    assert told["by_type"] == summary.by_type
    assert (told["first"], told["last"]) == tuple(json.loads(events[at])["time"] for at in (0, -1))


def test_truth_comes_in_the_order_of_time(tmp_path: Path) -> None:
    write(SETTINGS, [TopUpGlitch()], tmp_path)
    began = [json.loads(line)["started_at"] for line in (tmp_path / "truth.jsonl").read_text("utf-8").splitlines()]
    assert began == sorted(began)


@pytest.mark.slow
def test_compressed_events_are_the_same_and_repeatable(tmp_path: Path) -> None:
    write(SETTINGS, [], tmp_path / "a", compress=True)
    write(SETTINGS, [], tmp_path / "b", compress=True)
    packed = (tmp_path / "a" / "events.jsonl.zst").read_bytes()
    assert packed == (tmp_path / "b" / "events.jsonl.zst").read_bytes()
    with zstandard.ZstdDecompressor().stream_reader(packed) as reader:
        assert reader.read() == b"".join(lines(SETTINGS))
    assert len(packed) * 3 < sum(map(len, lines(SETTINGS)))


def test_a_second_market_leaves_no_events_of_the_first(tmp_path: Path) -> None:
    write(SETTINGS, [], tmp_path, compress=True)
    write(SETTINGS, [], tmp_path)
    assert {path.name for path in tmp_path.iterdir()} == {"events.jsonl", "summary.json", "truth.jsonl"}


@pytest.mark.slow
def test_progress_is_told(tmp_path: Path) -> None:
    heard: list[tuple[int, str]] = []
    write(make_settings(12, buyers=900), [], tmp_path, told=lambda events, at: heard.append((events, at)))
    assert heard
    assert [events for events, _ in heard] == sorted(events for events, _ in heard)


def test_the_collector_is_left_as_it_was(tmp_path: Path) -> None:
    before = gc.get_threshold()
    write(make_settings(1), [], tmp_path)
    assert gc.get_threshold() == before


def test_a_market_that_breaks_off_leaves_no_half_files(tmp_path: Path) -> None:
    def stop(_events: int, _day: str) -> None:
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        write(SETTINGS, [], tmp_path, told=stop)
    assert not list(tmp_path.iterdir())
