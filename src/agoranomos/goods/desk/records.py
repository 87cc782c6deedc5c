"""What is known of listings and stores, kept within bounds and without personal data."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Final

import msgspec

from agoranomos.goods.evidence.model import Weight
from agoranomos.goods.evidence.scales import Renewal
from agoranomos.kernel.findings import Subject

WEIGHTS_MAX: Final = 32
"""The weightiest that are kept of one subject."""
EVENTS_MAX: Final = 20
SUBJECTS_MAX: Final = 200_000
"""Listings, and stores, of which something is known. Beyond it the one is let go that was spoken of longest ago."""


class Record(msgspec.Struct):
    """What is known of one listing or store, and the finding that stands on it.

    `stands`: whether one does; `began_at` (RFC 3339): since when; `said`: the log-odds it was last said with;
    `asked`: the actions that were asked for since.
    """

    store_id: str = ""
    category: str = ""
    weights: dict[str, Weight] = {}
    events: list[str] = []
    stands: bool = False
    began_at: str = ""
    revision: int = 0
    said: float = 0.0
    asked: list[str] = []

    def put(self, weight: Weight) -> None:
        """Keeps `weight` in the place of an earlier one; of too many, the slightest goes."""
        self.store_id = weight.store_id or self.store_id
        self.category = weight.category or self.category
        self.weights.pop(weight.place, None)
        if weight.weight:
            self.weights[weight.place] = weight
        if len(self.weights) > WEIGHTS_MAX:
            del self.weights[min(self.weights, key=lambda place: (abs(self.weights[place].weight), place))]

    def renew(self, renewal: Renewal) -> None:
        """Forgets what some sources said."""
        self.weights = {place: one for place, one in self.weights.items() if one.source not in renewal.sources}

    def begin(self, at: str) -> None:
        """A new episode, unless one stands. One that ended at this very moment goes on, as its id would be the same."""
        if not self.stands and self.began_at != at:
            self.began_at, self.revision, self.asked = at, 0, []
        self.stands = True

    def heard_of(self, event_ids: Iterable[str]) -> None:
        """Remembers which events it rests on: the latest ones."""
        self.events = [*dict.fromkeys((*self.events, *event_ids))][-EVENTS_MAX:]


class Records:
    """The records of listings and of stores, the ones spoken of last at the end."""

    def __init__(self, listings: dict[str, Record] | None = None, stores: dict[str, Record] | None = None) -> None:
        self.listings = listings or {}
        self.stores = stores or {}
        self._of_store: dict[str, dict[str, None]] = {}
        for listing_id, record in self.listings.items():
            self._settle(listing_id, record.store_id)

    def note(self, noted: Weight | Renewal) -> bool:
        """Keeps a weight or forgets some; whether anything may have changed."""
        kind = self.listings if noted.subject.kind == "listing" else self.stores
        record = kind.pop(noted.subject.id, None)
        if isinstance(noted, Renewal):
            if record is None:
                return False
            record.renew(noted)
        elif record is None and not noted.weight:
            return False
        else:
            record = record or Record()
            before = record.store_id
            record.put(noted)
            if kind is self.listings and record.store_id != before:
                self._of_store.get(before, {}).pop(noted.subject.id, None)
                self._settle(noted.subject.id, record.store_id)
        kind[noted.subject.id] = record
        while len(kind) > SUBJECTS_MAX:
            self.forget(Subject(noted.subject.kind, next(iter(kind))))
        return True

    def of_store(self, store_id: str) -> tuple[str, ...]:
        """The listings of a store of which something is known, in the order in which it was learned."""
        return tuple(self._of_store.get(store_id, ()))

    def forget(self, subject: Subject) -> None:
        """Lets go a subject of which nothing is left to say."""
        record = (self.listings if subject.kind == "listing" else self.stores).pop(subject.id, None)
        if record is not None and subject.kind == "listing":
            siblings = self._of_store.get(record.store_id, {})
            siblings.pop(subject.id, None)
            if not siblings:
                self._of_store.pop(record.store_id, None)

    def _settle(self, listing_id: str, store_id: str) -> None:
        if store_id:
            self._of_store.setdefault(store_id, {})[listing_id] = None
