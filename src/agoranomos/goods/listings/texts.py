"""The fields of a listing and what was hit in them: the way back from byte offsets to the seller's characters."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from agoranomos.engine.text import folds
from agoranomos.engine.text.characters import characters
from agoranomos.engine.text.folding import NO_DIGIT, digit_of
from agoranomos.engine.text.matching import FIELDS
from agoranomos.goods.listings.facts import Place
from agoranomos.goods.listings.model import Field, Listing


def places(
    listings: Sequence[Listing], row: npt.NDArray[np.int64], begin: npt.NDArray[np.int32], end: npt.NDArray[np.int32]
) -> list[Place]:
    """Where hits stand in `listings`, in code points; `row` says in which, `begin` and `end` are those of `Hits`."""
    texts = [text for listing in listings for text in (listing.title, listing.description, listing.brand)]
    fields = (begin >> folds.SOURCE_BITS).tolist()
    return [
        Place(FIELDS[field], first, stop)
        for field, first, stop in zip(fields, *characters(row, begin, end, texts), strict=True)
    ]


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
        self._counts: dict[tuple[Field, Callable[[str], bool]], int] = {}

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

    def edges(self, place: Place) -> tuple[str, str, str]:
        """What stands before `place` in its field, at it, and the two characters after it."""
        before, after = self.around(place)
        return before, self.at(place), after


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
