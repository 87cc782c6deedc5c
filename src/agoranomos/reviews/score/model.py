"""What is kept of a review, whatever order it was told in; and what the two scores of a store say."""

from __future__ import annotations

from datetime import datetime
from typing import Any, Final

import msgspec

CONTACTS_KEPT: Final = 50
CHANGES_KEPT: Final = 200


class Change(msgspec.Struct, frozen=True, order=True):
    """An edit (`rating`: to what) or a deletion (0), by its author or the platform."""

    at: datetime
    rating: int
    author: bool


class Review(msgspec.Struct, kw_only=True):
    """A review; without a store as long as only its edits were told. `contacts`: when the store wrote, called, paid or
    harassed its author.
    """

    review_id: str
    store_id: str = ""
    author_id: str = ""
    order_id: str = ""
    listing_id: str = ""
    anonymous: bool = False
    rating: int = 0
    at: datetime | None = None
    changes: tuple[Change, ...] = ()
    contacts: tuple[datetime, ...] = ()

    def change(self, change: Change) -> None:
        """Takes in an edit or a deletion, once."""
        if change not in self.changes:
            self.changes = tuple(sorted((*self.changes, change)))[-CHANGES_KEPT:]

    def contacted(self, at: datetime) -> None:
        """Takes in a contact, once."""
        if at not in self.contacts:
            self.contacts = tuple(sorted((*self.contacts, at)))[-CONTACTS_KEPT:]


class Mark(msgspec.Struct, frozen=True):
    """How likely a review was bought or extorted (`code` of the finding)."""

    code: str
    score: float


class Stars(msgspec.Struct, frozen=True):
    """A mean in hundredths of a star (0: of nothing), and over how many reviews; of the honest score their weight."""

    count: float
    mean_hundredths: int


class Because(msgspec.Struct, frozen=True):
    """Why the honest score is another one: how many reviews that touches, with which weight in all, and by how many
    hundredths of a star it moves the mean when it alone is taken into account.
    """

    code: str
    message: str
    message_zh: str
    reviews: int
    weight: float
    moves_hundredths: int
    figures: dict[str, Any]


class Scores(msgspec.Struct, frozen=True, kw_only=True):
    """Of a store, or of one of its listings, as of a moment: what is visible, and what it would be if nobody had
    bought, extorted or pressed for a review.
    """

    store_id: str
    listing_id: str | None
    as_of: datetime
    visible: Stars
    honest: Stars
    reasons: tuple[Because, ...]
    version: str
