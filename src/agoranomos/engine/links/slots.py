"""The row of a seller: 46 slots of 64 bits, 0 where nothing is known. A fact that several slots hold is a small set.

Of sets the smallest digests are kept (bottom-k, Broder 1997): whatever the order in which they came, two sellers who
share much share some of those.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Mapping
from typing import Any, Final

import numpy as np
import numpy.typing as npt

from agoranomos.engine.links.facets import PAIRS, PHOTOS

Row = npt.NDArray[np.uint64]
SCALARS: Final = (
    "number", *PAIRS, "name", "sound", "turned", "phone", "bank", "mailbox", "licence", "room", "room_in_city", "site",
    *PHOTOS,
)  # fmt: skip
SETS: Final = {"device": 4, "network": 2, "picture": 8, "text": 8}
"""What a seller shows again and again, and how many of each are kept."""


def _first() -> dict[str, int]:
    first, place = {}, 0
    for name, width in [*((name, 1) for name in SCALARS), *SETS.items()]:
        first[name] = place
        place += width
    return first


FIRST: Final = _first()
"""Slot → where it begins in a row."""
WIDTH: Final = len(SCALARS) + sum(SETS.values())


def digest(text: str) -> int:
    """64 bits of something that is not secret, such as a device or the title of a listing; never 0."""
    return int.from_bytes(hashlib.blake2b(text.encode("utf-8", "surrogatepass"), digest_size=8).digest(), "big") or 1


def row_of(scalars: Mapping[str, int], sets: Mapping[str, Iterable[int]]) -> Row:
    """The row with these slots. Unknown names are left alone, so that rows can be read that a later version wrote."""
    row = np.zeros(WIDTH, np.uint64)
    for name, value in scalars.items():
        if name in SCALARS:
            row[FIRST[name]] = value
    for name, values in sets.items():
        if name in SETS:
            kept = sorted(set(values) - {0})[: SETS[name]]
            row[FIRST[name] : FIRST[name] + len(kept)] = kept
    return row


def set_of(row: Row, name: str) -> set[int]:
    """The values of one of SETS in a row."""
    return set(row[FIRST[name] : FIRST[name] + SETS[name]].tolist()) - {0}


def with_more(row: Row, sets: Mapping[str, Iterable[int]]) -> Row:
    """`row` with further values in its sets; the same object when that changes nothing."""
    changed = row
    for name, values in sets.items():
        if name in SETS:
            first, before = FIRST[name], set_of(row, name)
            kept = sorted(before.union(values) - {0})[: SETS[name]]
            if before.symmetric_difference(kept):  # there are no fewer than before, so none is left to be cleared
                changed = row.copy() if changed is row else changed
                changed[first : first + len(kept)] = kept
    return changed


def packed(row: Row) -> bytes:
    """A row in as few bytes as it has facts: which slots are there, then their values, least byte first."""
    there = row != 0
    return bytes(np.packbits(there, bitorder="little").tobytes() + row[there].astype("<u8").tobytes())


def unpacked(data: bytes) -> Row:
    """The row in `data`."""
    size = (WIDTH + 7) // 8
    there = np.unpackbits(np.frombuffer(data, np.uint8, size), bitorder="little")[:WIDTH].astype(bool)
    row = np.zeros(WIDTH, np.uint64)
    row[there] = np.frombuffer(data, "<u8", offset=size)
    return row


def stacked(rows: Iterable[Any]) -> npt.NDArray[np.uint64]:
    """Rows as one array (n, WIDTH)."""
    found = list(rows)
    return np.stack(found) if found else np.zeros((0, WIDTH), np.uint64)
