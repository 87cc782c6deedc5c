"""What is known of the orders and reviews of stores, as a history tells it."""

from __future__ import annotations

from typing import Any, Final, Literal

import msgspec

from agoranomos.kernel.events import Event
from agoranomos.kernel.schema.reviews import NumberBound
from agoranomos.reviews.anonymity.habits import Habits, fresh
from agoranomos.reviews.anonymity.model import UNKNOWN, day_of, seconds
from agoranomos.reviews.anonymity.policy import Policy
from agoranomos.reviews.anonymity.posterior import LATER
from agoranomos.reviews.anonymity.shop import Shop

HEARS: Final = (
    "complaint.filed", "listing.submitted", "listing.updated", "number.bound", "order.delivered", "order.placed",
    "order.refunded", "return.requested", "review.deleted", "review.edited", "review.posted",
)  # fmt: skip


Tried = Literal["nothing", "day", "week"]


class Waiting(msgspec.Struct, kw_only=True):
    """An anonymous review that is not shown. `form`: which of FORMS it gets; LATER: none so far, and what was `tried`.
    `listened`: until when a likely author can be called. `because`: the decision that holds it. `counted`: the score
    knows it already.
    """

    review_id: str
    store_id: str
    listing: str
    rating: int
    posted: float
    because: str
    form: int = LATER
    tried: Tried = "nothing"
    listened: float = 0.0
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
    """Everything: orders by store, of which store an order is, categories of listings, reviews, scores, habits."""

    habits: Habits
    shops: dict[str, Shop] = msgspec.field(default_factory=dict)
    store_of: dict[str, str] = msgspec.field(default_factory=dict)
    categories: dict[str, str] = msgspec.field(default_factory=dict)
    waiting: dict[str, Waiting] = msgspec.field(default_factory=dict)
    shown: dict[str, Shown] = msgspec.field(default_factory=dict)
    scores: dict[str, Score] = msgspec.field(default_factory=dict)
    by_day: dict[int, Habits] = msgspec.field(default_factory=dict)

    def shop_of(self, order_id: str | None) -> Shop | None:
        """The shop that an order is of, if it is known."""
        store_id = self.store_of.get(order_id or "")
        return self.shops[store_id] if store_id is not None else None

    def score(self, store_id: str) -> Score:
        """Of a store."""
        return self.scores.setdefault(store_id, Score())

    def hear_of_order(self, event: Event, at: float) -> None:
        """What happens to orders, and what goods are, `at` in seconds since 1970."""
        data = event.data
        match event.type:
            case "listing.submitted" | "listing.updated":
                self.categories[data["listing_id"]] = data.get("category") or UNKNOWN
            case "order.placed" if data["order_id"] not in self.store_of:
                listings = tuple(dict.fromkeys(line["listing_id"] for line in data["lines"])) or (UNKNOWN,)
                self.store_of[data["order_id"]] = data["store_id"]
                shop = self.shops.setdefault(data["store_id"], Shop())
                shop.sell(data["order_id"], data["buyer_id"], listings, at)
            case _:
                known = self.shop_of(data.get("order_id"))
                if known is not None:
                    _happened(event, known, at)

    def count(self, order_id: str, rating: int, at: float, policy: Policy) -> None:
        """Learns from a review of an order that is known."""
        came, trouble = self.shops[self.store_of[order_id]].times(order_id)
        if came <= at:
            days = day_of(at) - day_of(came)
            self.habits.count(days, bad=rating <= policy.bad_rating, trouble=trouble <= at)

    def forget(self, before: float) -> None:
        """Orders placed before `before`, where it pays."""
        for store_id, shop in self.shops.items():
            if shop.old(before):
                self.shops[store_id] = kept = shop.since(before)
                for order_id in shop.rows.keys() - kept.rows.keys():
                    del self.store_of[order_id]


def _happened(event: Event, shop: Shop, at: float) -> None:
    """To an order of `shop`."""
    order_id = event.data["order_id"]
    match event.type:
        case "order.delivered":
            shop.happened(order_id, shop.came, at)
        case "number.bound":
            assert isinstance(event.body, NumberBound), "the body of number.bound"
            shop.listens(order_id, seconds(event.body.expires_at))
        case "order.refunded" | "return.requested" | "complaint.filed":
            shop.happened(order_id, shop.trouble, at)
        case _:
            pass


def empty(policy: Policy) -> Books:
    """Nothing is known."""
    return Books(fresh(policy))
