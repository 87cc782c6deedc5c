"""What is known of the orders and reviews of stores, as a history tells it."""

from __future__ import annotations

from typing import Any, Final

import msgspec

from agoranomos.kernel.events import Event
from agoranomos.reviews.anonymity.habits import Habits, fresh
from agoranomos.reviews.anonymity.model import UNKNOWN, Sold, day_of, seconds
from agoranomos.reviews.anonymity.policy import Policy
from agoranomos.reviews.anonymity.posterior import LATER

HEARS: Final = (
    "complaint.filed", "listing.submitted", "listing.updated", "number.bound", "order.delivered", "order.placed",
    "order.refunded", "return.requested", "review.deleted", "review.edited", "review.posted",
)  # fmt: skip


class Waiting(msgspec.Struct, kw_only=True):
    """An anonymous review that is not shown. `form`: which of FORMS it gets, `decided` when that was known; LATER: none
    so far. `because`: the decision that holds it. `counted`: the score knows it already.
    """

    review_id: str
    store_id: str
    listing: str
    rating: int
    posted: float
    because: str
    form: int = LATER
    counted: bool = False


class Shown(msgspec.Struct):
    """A review that counts."""

    store_id: str
    rating: int
    anonymous: bool
    listing: str = UNKNOWN
    posted: float = 0.0
    form: int = LATER


class Score(msgspec.Struct):
    """Of a store: how many reviews are counted, and the sum of their stars."""

    count: int = 0
    stars: int = 0

    def add(self, rating: int, times: int = 1) -> None:
        """Counts a review, or takes it back (`times` -1)."""
        self.count += times
        self.stars += rating * times

    def shown(self) -> dict[str, Any]:
        """As the public sees it: the mean in hundredths of a star."""
        mean = round(self.stars * 100 / self.count) if self.count else 0
        return {"count": self.count, "mean_hundredths": mean}


class Books(msgspec.Struct):
    """Everything: orders by store and id, where an order is, categories of listings, reviews, scores, habits."""

    habits: Habits
    orders: dict[str, dict[str, Sold]] = msgspec.field(default_factory=dict)
    store_of: dict[str, str] = msgspec.field(default_factory=dict)
    categories: dict[str, str] = msgspec.field(default_factory=dict)
    waiting: dict[str, Waiting] = msgspec.field(default_factory=dict)
    shown: dict[str, Shown] = msgspec.field(default_factory=dict)
    scores: dict[str, Score] = msgspec.field(default_factory=dict)
    by_day: dict[int, Habits] = msgspec.field(default_factory=dict)

    def of(self, order_id: str | None) -> Sold | None:
        """An order, if it is known."""
        store_id = self.store_of.get(order_id or "")
        return self.orders[store_id].get(order_id or "") if store_id is not None else None

    def score(self, store_id: str) -> Score:
        """Of a store."""
        return self.scores.setdefault(store_id, Score())

    def hear_of_order(self, event: Event) -> None:
        """What happens to orders, and what goods are."""
        data, at = event.data, seconds(event.time)
        match event.type:
            case "listing.submitted" | "listing.updated":
                self.categories[data["listing_id"]] = data.get("category") or UNKNOWN
            case "order.placed":
                listings = tuple(dict.fromkeys(line["listing_id"] for line in data["lines"])) or (UNKNOWN,)
                known = self.orders.setdefault(data["store_id"], {})
                if data["order_id"] not in self.store_of:
                    self.store_of[data["order_id"]] = data["store_id"]
                    known[data["order_id"]] = Sold(
                        order_id=data["order_id"], buyer_id=data["buyer_id"], listings=listings, placed=at
                    )  # fmt: skip
            case "order.delivered" if order := self.of(data["order_id"]):
                order.came = at if order.came is None else order.came
            case "number.bound" if order := self.of(data["order_id"]):
                until = seconds(event.body.expires_at)  # type: ignore[attr-defined] # of this type
                order.listened_until = max(until, order.listened_until or 0.0)
            case "order.refunded" | "return.requested" | "complaint.filed" if order := self.of(data.get("order_id")):
                order.trouble = at if order.trouble is None else order.trouble
            case _:
                pass

    def count(self, order: Sold, rating: int, at: float, policy: Policy) -> None:
        """Learns from a review of `order`."""
        if order.came is not None:
            trouble = order.trouble is not None and order.trouble <= at
            self.habits.count(day_of(at) - day_of(order.came), bad=rating <= policy.bad_rating, trouble=trouble)

    def forget(self, before: float) -> None:
        """Orders placed before `before`."""
        for store_id, known in list(self.orders.items()):
            for order_id in [each.order_id for each in known.values() if each.placed < before]:
                del known[order_id]
                del self.store_of[order_id]
            if not known:
                del self.orders[store_id]


def empty(policy: Policy) -> Books:
    """Nothing is known."""
    return Books(fresh(policy))
