"""Files read in parts give what they give as a whole."""

from __future__ import annotations

import gzip
import random
from collections.abc import Sequence
from pathlib import Path

import msgspec
import numpy as np
import pytest

from agoranomos.engine.replay.parts import lines_before, parted
from agoranomos.engine.replay.reading import Reader, together
from agoranomos.engine.replay.sorting import merged
from agoranomos.engine.replay.work import Taken, Work, repeated
from agoranomos.engine.stream.lines import event_files, lines
from tests.engine.stream.monitors import make_event

EVENTS = [msgspec.json.encode(make_event(f"e{number // 2}", 7 * (number % 50))) for number in range(120)]
LINES = [*EVENTS, b"", b"no event", b"x" * 5_000, b" ", EVENTS[0], b"{}"]


def file(path: Path, texts: Sequence[bytes], end: bytes = b"\n") -> Path:
    path.write_bytes(b"\n".join(texts) + end)
    return path


@pytest.mark.parametrize("bytes_max", [1, 100, 3_000, 1 << 20])
@pytest.mark.parametrize("end", [b"", b"\n", b"\n\n"])
def test_parts_hold_each_line_once(bytes_max: int, end: bytes, tmp_path: Path) -> None:
    [source] = event_files([file(tmp_path / "e.jsonl", LINES, end)])
    parts = parted([source], bytes_max)
    found = [
        (lines_before(part) + number, line)
        for part in parts
        for number, line in lines(part.source, start=part.start, end=part.end)
    ]
    assert found == [*lines(source)]
    assert len(parts) > 1 or bytes_max == 1 << 20
    assert all(part.end is None or part.end - part.start >= bytes_max for part in parts)


def test_what_cannot_be_begun_in_the_middle_is_one_part(tmp_path: Path) -> None:
    packed = tmp_path / "e.jsonl.gz"
    packed.write_bytes(gzip.compress(b"\n".join(EVENTS)))
    file(tmp_path / "empty.jsonl", [], b"")
    assert len(parted(event_files([packed, tmp_path / "empty.jsonl"]), 10)) == 2


def taken_by(count: int, paths: Sequence[Path], folder: Path, seed: int) -> tuple[Work, Taken]:
    """By so many readers side by side, each part by whichever the dice say."""
    folder.mkdir()
    work = Work(tuple(event_files(paths)), str(folder), str(folder / "rejects"), 9_000)
    parts, draw = parted(work.sources, 2_000), random.Random(seed)
    readers = [Reader(work, number, count) for number in range(count)]
    for place, part in draw.sample([*enumerate(parts)], len(parts)):
        draw.choice(readers).read(place, part, lambda _: None)
    return work, together(work, parts, [reader.share() for reader in readers])


@pytest.mark.parametrize("count", [2, 5])
def test_who_reads_what_changes_nothing(count: int, tmp_path: Path) -> None:
    mixed = random.Random(count).sample(LINES, len(LINES))
    paths = [file(tmp_path / "a.jsonl", mixed), file(tmp_path / "b.jsonl", LINES)]
    work, one = taken_by(1, paths, tmp_path / "one", 0)
    shared_work, shared = taken_by(count, paths, tmp_path / "shared", count)
    assert (one.lines, one.events, one.rejected) == (shared.lines, shared.events, shared.rejected)
    assert one.rejected == 6
    assert Path(work.rejects).read_bytes() == Path(shared_work.rejects).read_bytes()
    found = []
    for each, taken in ((work, one), (shared_work, shared)):
        marks, entries = repeated(each), [*merged(taken.runs)]
        assert len({entry[4] for entry in entries}) == taken.events, "no two events have one number"
        found.append([(*entry[:4], entry[5], bool(marks[entry[4]])) for entry in entries])
    assert found[0] == found[1]
    assert np.any([entry[-1] for entry in found[0]])
