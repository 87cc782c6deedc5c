"""Bad reviews that stand, and how they end: what pressure, hired operators and extortion all turn on."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any, Literal, NamedTuple

import msgspec

from agoranomos.kernel.events import Event

How = Literal["deleted", "raised"]


class Bad(msgspec.Struct, kw_only=True):
    """A review of few stars that its author has neither deleted nor raised."""

    review_id: str
    author_id: str
    store_id: str
    rating: int
    at: datetime
    order_id: str = ""
    event_id: str = ""


class Ended(NamedTuple):
    """What its author did to it."""

    review: Bad
    at: datetime
    how: How
    event_id: str


class Standing(msgspec.Struct):
    """By id; and the ids by order, by author and by store, in the order in which they were posted."""

    reviews: dict[str, Bad] = msgspec.field(default_factory=dict)
    by_order: dict[str, str] = msgspec.field(default_factory=dict)
    by_author: dict[str, list[str]] = msgspec.field(default_factory=dict)
    by_store: dict[str, list[str]] = msgspec.field(default_factory=dict)

    def posted(self, event: Event, rating_max: int) -> Bad | None:
        """Takes in a `review.posted`; None for one that is not bad, and for a repeat."""
        data = event.data
        review_id = data["review_id"]
        if data["rating"] > rating_max or review_id in self.reviews:
            return None
        bad = Bad(
            review_id=review_id, author_id=data["author_id"], store_id=data["store_id"], rating=data["rating"],
            at=event.time, order_id=data.get("order_id") or "", event_id=event.id,
        )  # fmt: skip
        self.reviews[review_id] = bad
        if bad.order_id:
            self.by_order[bad.order_id] = review_id
        self.by_author.setdefault(bad.author_id, []).append(review_id)
        self.by_store.setdefault(bad.store_id, []).append(review_id)
        return bad

    def of(self, author_id: str, store_id: str) -> list[Bad]:
        """What somebody wrote about a store."""
        found = [self.reviews[each] for each in self.by_author.get(author_id, ())]
        return [each for each in found if each.store_id == store_id]

    def meant(self, data: Mapping[str, Any], store_id: str, account_id: str | None) -> list[Bad]:
        """The reviews that something between a store and a buyer may be about: of the order named, else of the buyer's
        at the store.
        """
        review_id = data.get("review_id") or self.by_order.get(data.get("order_id") or "")
        if review_id is not None:
            found = self.reviews.get(review_id)
            return [found] if found is not None and found.store_id == store_id else []
        return self.of(account_id, store_id) if account_id else []

    def changed(self, event: Event) -> Ended | None:
        """Takes in a `review.edited` or `review.deleted`; what it ends, when it is its author who ends it.

        An edit that lowers the rating, or leaves it, ends nothing; nor does what the platform does.
        """
        data = event.data
        bad = self.reviews.get(data["review_id"])
        if bad is None:
            return None
        by_author = data["by"] == "author"
        if event.type == "review.deleted":
            self._drop(bad)
            return Ended(bad, event.time, "deleted", event.id) if by_author else None
        rating = data.get("rating")
        if rating is None or rating <= bad.rating:
            bad.rating = bad.rating if rating is None else rating
            return None
        self._drop(bad)
        return Ended(bad, event.time, "raised", event.id) if by_author else None

    def forget(self, before: datetime) -> None:
        """Reviews that were posted before that."""
        for bad in [each for each in self.reviews.values() if each.at < before]:
            self._drop(bad)

    def _drop(self, bad: Bad) -> None:
        del self.reviews[bad.review_id]
        if self.by_order.get(bad.order_id) == bad.review_id:
            del self.by_order[bad.order_id]
        for ids, key in ((self.by_author, bad.author_id), (self.by_store, bad.store_id)):
            ids[key].remove(bad.review_id)
            if not ids[key]:
                del ids[key]
