"""A market with its own habits, and an attack on its anonymous reviews that shares no code with the desk.

The attacker knows the habits of buyers exactly (they are written down here), all orders of the store, and what is
published; he names the buyer whom the posterior holds likeliest.
"""

from __future__ import annotations

import math
import random
from collections import defaultdict
from collections.abc import Iterator, Sequence
from datetime import UTC, datetime, timedelta
from typing import Any, NamedTuple

from agoranomos.kernel.clock import rfc3339
from agoranomos.kernel.events import Event, parse_event

BEGUN = datetime(2026, 3, 1, tzinfo=UTC)
MEDIAN_DAYS, SPREAD = 4.0, 0.8
"""Of the lag between delivery and review (log-normal)."""
TROUBLE = 0.04
BAD = {True: 0.7, False: 0.08}
"""How often a review is bad, of orders with trouble and without."""


class Bought(NamedTuple):
    """An order of the market, as it really is. Times are days since BEGUN."""

    order_id: str
    buyer_id: str
    listing: str
    placed: float
    came: float
    trouble: float | None


class Written(NamedTuple):
    """An anonymous review and who wrote it."""

    review_id: str
    order: Bought
    at: float
    bad: bool


class Market(NamedTuple):
    """Orders of one store, its anonymous reviews, and all of it as events."""

    orders: list[Bought]
    written: list[Written]
    events: list[Event]


def moment(days: float) -> datetime:
    """So many days after BEGUN."""
    return BEGUN + timedelta(days=days)


def make_market(orders_per_day: float, *, days: int = 42, listings: int = 25, seed: int = 1) -> Market:
    """One store that sells so much a day."""
    draw = random.Random(f"{orders_per_day}-{days}-{listings}-{seed}")
    weights = [1 / (rank + 2) for rank in range(listings)]
    orders: list[Bought] = []
    written: list[Written] = []
    told: list[tuple[float, str, dict[str, Any]]] = [
        (0.0, "listing.submitted", {
            "listing_id": f"l{number}", "store_id": "s", "title": "Goods", "category": f"c{number % 4}",
            "price": {"amount": 9_900, "currency": "CNY"},
        }) for number in range(listings)
    ]  # fmt: skip
    people = max(20, round(orders_per_day * 30))
    for number in range(round(orders_per_day * days)):
        placed = 0.01 + draw.random() * days
        came = placed + 1 + 3 * draw.random()
        trouble = came + draw.random() * 3 if draw.random() < TROUBLE else None
        listing = f"l{draw.choices(range(listings), weights)[0]}"
        order = Bought(f"o{number}", f"u{draw.randrange(people)}", listing, placed, came, trouble)
        orders.append(order)
        line = {"listing_id": listing, "quantity": 1, "price": {"amount": 9_900, "currency": "CNY"}}
        told.append((placed, "order.placed", {
            "order_id": order.order_id, "buyer_id": order.buyer_id, "store_id": "s", "lines": [line],
            "paid": {"amount": 9_900, "currency": "CNY"},
        }))  # fmt: skip
        told.append((came, "order.delivered", {"order_id": order.order_id}))
        if trouble is not None:
            told.append((trouble, "return.requested", {
                "return_id": f"r{number}", "order_id": order.order_id, "reason_code": "quality",
            }))  # fmt: skip
        if draw.random() < 0.35:
            at = came + math.exp(draw.gauss(math.log(MEDIAN_DAYS), SPREAD))
            bad = draw.random() < BAD[trouble is not None and trouble <= at]
            anonymous = draw.random() < 0.45
            told.append((at, "review.posted", {
                "review_id": f"v{number}", "author_id": order.buyer_id, "store_id": "s", "rating": 1 if bad else 5,
                "order_id": order.order_id, "listing_id": listing, "anonymous": anonymous,
            }))  # fmt: skip
            if anonymous:
                written.append(Written(f"v{number}", order, at, bad))
    told.sort(key=lambda each: each[0])
    return Market(orders, written, list(_events(told)))


def _events(told: Sequence[tuple[float, str, dict[str, Any]]]) -> Iterator[Event]:
    for number, (at, kind, data) in enumerate(told):
        yield parse_event({
            "id": f"e{number}", "source": "market", "specversion": "1.0", "type": kind, "time": rfc3339(moment(at)),
            "data": data,
        })  # fmt: skip


def _until(days: float) -> float:
    """The share of reviews that are written within so many days of delivery."""
    if days <= 0:
        return 0.0
    return 0.5 * (1 + math.erf(math.log(days / MEDIAN_DAYS) / (SPREAD * math.sqrt(2))))


def guesses(
    market: Market, review: Written, listings: Sequence[str], first: float, last: float, at: float
) -> list[str]:
    """Buyers, the likeliest first, when a review of one of `listings` written between `first` and `last` is published
    at `at`.
    """
    known: dict[str, float] = defaultdict(float)
    goods = frozenset(listings)
    named = {each.data["order_id"] for each in market.events
             if each.type == "review.posted" and not each.data["anonymous"] and each.time <= moment(at)}  # fmt: skip
    for order in market.orders:
        if order.listing not in goods or order.came > min(last, at) or order.order_id in named:
            continue
        mass = _until(last - order.came) - _until(first - order.came)
        trouble = order.trouble is not None and order.trouble <= min(at, last)
        rate = BAD[trouble]
        known[order.buyer_id] += mass * (rate if review.bad else 1 - rate)
    return sorted(known, key=lambda buyer: (-known[buyer], buyer))
