"""Tiles hold the right hashes at the right addresses, however the tree grew."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from agoranomos.audit.merkle import consistency_proof, inclusion_proof, leaf_hash, root_of
from agoranomos.audit.tiles import ENTRIES, WIDTH, Tile, bundles_of, extended, mth_from, parse_path, tiles_of
from tests.audit.test_merkle import mth_of, naive_root, numbered
from tests.drawing import examples


@pytest.mark.parametrize(
    ("tile", "path"),
    [
        (Tile(0, 0, 256), "0/000"),
        (Tile(1, 1234067, 256), "1/x001/x234/067"),
        (Tile(63, 999, 1), "63/999.p/1"),
        (Tile(0, 1000, 255), "0/x001/000.p/255"),
        (Tile(ENTRIES, 70, 112), "entries/070.p/112"),
    ],
)
def test_addresses(tile: Tile, path: str) -> None:
    assert tile.path == path
    assert parse_path(path) == tile


@pytest.mark.parametrize(
    "path",
    ["", "0", "0/0", "00/000", "64/000", "0/x000/001", "0/000.p/0", "0/000.p/256", "0/000.p/01", "0/001/000",
     "-1/000", "entries", "entries/0000", "0/../000", "0/000/", "x/000", "0/٠٠٠"],
)  # fmt: skip
def test_what_is_no_address(path: str) -> None:
    assert parse_path(path) is None


def test_a_tree_of_70_000_has_the_tiles_that_the_specification_says() -> None:
    tiles = list(tiles_of(70_000))
    assert sum(tile.level == 0 and tile.width == 256 for tile in tiles) == 273
    assert [tile for tile in tiles if tile.width < 256] == [Tile(0, 273, 112), Tile(1, 1, 17), Tile(2, 0, 1)]
    assert Tile(1, 0, 256) in tiles
    assert len(list(bundles_of(70_000))) == 274
    assert list(tiles_of(256)) == [Tile(0, 0, 256), Tile(1, 0, 1)]
    assert list(tiles_of(0)) == list(bundles_of(0)) == []


@settings(max_examples=examples(25))
@given(st.lists(st.integers(1, 700), min_size=1, max_size=4))
def test_growth_in_parts_gives_the_tiles_of_the_whole(parts: list[int]) -> None:
    leaves = [leaf_hash(one) for one in numbered(sum(parts))]
    kept: dict[tuple[int, int], bytes] = {}

    def read(level: int, index: int) -> bytes:
        return kept.get((level, index), b"")

    size = 0
    for part in parts:
        kept.update(extended(size, leaves[size : size + part], read))
        size += part
    assert kept == extended(0, leaves, lambda *_: b"")
    assert {(tile.level, tile.number): tile.width * 32 for tile in tiles_of(size)} == {
        place: len(hashes) for place, hashes in kept.items()
    }
    mth = mth_from(lambda level, index: kept[level, index])
    assert mth(0, size) == root_of(leaves)
    for earlier in {1, size // 2 or 1, size}:  # an older tree's tiles are prefixes of the present ones
        assert mth(0, earlier) == root_of(leaves[:earlier])


def test_proofs_out_of_tiles_are_those_of_the_definition() -> None:
    data = numbered(3 * WIDTH + 77)
    kept = extended(0, [leaf_hash(one) for one in data], lambda *_: b"")
    mth = mth_from(lambda level, index: kept.get((level, index), b""))
    for index in (0, 255, 256, 700, len(data) - 1):
        assert inclusion_proof(index, len(data), mth) == inclusion_proof(index, len(data), mth_of(data))
    for old in (1, 256, 300, 512, 844):
        assert consistency_proof(old, len(data), mth) == consistency_proof(old, len(data), mth_of(data))
    assert mth(0, len(data)) == naive_root(data)


def test_short_tiles_are_noticed() -> None:
    kept = extended(0, [leaf_hash(one) for one in numbered(300)], lambda *_: b"")
    with pytest.raises(ValueError, match="fewer hashes"):
        mth_from(lambda level, index: kept.get((level, index), b"")[:-32])(0, 300)
    with pytest.raises(ValueError, match="fewer hashes"):
        extended(300, [bytes(32)], lambda *_: b"")
