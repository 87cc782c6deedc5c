"""Pictures of which only a hash is known: `phash:` and 16 hex digits, as 64 bits of a cosine transform usually are.

Two such hashes are of the same picture when few bits differ. That holds for a picture compressed again, resized or
recoloured, and not for one that was cropped, framed or mirrored: whoever has the file should show the file.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from typing import Final

import numpy as np

from agoranomos.engine.pictures.clusters import TIED
from agoranomos.goods.pictures.groups import Tie

DISTANCE_MAX: Final = 8
"""Bits in which two hashes of one picture may differ (docs/quality/pictures.md)."""
_FORM: Final = re.compile(r"phash:([0-9a-f]{16})", re.IGNORECASE)
_BITS_EVEN: Final = range(16, 49)
"""The hash of a picture with anything in it has about as many ones as noughts; of a plain one nearly none or all."""


def hash_in(given: str) -> int | None:
    """The hash that a listing names instead of a picture; None for anything else, and for that of a plain picture."""
    found = _FORM.fullmatch(given.strip())
    if found is None:
        return None
    value = int(found[1], 16)
    return value if value.bit_count() in _BITS_EVEN else None


class Hashes:
    """Hashes by what they are called; the nearest is found by comparing with all, 64 bits at a time."""

    def __init__(self, known: Iterable[tuple[str, int]] = ()) -> None:
        self._names: list[str] = []
        self._values = np.empty(64, np.uint64)
        for name, value in known:
            self.add(name, value)

    def __len__(self) -> int:
        return len(self._names)

    def add(self, name: str, value: int) -> None:
        """One more."""
        if len(self._names) == len(self._values):
            self._values = np.concatenate([self._values, np.empty_like(self._values)])
        self._values[len(self._names)] = value
        self._names.append(name)

    def nearest(self, value: int) -> tuple[str, int] | None:
        """The name of the nearest within DISTANCE_MAX, the first of several, and by how many bits it differs."""
        if not self._names:
            return None
        apart = np.bitwise_count(self._values[: len(self._names)] ^ np.uint64(value))
        at = int(apart.argmin())
        return (self._names[at], int(apart[at])) if apart[at] <= DISTANCE_MAX else None


def ties_of(given: Iterable[str]) -> Iterator[Tie]:
    """The ties between hashes, each with the nearest of those before it."""
    known = Hashes()
    for each in given:
        value = hash_in(each)
        if value is None:
            continue
        if (nearest := known.nearest(value)) is not None:
            yield Tie(min(nearest[0], each), max(nearest[0], each), TIED)
        known.add(each, value)
