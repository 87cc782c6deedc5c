"""The fields of a listing and what was hit in them: the way back from byte offsets to the seller's characters."""

from __future__ import annotations

from collections.abc import Callable
from typing import Final, NamedTuple

import numpy as np
import numpy.typing as npt

from agoranomos.engine.text import folds
from agoranomos.engine.text.folding import NO_DIGIT, digit_of
from agoranomos.engine.text.matching import FIELDS
from agoranomos.goods.listings.facts import Place
from agoranomos.goods.listings.model import Field, Listing

_OFFSET_MASK: Final = (1 << folds.SOURCE_BITS) - 1
_BEGINNING: Final = 0, 0
_SHORT_BYTES: Final = 512
"""Of longer texts it is worked out once where each character stands."""


class Found(NamedTuple):
    """One hit in a listing; `spelling` below 0 is one of the machine's special spellings, `extra` what it adds."""

    spelling: int
    place: Place
    text: str
    how: int
    extra: int = 0


class ListingTexts:
    """The title, description and brand field of one listing, as text and as UTF-8."""

    def __init__(self, listing: Listing) -> None:
        self.text: dict[Field, str] = {
            "title": listing.title, "description": listing.description, "brand": listing.brand,
        }  # fmt: skip
        self._raw: dict[Field, bytes | None] = {}
        self._counts: dict[tuple[Field, Callable[[str], bool]], int] = {}
        self._last: dict[Field, tuple[int, int]] = {}
        self._before: dict[Field, npt.NDArray[np.int64]] = {}

    def place(self, begin: int, last: int) -> Place:
        """The place from the machine's `begin` to the end of the character at `last`, in code points."""
        name: Field = FIELDS[begin >> folds.SOURCE_BITS]
        start, end = begin & _OFFSET_MASK, (last & _OFFSET_MASK) + 1
        if name in self._raw:
            raw = self._raw[name]
        else:
            text = self.text[name]
            raw = self._raw[name] = None if text.isascii() else text.encode("utf-8", "replace")
        if raw is None:
            return Place(name, start, end)
        while end < len(raw) and raw[end] & 0xC0 == 0x80:
            end += 1
        if len(raw) <= _SHORT_BYTES:
            # Hits come in their order, so that what stands before the last one need not be counted again.
            byte, first = self._last.get(name, _BEGINNING)
            if start < byte:
                byte, first = _BEGINNING
            first += len(raw[byte:start].decode())
            self._last[name] = start, first
            return Place(name, first, first + len(raw[start:end].decode()))
        before = self._characters_before(name, raw)
        return Place(name, int(before[start]), int(before[end]))

    def _characters_before(self, name: Field, raw: bytes) -> npt.NDArray[np.int64]:
        """How many code points begin before each byte of `raw`, and in all of it; counted once."""
        if name not in self._before:
            begins = (np.frombuffer(raw, np.uint8) & 0xC0) != 0x80
            self._before[name] = np.concatenate((np.zeros(1, np.int64), np.cumsum(begins)))
        return self._before[name]

    def count(self, name: Field, is_such: Callable[[str], bool]) -> int:
        """How many characters of a field are such; counted once, as many hits may ask."""
        known = self._counts.get((name, is_such))
        if known is None:
            known = self._counts[name, is_such] = sum(map(is_such, self.text[name]))
        return known

    def count_around(self, place: Place, is_such: Callable[[str], bool]) -> int:
        """How many characters of all fields are such, without those at `place`."""
        return sum(self.count(name, is_such) for name in self.text) - sum(map(is_such, self.at(place)))

    def at(self, place: Place) -> str:
        """The seller's characters at `place`."""
        return self.text[place.field][place.start : place.end]

    def around(self, place: Place) -> tuple[str, str]:
        """What stands before `place` in its field, and the two characters after it."""
        field = self.text[place.field]
        return field[: place.start], field[place.end : place.end + 2]


def is_kana(char: str) -> bool:
    """Whether Japanese is written with it."""
    return "\u3041" <= char <= "\u30fa"


def digits_in(text: str) -> str:
    """The digits that `text` shows, as ASCII; o and l between them stand for 0 and 1."""
    shown = []
    for char in text:
        value = digit_of(char)
        if value != NO_DIGIT:
            shown.append(str(value))
        elif char in "oO":
            shown.append("0")
        elif char in "lI":
            shown.append("1")
    return "".join(shown)
