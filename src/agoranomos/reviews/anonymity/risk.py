"""How well merchants could guess the authors of anonymous reviews on a marketplace's own history.

An attacker is let loose on it who sees what a merchant sees and knows how long people take to write, to the hour, as
counted over the whole history. He names the buyers that he holds likeliest: once for reviews as they were posted, with
their goods and hour; once with goods and day; once in the forms in which the scheduler shows them.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from datetime import date, datetime
from typing import Any, Final, NamedTuple

import msgspec
import numpy as np

from agoranomos.engine.stream.monitor import Out
from agoranomos.kernel.actions import Action
from agoranomos.kernel.clock import parse_rfc3339
from agoranomos.kernel.events import Event
from agoranomos.reviews.anonymity.books import HEARS
from agoranomos.reviews.anonymity.habits import Floats, fresh
from agoranomos.reviews.anonymity.model import DAY_S, UNKNOWN, day_of, seconds
from agoranomos.reviews.anonymity.monitor import AnonymityMonitor
from agoranomos.reviews.anonymity.policy import Policy
from agoranomos.reviews.anonymity.shop import NEVER
from agoranomos.reviews.anonymity.telling import RELEASE

BANDS: Final = (("under 20", 20.0), ("20 to 79", 80.0), ("80 to 299", 300.0), ("300 and more", float("inf")))
"""Of merchants: orders a day."""
_HOURS: Final = 24 * 60
PER_BAND_MAX: Final = 2_000
"""Reviews of a band that are attacked; more change the shares by less than a point."""


class Attacked(msgspec.Struct):
    """How often the author was the first guess, and among the first five, of `reviews`."""

    reviews: int = 0
    top_1: float = 0.0
    top_5: float = 0.0


class Band(msgspec.Struct):
    """Merchants of one size: as posted, with the day alone, and as the scheduler shows reviews; of those it shows,
    `after` counts, `score_only` are the rest. `wait_days`: the median of how long a review waits.
    """

    orders_per_day: str
    stores: int
    reviews: int
    posted: Attacked
    by_day: Attacked
    after: Attacked
    score_only: int
    wait_days: float


class Risk(msgspec.Struct):
    """Of a history. `bound`: what the scheduler promises for the first guess."""

    bound: float
    bands: list[Band]


class _Sold(msgspec.Struct):
    """An order: seconds since 1970 of what happened to it."""

    buyer_id: str
    listings: tuple[str, ...]
    placed: float
    came: float = NEVER
    trouble: float = NEVER
    named: float = NEVER


class _Review(NamedTuple):
    review_id: str
    order: _Sold
    store_id: str
    listing: str
    at: float
    bad: bool


class Watching:
    """A monitor that lets `reviews.anonymity` work, and remembers the truth that it must not use."""

    def __init__(self, policy: Policy) -> None:
        self._inner = AnonymityMonitor(policy, lambda *_: False)
        self.name, self.version = f"{self._inner.name}.risk", self._inner.version
        self.hears: Iterable[str] = HEARS
        self._policy = policy
        self.habits = fresh(policy)
        self.orders: dict[str, dict[str, _Sold]] = defaultdict(dict)
        self.categories: dict[str, str] = {}
        self._orders: dict[str, _Sold] = {}
        self.reviews: list[_Review] = []
        self.released: dict[str, Action] = {}

    def foresee(self, events: Sequence[Event]) -> None:
        """Each is heard as it comes."""

    def hear(self, event: Event, out: Out) -> None:
        """Remembers who wrote what."""
        self._remember(event)
        said = Out()
        self._inner.hear(event, said)
        self._take(said)
        del out

    def due(self) -> datetime | None:
        """When the scheduler is due."""
        return self._inner.due()

    def wake(self, now: datetime, out: Out) -> None:
        """The scheduler works."""
        said = Out()
        self._inner.wake(now, said)
        self._take(said)
        del out

    def state(self) -> bytes:
        """Is not kept."""
        return b""

    def resume(self, state: bytes) -> None:
        """Is not kept."""

    def _take(self, said: Out) -> None:
        for each in said.take():
            if isinstance(each, Action) and each.kind == RELEASE:
                self.released[each.subject.id] = each

    def _remember(self, event: Event) -> None:
        data, at = event.data, seconds(event.time)
        order = self._orders.get(data.get("order_id") or "")
        match event.type:
            case "listing.submitted" | "listing.updated":
                self.categories[data["listing_id"]] = data.get("category") or UNKNOWN
            case "order.placed" if order is None:
                listings = tuple(dict.fromkeys(line["listing_id"] for line in data["lines"])) or (UNKNOWN,)
                order = _Sold(data["buyer_id"], listings, at)
                self._orders[data["order_id"]] = self.orders[data["store_id"]][data["order_id"]] = order
            case "order.delivered" if order is not None:
                order.came = min(order.came, at)
            case "order.refunded" | "return.requested" | "complaint.filed" if order is not None:
                order.trouble = min(order.trouble, at)
            case "review.posted" if order is not None:
                self._written(data, order, at)
            case _:
                pass

    def _written(self, data: Mapping[str, Any], order: _Sold, at: float) -> None:
        bad = data["rating"] <= self._policy.bad_rating
        if order.came <= at:
            self.habits.count(day_of(at) - day_of(order.came), bad=bad, trouble=order.trouble <= at)
        if data.get("anonymous"):
            listing = data.get("listing_id") or order.listings[0]
            self.reviews.append(_Review(data["review_id"], order, data["store_id"], listing, at, bad))
        else:
            order.named = min(order.named, at)


def measured(watched: Watching, policy: Policy) -> Risk:
    """The risk of what was watched."""
    attacker = _Attacker(watched, policy)
    by_store: dict[str, list[_Review]] = defaultdict(list)
    for review in watched.reviews:
        by_store[review.store_id].append(review)
    sized: dict[str, list[str]] = defaultdict(list)
    for store_id in sorted(watched.orders):
        placed = [order.placed for order in watched.orders[store_id].values()]
        days = max(1.0, (max(placed) - min(placed)) / DAY_S)
        band = next(name for name, most in BANDS if len(placed) / days < most)
        sized[band].append(store_id)
    bands = [
        attacker.band(name, sized[name], [review for store_id in sized[name] for review in by_store[store_id]])
        for name, _ in BANDS if sized[name]
    ]  # fmt: skip
    return Risk(1.0 / policy.k, bands)


class _Attacker:
    def __init__(self, watched: Watching, policy: Policy) -> None:
        self._watched, self._policy = watched, policy
        self._habits = watched.habits
        self._by_listing: dict[tuple[str, str], list[_Sold]] = defaultdict(list)
        for store_id, orders in watched.orders.items():
            for order in orders.values():
                for listing in order.listings:
                    self._by_listing[store_id, listing].append(order)
        self._until = _hourly(watched.reviews)

    def band(self, name: str, stores: Sequence[str], reviews: Sequence[_Review]) -> Band:
        """All of one size; of very many reviews every n-th."""
        step = max(1, len(reviews) // PER_BAND_MAX)
        looked = reviews[::step]
        posted, by_day, after = Attacked(), Attacked(), Attacked()
        waits, score_only = [], 0
        for review in looked:
            goods = (review.listing,)
            hour = review.at // 3600 * 3600
            self._count(posted, review, goods, hour, hour + 3600, review.at)
            day = (review.at + 8 * 3600) // DAY_S * DAY_S - 8 * 3600
            self._count(by_day, review, goods, day, day + DAY_S, day + DAY_S)
            action = self._watched.released.get(review.review_id)
            if action is None:
                continue
            at = seconds(parse_rfc3339(action.at))
            waits.append((at - review.at) / DAY_S)
            if action.params["form"] == "score":
                score_only += 1
                continue
            first, last = _period(action.params["period"])
            self._count(after, review, self._goods(review, action.params), first, last, at)
        for each in (posted, by_day, after):
            each.top_1 /= max(1, each.reviews)
            each.top_5 /= max(1, each.reviews)
        wait = float(np.median(waits)) if waits else 0.0
        return Band(name, len(stores), len(looked), posted, by_day, after, score_only, round(wait, 2))

    def _goods(self, review: _Review, params: dict[str, str]) -> Sequence[str]:
        if params["item"] == "listing":
            return (review.listing,)
        listings = sorted(listing for store_id, listing in self._by_listing if store_id == review.store_id)
        if params["item"] == "none":
            return listings
        known = self._watched.categories
        return [listing for listing in listings if known.get(listing, UNKNOWN) == params["category"]]

    def _count(
        self, attacked: Attacked, review: _Review, goods: Sequence[str], first: float, last: float, at: float
    ) -> None:
        """Whether the author is among the likeliest; ties are broken at random, so they count in part."""
        held: dict[str, float] = defaultdict(float)
        odds = self._habits.odds(self._policy, bad=review.bad)
        for listing in goods:
            for order in self._by_listing[review.store_id, listing]:
                if order.came >= min(last, at) or order.named <= at:
                    continue
                mass = self._within(first - order.came, last - order.came)
                trouble = order.trouble <= at
                held[order.buyer_id] += mass * (odds if trouble else 1.0) / len(order.listings)
        attacked.reviews += 1
        own = held.get(review.order.buyer_id, 0.0)
        above = sum(each > own for each in held.values())
        same = max(1, sum(each == own for each in held.values()))
        attacked.top_1 += min(1.0, max(0.0, (1 - above) / same))
        attacked.top_5 += min(1.0, max(0.0, (5 - above) / same))

    def _within(self, first: float, last: float) -> float:
        """The share of reviews written between so many seconds after the goods came."""
        places = np.clip(np.asarray((first, last)) / 3600.0, 0.0, float(_HOURS))
        low, high = np.interp(places, np.arange(_HOURS + 1, dtype=np.float64), self._until)
        return float(high - low)


def _hourly(reviews: Sequence[_Review]) -> Floats:
    """The share of reviews that were written within so many hours after the goods came; a thousandth for the rest."""
    lags = [(each.at - each.order.came) / 3600.0 for each in reviews]
    counted = np.bincount([int(lag) for lag in lags if 0 <= lag < _HOURS], minlength=_HOURS).astype(np.float64)
    smoothed = np.convolve(counted, np.full(7, 1 / 7), "same") + 1e-3 * max(1.0, counted.sum()) / _HOURS
    return np.concatenate([[0.0], np.cumsum(smoothed / smoothed.sum())])


def _period(name: str) -> tuple[float, float]:
    """From when to when a day or week is, seconds since 1970."""
    week = "W" in name
    begins = date.fromisocalendar(int(name[:4]), int(name[6:]), 1) if week else date.fromisoformat(name)
    first = (begins - date(1970, 1, 1)).days * DAY_S - 8 * 3600
    return first, first + (7 if week else 1) * DAY_S
