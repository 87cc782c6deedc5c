"""Order and repeats, in memory and through the disk, against the plain way."""

from __future__ import annotations

import random
from pathlib import Path

import pytest

from agoranomos.engine.replay.repeats import Repeats, later
from agoranomos.engine.replay.sorting import Entry, Sorter, merged


def entries(count: int, seed: int = 1) -> list[Entry]:
    draw = random.Random(seed)
    return [
        (
            draw.randrange(count // 2),
            draw.choice("ab"),
            f"e{draw.randrange(count // 3)}",
            b"x" * draw.randrange(9),
            number,
            "listing.removed",
        )
        for number in range(count)
    ]


@pytest.mark.parametrize("run_bytes_max", [1, 3_000, 1 << 20])
def test_any_size_of_run_gives_the_same_order(run_bytes_max: int, tmp_path: Path) -> None:
    given = entries(900)
    sorter = Sorter(tmp_path, run_bytes_max=run_bytes_max)
    for entry in given:
        sorter.add(entry)
    runs = sorter.runs()
    assert list(merged(runs)) == sorted(given)
    assert list(merged(runs)) == sorted(given), "several processes read them"
    assert {*tmp_path.iterdir()} == {*runs}, "nothing else is left behind"
    assert len(runs) <= 64


def test_no_entries(tmp_path: Path) -> None:
    assert list(merged(Sorter(tmp_path).runs())) == []
    Repeats(tmp_path).close()
    assert later([tmp_path], 0).tolist() == []


@pytest.mark.parametrize("held_rows_max", [1, 100, 1 << 20])
@pytest.mark.slow
def test_the_later_of_two_with_one_identity_is_marked(held_rows_max: int, tmp_path: Path) -> None:
    given = entries(900, seed=2)
    earliest: dict[tuple[str, str], int] = {}
    folders = [tmp_path / name for name in "ab"]
    for folder in folders:
        folder.mkdir()
    readers = [Repeats(folder, held_rows_max=held_rows_max) for folder in folders]
    for time_us, source, identity, _, number, _ in given:
        readers[number % 2].note(source, identity, time_us, number)
        earliest[source, identity] = min(time_us, earliest.get((source, identity), time_us))
    expected = [time_us > earliest[source, identity] for time_us, source, identity, *_ in given]
    for repeats in readers:
        repeats.close()
    assert later(folders, len(given)).tolist() == expected
    assert any(expected)
    assert [path for path in tmp_path.rglob("*") if path.is_file()] == []


def test_identities_are_not_run_together(tmp_path: Path) -> None:
    repeats = Repeats(tmp_path)
    repeats.note("ab", "c", 1, 0)
    repeats.note("a", "bc", 2, 1)
    repeats.close()
    assert later([tmp_path], 2).tolist() == [False, False]


@pytest.mark.parametrize("count", [1, 2, 7])
def test_runs_of_any_lengths_are_merged(count: int, tmp_path: Path) -> None:
    given, draw = entries(3_000, seed=count), random.Random(count)
    shares: list[list[Entry]] = [[] for _ in range(count)]
    for entry in given:
        shares[min(draw.randrange(9), count - 1)].append(entry)
    runs = []
    for number, share in enumerate(shares):
        (tmp_path / str(number)).mkdir()
        sorter = Sorter(tmp_path / str(number), run_bytes_max=200_000)
        for entry in share:
            sorter.add(entry)
        runs += sorter.runs()
    assert len(runs) > count
    assert list(merged(runs)) == sorted(given)
