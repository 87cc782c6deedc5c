"""Who has shown which picture so far: a picture, in whatever copies, with the listings that show it now.

Pictures are told apart by whoever asks; here a picture is a name. Bounded: what was shown longest ago is forgotten.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Final

import msgspec

PICTURES_MAX: Final = 50_000
SHOWN_MAX: Final = 400
"""Listings that are remembered for one picture; beyond them it is common, and more say nothing."""


class Showing(msgspec.Struct, frozen=True):
    """A listing that shows a picture, where and as which of its pictures, and whose it is."""

    listing_id: str
    store_id: str
    owner: str
    number: int


class Picture(msgspec.Struct):
    """A picture: the copies of it that were seen, the least sure tie between them (1: there is none), who shows it, and
    how many owners there were when it was last told."""

    copies: list[str]
    score: float
    shown: dict[str, Showing]
    told: int = 0

    @property
    def owners(self) -> int:
        """How many different sellers show it."""
        return len({each.owner for each in self.shown.values()})


class Gallery(msgspec.Struct):
    """Pictures by name, in the order in which they were last shown; which picture a copy is of; what listings show."""

    pictures: dict[str, Picture] = {}
    copies: dict[str, str] = {}
    listings: dict[str, list[str]] = {}

    def picture_of(self, copy: str) -> str | None:
        """The picture that a copy is of."""
        return self.copies.get(copy)

    def learn(self, copy: str, picture: str | None, score: float) -> str:
        """A copy not seen before: of `picture`, as sure as `score`, or of one of its own. The picture's name."""
        if picture is None or picture not in self.pictures:
            picture = copy
            self.pictures[picture] = Picture([], 1.0, {})
        known = self.pictures[picture]
        known.copies.append(copy)
        known.score = min(known.score, score)
        self.copies[copy] = picture
        return picture

    def show(self, showing: Showing, pictures: Iterable[str]) -> list[str]:
        """The listing shows these pictures, and no others any more; their names, each once."""
        self.hide(showing.listing_id)
        named = list(dict.fromkeys(pictures))
        for name in named:
            known = self.pictures.pop(name)
            self.pictures[name] = known
            if len(known.shown) < SHOWN_MAX:
                known.shown[showing.listing_id] = showing
        if named:
            self.listings[showing.listing_id] = named
        while len(self.pictures) > PICTURES_MAX:
            self._forget(next(iter(self.pictures)))
        return named

    def hide(self, listing_id: str) -> None:
        """The listing shows nothing any more."""
        for name in self.listings.pop(listing_id, ()):
            if (known := self.pictures.get(name)) is not None:
                known.shown.pop(listing_id, None)

    def _forget(self, name: str) -> None:
        gone = self.pictures.pop(name)
        for copy in gone.copies:
            del self.copies[copy]
        for listing_id in gone.shown:
            left = [each for each in self.listings.get(listing_id, ()) if each != name]
            if left:
                self.listings[listing_id] = left
            else:
                self.listings.pop(listing_id, None)
