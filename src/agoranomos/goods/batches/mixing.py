"""From which batch a parcel came, when several lie together: a probability, by what was left of each.

Whoever picks takes any article of the pool. Then all ways to pick are alike, and of the articles whose batch nobody
noted a batch has the share that is left of it once those that were shipped as of it are set aside (drawing without
replacement; the share that is expected of the next one changes only when a batch arrives). What was shipped as of a
batch is certain. Where a quantity is not known, or more was shipped than came in, batches count alike: that is said.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Final

import msgspec

from agoranomos.goods.batches.flow import Flow
from agoranomos.goods.batches.model import Basis, Batch, Parcel

UNTRACKED: Final = ""
"""What a listing sold before any batch was named: goods of which nobody said where they came from."""


class Origin(msgspec.Struct, frozen=True):
    """Batch → (the chance that any article of a parcel is of it, how many are expected), and how that is known."""

    shares: Mapping[str, tuple[float, float]]
    basis: Basis


class Mixed(msgspec.Struct, frozen=True):
    """Where all parcels came from, by (order, listing); and what is left of each batch whose quantity is known."""

    origins: Mapping[tuple[str, str], Origin]
    left: Mapping[str, float]


def mixed(flow: Flow) -> Mixed:
    """Follows all parcels of `flow` in the order of shipping; those that wait come last, from what is left."""
    left = _unclaimed(flow)
    untracked = _untracked(flow)
    shipped_first = sorted(
        (each for each in flow.lines() if each.stage != "cancelled"),
        key=lambda each: (each.shipped_at is None, each.shipped_at or each.placed_at, each.order_id, each.listing_id),
    )
    origins: dict[tuple[str, str], Origin] = {}
    kept: dict[str, float] | None = None
    for parcel in shipped_first:
        if parcel.shipped_at is None and kept is None:
            kept = dict(left)  # what waits has taken nothing yet
        if parcel.batch_id is not None:
            origin = Origin({parcel.batch_id: (1.0, float(parcel.quantity))}, "shipped")
        else:
            there = _there(flow, parcel, untracked)
            if not there:
                continue
            origin = _drawn(parcel.quantity, there, left)
        origins[parcel.order_id, parcel.listing_id] = origin
    return Mixed(origins, left if kept is None else kept)


def next_share(flow: Flow, found: Mixed, listing_id: str, batch_id: str) -> float:
    """The share of `batch_id` in what a listing sends next: where nothing should be left of any batch, all alike."""
    ties = sorted(flow.ties.get(listing_id, {}))
    there = [name for name in ties if found.left.get(name, 1.0) > 0.0]
    if not there and batch_id in ties:
        return 1.0 / len(ties)
    if batch_id not in there:
        return 0.0
    if any(name not in found.left for name in there):
        return 1.0 / len(there)
    return found.left[batch_id] / sum(found.left[name] for name in there)


def _unclaimed(flow: Flow) -> dict[str, float]:
    """What came in, less what was shipped as of the batch, now or later."""
    claimed: Counter[str] = Counter()
    for parcel in flow.lines():
        if parcel.batch_id is not None:
            claimed[parcel.batch_id] += parcel.quantity
    return {
        name: float(max(0, batch.quantity - claimed[name]))
        for name, batch in flow.batches.items()
        if batch.quantity is not None
    }


def _untracked(flow: Flow) -> frozenset[str]:
    """Listings that had sent goods of no batch before one was named: some of those may lie there still."""
    sent = [(line.listing_id, line.shipped_at) for line in flow.lines() if line.batch_id is None and line.shipped_at]
    return frozenset(
        listing_id
        for listing_id, at in (*flow.sold.items(), *sent)
        if listing_id in flow.ties and at < min(flow.ties[listing_id].values())
    )


def _there(flow: Flow, parcel: Parcel, untracked: frozenset[str]) -> list[str]:
    """The batches that the parcel may have come from."""
    moment = parcel.shipped_at
    there = [
        name
        for name, since in sorted(flow.ties.get(parcel.listing_id, {}).items())
        if moment is None or (since <= moment and _came_by(flow.batches.get(name), moment))
    ]
    return [UNTRACKED, *there] if there and parcel.listing_id in untracked else there


def _came_by(batch: Batch | None, moment: datetime) -> bool:
    return batch is None or batch.received_at is None or batch.received_at <= moment


def _drawn(quantity: int, there: Sequence[str], left: dict[str, float]) -> Origin:
    """So many articles, drawn from what is left of the batches that are `there`; takes them out."""
    known = all(name in left for name in there)
    pool = sum(left[name] for name in there) if known else 0.0
    if len(there) == 1:
        _take(left, there[0], quantity)
        return Origin({there[0]: (1.0, float(quantity))}, "only")
    if not known or pool < quantity:
        each = quantity / len(there)
        for name in there:
            _take(left, name, each)
        chance = 1.0 - (1.0 - 1.0 / len(there)) ** quantity
        return Origin(dict.fromkeys(there, (chance, each)), "equal")
    shares = {name: (_any_of(left[name], pool, quantity), quantity * left[name] / pool) for name in there}
    for name in there:
        _take(left, name, shares[name][1])
    return Origin({name: share for name, share in shares.items() if share[1] > 0.0}, "mixed")


def _take(left: dict[str, float], name: str, articles: float) -> None:
    if name in left:
        left[name] = max(0.0, left[name] - articles)


def _any_of(mine: float, pool: float, quantity: int) -> float:
    """The chance that of `quantity` articles drawn without replacement at least one is of the `mine` in the pool."""
    none = 1.0
    for drawn in range(quantity):
        none *= max(0.0, pool - mine - drawn) / (pool - drawn)
    return 1.0 - none


def reached(flow: Flow, batch_id: str) -> Flow:
    """What has to do with a batch: the listings that it feeds, the batches that feed these too, and so on."""
    listings, batches = set[str](), {batch_id}
    feeds: dict[str, list[str]] = {}
    for listing_id, ties in flow.ties.items():
        for name in ties:
            feeds.setdefault(name, []).append(listing_id)
    left = [batch_id]
    while left:
        for listing_id in feeds.get(left.pop(), ()):
            if listing_id not in listings:
                listings.add(listing_id)
                new = flow.ties[listing_id].keys() - batches
                batches |= new
                left += sorted(new)
    parcels = {
        order_id: mine
        for order_id, lines in flow.parcels.items()
        if (mine := [line for line in lines if line.listing_id in listings])
    }
    return Flow(flow.batches, {name: flow.ties[name] for name in sorted(listings)}, parcels, flow.sold)


def listings_of(flow: Flow, batch_id: str) -> dict[str, datetime]:
    """Listing → since when the batch feeds it."""
    return {name: ties[batch_id] for name, ties in sorted(flow.ties.items()) if batch_id in ties}
