"""The steps of a backtest on a cluster, done one after the other in this process: no cluster is needed to know that the
report is the same. That it is so on a real one is said in `tests.engine.spark.test_backtest`.
"""

from __future__ import annotations

import pickle
from collections.abc import Iterator, Mapping
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import msgspec
import pytest

from agoranomos.engine.scan.sources import expand
from agoranomos.rules.backtest import away
from agoranomos.rules.backtest.running import backtest
from agoranomos.rules.book import Book
from agoranomos.rules.policy import load_queues
from tests.rules.backtest.builders import make_book, market_events, market_lines

MIDDLE = datetime.fromisoformat("2026-03-08T00:00:00+08:00")


class Here:
    """In the place of `engine.spark.tasks`: tasks are sent and done like there, in the order in which they come."""

    @staticmethod
    def run(
        session: Any, tool: Any, tasks: Mapping[str, Any], folder: Path, *, kept: str
    ) -> Iterator[tuple[str, Path]]:  # fmt: skip
        assert session is HERE
        assert kept
        for name, task in tasks.items():
            made = folder / f"made-{name}"
            made.mkdir()
            sent, what = pickle.loads(pickle.dumps((tool, task)))
            sent.open()(what, made)
            yield name, made


HERE: Any = object()


@pytest.fixture(autouse=True)
def _here(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(away, "tasks", Here)
    monkeypatch.setattr(away, "slots", lambda _: 3)


def make_whole_book() -> Book:
    """Every rule hits, one of them is live, and two stores are watched."""
    stores = sorted({event.data["store_id"] for event in market_events() if event.type == "review.posted"})
    return make_book({stores[0]: None, stores[1]: MIDDLE}, standing="access.many_devices")


def report(files: list[Path], folder: Path, book: Book, **more: Any) -> bytes:
    """A backtest as text."""
    made = backtest(
        book, more.pop("connection", None), folder=folder, policy=load_queues(), samples=4,
        sources=expand(files), **more,
    )  # fmt: skip
    return msgspec.json.encode(made)


@pytest.mark.slow
@pytest.mark.parametrize("bounds", [{}, {"since": MIDDLE, "until": MIDDLE + timedelta(days=2)}])
def test_the_report_is_that_of_one_table(
    bounds: dict[str, Any], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    lines = market_lines()
    cut = len(lines) // 2
    first, second = tmp_path / "a.jsonl", tmp_path / "b.jsonl"
    first.write_bytes(b"".join(lines[:cut]) + b'{"type": "review.posted"}\n\nnothing\n' + lines[0].rstrip())
    second.write_bytes(b"".join(lines[cut:]) + b"".join(lines[::10]))
    monkeypatch.setattr(away, "PIECE_BYTES", 600_011)
    book = make_whole_book()
    here = report([first, second], tmp_path, book, **bounds)
    told = msgspec.json.decode(here)
    hit = [rule["rule_id"] for rule in told["rules"] if rule["hits"]]
    assert len(hit) == len(told["rules"]) or (bounds and hit)
    assert told["read"]["unreadable"] == 2
    assert told["read"]["repeated"] > 100
    assert report([first, second], tmp_path, book, session=HERE, **bounds) == here


def test_nothing_to_look_at_is_a_report_as_well(tmp_path: Path) -> None:
    path = tmp_path / "none.jsonl"
    path.write_bytes(b'{"id": "1", "source": "s", "type": "listing.removed", "time": "2026-03-01T00:00:00Z"}\n')
    here = report([path], tmp_path, make_book())
    assert report([path], tmp_path, make_book(), session=HERE) == here
    assert msgspec.json.decode(here)["read"]["events"] == 0


def test_pieces_hold_every_line_once(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = tmp_path / "lines.jsonl"
    for ending in ("\n", ""):
        path.write_text("\n".join(f"{number:0{1 + number % 7}}" for number in range(60)) + ending)
        (source,) = expand([path])
        for size in (1, 3, 7, 50, 10_000):
            monkeypatch.setattr(away, "PIECE_BYTES", size)
            found = b""
            for piece in away.pieces_of(source):
                with away._file_of(piece, tmp_path) as part:
                    found += Path(part.path).read_bytes()
            assert found == path.read_bytes(), (size, ending)
