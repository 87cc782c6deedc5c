"""The index as a thing that is kept: adding, taking out, saving, opening."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from agoranomos.engine.pictures import codes, probing
from agoranomos.engine.pictures.index import Index
from agoranomos.kernel.errors import Conflict, Invalid
from tests.engine.pictures.drawing import drawn, signed

SIGNATURES = {f"p{seed}": signed(drawn(seed)) for seed in range(9)}


def _found(index: Index) -> list[str]:
    return [name for name, each in SIGNATURES.items() if [m.name for m in index.search(each)] == [name]]


def test_pictures_added_later_are_found_too() -> None:
    names = list(SIGNATURES)
    index = Index.build((name, SIGNATURES[name]) for name in names[:4])
    before = index
    for name in names[4:]:
        index = index.added([(name, SIGNATURES[name])])
    assert _found(index) == names
    assert _found(before) == names[:4]
    assert len(index) == 9
    assert index.names() == set(names)


def test_a_name_stands_for_one_picture() -> None:
    index = Index.build([("p0", SIGNATURES["p0"])])
    with pytest.raises(Conflict, match="'p0' is in the index already"):
        index.added([("p0", SIGNATURES["p1"])])
    with pytest.raises(Conflict, match="'p2'"):
        index.added([("p2", SIGNATURES["p1"]), ("p2", SIGNATURES["p2"])])


def test_what_is_taken_out_is_not_found() -> None:
    index = Index.build(SIGNATURES.items()).without(["p3", "unknown"])
    assert _found(index) == [name for name in SIGNATURES if name != "p3"]
    again = index.added([("p3", SIGNATURES["p3"])])
    assert sorted(_found(again)) == sorted(SIGNATURES)
    assert len(index.without(SIGNATURES)) == 0


def test_saved_and_opened_it_finds_the_same(tmp_path: Path) -> None:
    index = Index.build(SIGNATURES.items()).without(["p8"])
    index.save(tmp_path / "index")
    opened = Index.open(tmp_path / "index")
    assert _found(opened) == _found(index)
    for each in SIGNATURES.values():
        assert opened.search(each) == index.search(each)
    opened.added([("p8", SIGNATURES["p8"])]).save(tmp_path / "index")
    assert sorted(_found(Index.open(tmp_path / "index"))) == sorted(SIGNATURES)
    assert len(list((tmp_path / "index").glob("segment-*"))) == 2


def test_segments_of_no_more_use_are_deleted_and_others_stay(tmp_path: Path) -> None:
    index = Index.build([("p0", SIGNATURES["p0"])])
    index.save(tmp_path)
    before = (tmp_path / "segment-0" / "words.npy").stat().st_ino
    index.without([]).save(tmp_path)
    assert (tmp_path / "segment-0" / "words.npy").stat().st_ino == before
    index.added((name, SIGNATURES[name]) for name in ("p1", "p2")).save(tmp_path)
    assert [each.name for each in tmp_path.glob("segment-*")] == ["segment-1"]


def test_where_nothing_was_saved_the_index_is_empty(tmp_path: Path) -> None:
    index = Index.open(tmp_path / "none")
    assert len(index) == 0
    assert index.search(SIGNATURES["p0"]) == []


@pytest.mark.parametrize("damage", ["index.json", "segment-0/note.json", "segment-0/words.npy", "segment-0/names.json"])
def test_a_damaged_index_says_so(tmp_path: Path, damage: str) -> None:
    Index.build(SIGNATURES.items()).save(tmp_path)
    (tmp_path / damage).write_bytes(b"[")
    with pytest.raises(Invalid, match="damaged"):
        Index.open(tmp_path)


def test_tables_list_every_mark_under_its_key() -> None:
    chance = np.random.default_rng(5)
    words = chance.integers(0, 1 << 56, (300, 2), dtype=np.uint64)
    pictures = np.arange(300, dtype=np.int32)
    for table in range(codes.TABLES):
        starts, postings = np.empty((1 << 10) + 1, np.uint32), np.empty(300, np.int32)
        probing.fill(words, pictures, table, 10, starts, postings)
        assert sorted(postings.tolist()) == pictures.tolist()
        for mark in range(300):
            shift = codes.KEY_BITS * (table & 1)
            key = int(words[mark, table >> 1]) >> shift & 1023
            assert mark in postings[starts[key] : starts[key + 1]]


def test_doubtful_bits_are_those_nearest_to_zero() -> None:
    numbers = np.zeros((1, 128), np.float32)
    numbers[0] = np.random.default_rng(6).normal(size=128) * 0.005
    numbers[0, codes.CHIRAL] = 1
    # The first bit: as far from zero as can be, then as near.
    for value, doubted in ((9.0, 0), (1e-7, 1)):
        numbers[0, 25] = value
        words, doubts, flags = np.zeros((1, 2), np.uint64), np.zeros((1, 2), np.uint64), np.zeros(1, np.bool_)
        codes.encode(numbers, words, doubts, flags)
        assert int(doubts[0, 0]) & 1 == doubted
        assert sum(int(each).bit_count() for each in doubts[0]) == codes.DOUBTS
