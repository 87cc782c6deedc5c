"""The fields of a listing and what was hit in them: the way back from byte offsets to the seller's characters."""

from __future__ import annotations

from typing import Final, NamedTuple

from agoranomos.engine.text import folds
from agoranomos.engine.text.matching import FIELDS
from agoranomos.goods.listings.facts import Place
from agoranomos.goods.listings.model import Field, Listing

_OFFSET_MASK: Final = (1 << folds.SOURCE_BITS) - 1


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
        first = len(raw[:start].decode())
        return Place(name, first, first + len(raw[start:end].decode()))

    def at(self, place: Place) -> str:
        """The seller's characters at `place`."""
        return self.text[place.field][place.start : place.end]

    def around(self, place: Place) -> tuple[str, str]:
        """What stands before `place` in its field, and the two characters after it."""
        field = self.text[place.field]
        return field[: place.start], field[place.end : place.end + 2]
