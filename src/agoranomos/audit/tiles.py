"""Where the hashes of a log lie: C2SP tlog-tiles, tiles of height 8 (https://c2sp.org/tlog-tiles).

Tile N of level L holds the roots of up to 256 perfect subtrees of 256**L leaves each. A tile only ever grows at its
end, so the partial tile of any earlier size is a prefix of the one that is kept.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Sequence
from typing import Final, NamedTuple

from agoranomos.audit.merkle import HASH_SIZE, Mth, node_hash, perfect_root, split

HEIGHT: Final = 8
WIDTH: Final = 1 << HEIGHT
"""Hashes of a full tile, and entries of a full bundle."""

ReadTile = Callable[[int, int], bytes]
"""(level, index) → the hashes of that tile, one after the other; empty when there is none."""

_PATH = re.compile(r"(?:(0|[1-9]\d?)|(entries))/((?:x\d{3}/)*\d{3})(?:\.p/([1-9]\d{0,2}))?")
_LEVEL_MAX = 63


class Tile(NamedTuple):
    """A tile or, with level -1, a bundle of entries; `width` is 256 when it is full."""

    level: int
    number: int
    width: int

    @property
    def path(self) -> str:
        """Its address below `tile/`, such as `0/x001/x234/067.p/12` or `entries/000`."""
        digits = f"{self.number:03d}"
        digits = digits.zfill(-(-len(digits) // 3) * 3)
        groups = [digits[i : i + 3] for i in range(0, len(digits), 3)]
        path = "/".join([*(f"x{group}" for group in groups[:-1]), groups[-1]])
        place = "entries" if self.level < 0 else str(self.level)
        return f"{place}/{path}" + (f".p/{self.width}" if self.width < WIDTH else "")


ENTRIES: Final = -1
"""The level of entry bundles."""


def parse_path(path: str) -> Tile | None:
    """The tile that the address below `tile/` names; None when it names none."""
    found = _PATH.fullmatch(path)
    if found is None:
        return None
    level, _, number, width = found.groups()
    tile = Tile(
        ENTRIES if level is None else int(level),
        int(number.replace("x", "").replace("/", "")),
        WIDTH if width is None else int(width),
    )
    # One address per tile: leading groups of zeros and widths above 255 are refused.
    return tile if tile.level <= _LEVEL_MAX and tile.path == path else None


def tiles_of(size: int) -> Iterator[Tile]:
    """Every tile of the tree of `size`, level by level; the last of a level may be partial."""
    level = 0
    while size:
        full, rest = divmod(size, WIDTH)
        yield from (Tile(level, index, WIDTH) for index in range(full))
        if rest:
            yield Tile(level, full, rest)
        size, level = full, level + 1


def bundles_of(size: int) -> Iterator[Tile]:
    """Every bundle of entries of the tree of `size`."""
    for tile in tiles_of(size):
        if tile.level:
            return
        yield tile._replace(level=ENTRIES)


def hashes_in(tile: bytes) -> list[bytes]:
    """The hashes that a tile consists of."""
    return [tile[i : i + HASH_SIZE] for i in range(0, len(tile), HASH_SIZE)]


def extended(size: int, leaves: Sequence[bytes], read: ReadTile) -> dict[tuple[int, int], bytes]:
    """The tiles that change when leaf hashes are appended to the tree of `size`: (level, index) → hashes."""
    changed: dict[tuple[int, int], bytes] = {}
    level, begin, fresh = 0, size, list(leaves)
    while fresh:
        above: list[bytes] = []
        index, held = divmod(begin, WIDTH)
        kept = read(level, index)[: held * HASH_SIZE] if held else b""
        if len(kept) != held * HASH_SIZE:
            raise ValueError(f"tile {level}/{index} holds fewer hashes than a tree of size {size} has there")
        while fresh:
            room = WIDTH - held
            kept += b"".join(fresh[:room])
            fresh = fresh[room:]
            changed[level, index] = kept
            if len(kept) == WIDTH * HASH_SIZE:
                above.append(perfect_root(hashes_in(kept)))
            index, held, kept = index + 1, 0, b""
        level, begin, fresh = level + 1, begin // WIDTH, above
    return changed


def mth_from(read: ReadTile) -> Mth:
    """MTH(a, b) of the tree whose tiles `read` gives, for ranges as proofs need them (a a multiple of the split).

    Each tile is read once; a root or a proof needs a few tiles per level. Raises ValueError when one is too short.
    """
    seen: dict[tuple[int, int], bytes] = {}

    def tile(level: int, index: int) -> bytes:
        if (level, index) not in seen:
            seen[level, index] = read(level, index)
        return seen[level, index]

    def perfect(begin: int, height: int) -> bytes:
        level, inner = divmod(height, HEIGHT)
        index, offset = divmod(begin >> (level * HEIGHT), WIDTH)
        part = tile(level, index)[offset * HASH_SIZE : (offset + (1 << inner)) * HASH_SIZE]
        if len(part) != HASH_SIZE << inner:
            raise ValueError(f"tile {level}/{index} holds fewer hashes than the tree has there")
        return perfect_root(hashes_in(part))

    def mth(begin: int, end: int) -> bytes:
        size = end - begin
        if size & (size - 1) == 0:
            return perfect(begin, size.bit_length() - 1)
        middle = begin + split(size)
        return node_hash(mth(begin, middle), mth(middle, end))

    return mth
