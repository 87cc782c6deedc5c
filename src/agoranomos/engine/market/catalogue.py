"""Listings from submission to removal, and the batches behind them from the warehouse on."""

from __future__ import annotations

from typing import Any, Final

from agoranomos.engine.market import goods
from agoranomos.engine.market.lives import Event, Life, cny, say
from agoranomos.engine.market.rhythm import DAY, HOUR, MINUTE
from agoranomos.engine.market.shops import Listing, Store
from agoranomos.engine.market.streams import Stream
from agoranomos.engine.market.world import World

LISTING_LIFE_DAYS: Final = 120.0
UPDATED_EVERY_DAYS: Final = 25.0
RESTOCKED_EVERY_DAYS: Final = 30.0
_CONDEMNED: Final = 0.003
"""Share of batches that are condemned later: base rate, without bad intent."""
_SUPPLIERS_PER_STORE: Final = 3
_WAREHOUSES: Final = 12


def new_listing(stream: Stream, store: Store, brands: tuple[goods.Brand, ...]) -> Listing:
    """An article for a shelf of `store`, without a batch yet."""
    kind = stream.choice(store.categories)
    brand = goods.brand(stream, kind, brands) if kind is not goods.TOP_UP else None
    price = goods.price(stream, kind)
    data: dict[str, Any] = {
        "listing_id": stream.token("l"),
        "store_id": store.store_id,
        "title": goods.title(stream, kind, brand),
        "price": cny(price),
        "category": kind.code,
        "description": goods.description(stream, kind, brand) if kind is not goods.TOP_UP else "",
        "pictures": [goods.picture(stream) for _ in range(stream.between(1, 3))],
    }
    if brand is not None:
        data["brand"] = brand.names[0]
    return Listing(data["listing_id"], kind, brand, price, data)


def received(stream: Stream, store: Store, listing: Listing, at: int) -> Event:
    """A batch for `listing` arrives at a warehouse; from now on the listing is of this batch."""
    suppliers = Stream(store.key).child("suppliers")
    supplier = suppliers.child(stream.below(_SUPPLIERS_PER_STORE))
    batch_id = stream.token("k")
    listing.data = {**listing.data, "batch_id": batch_id}
    data: dict[str, Any] = {
        "batch_id": batch_id,
        "warehouse_id": f"wh-{stream.between(1, _WAREHOUSES)}",
        "store_id": store.store_id,
        "supplier_id": supplier.token("v"),
        "factory": f"工厂{supplier.below(500):03d}",
        "quantity": round(stream.lognormal(200, 0.8)),
        "inspection": "passed" if stream.chance(0.8) else "none",
    }
    if listing.brand is not None:
        data["brand_id"] = listing.brand.brand_id
    return say(stream, at, "goods.received", data)


def take_off(store: Store, listing: Listing) -> None:
    """`listing` is no longer offered."""
    if listing.on_sale:
        listing.on_sale = False
        store.listings.remove(listing)


def listing_life(world: World, stream: Stream, store: Store, at: int) -> Life:
    """One article after another on the same place of a shelf, as long as the store is open."""
    number = 0
    while True:
        yield at
        if not store.alive:
            return
        one = stream.child(number)
        ends = max(at, world.start) + int(one.exponential(LISTING_LIFE_DAYS) * DAY) + HOUR
        yield from _article(world, one, store, at, ends)
        at = ends + one.between(HOUR, 3 * DAY)
        number += 1


def _article(world: World, stream: Stream, store: Store, at: int, ends: int) -> Life:
    listing = new_listing(stream, store, world.settings.brands)
    yield from _restocked(stream, store, listing, at)
    yield say(stream, at + stream.between(MINUTE, 40 * MINUTE), "listing.submitted", listing.data)
    store.listings.append(listing)
    at = max(at, world.start)
    while True:
        change = at + HOUR + int(stream.exponential(UPDATED_EVERY_DAYS) * DAY)
        restock = at + HOUR + int(stream.exponential(RESTOCKED_EVERY_DAYS) * DAY)
        at = min(change, restock)
        if at >= ends:
            break
        yield at
        if not (store.alive and listing.on_sale):
            return
        yield from _updated(stream, listing, at) if change < restock else _restocked(stream, store, listing, at)
    yield ends
    if store.alive and listing.on_sale:
        take_off(store, listing)
        yield say(stream, ends, "listing.removed", {"listing_id": listing.listing_id, "by": "seller"})


def _restocked(stream: Stream, store: Store, listing: Listing, at: int) -> Life:
    if listing.category is goods.TOP_UP:
        return
    yield received(stream, store, listing, at)
    if stream.chance(_CONDEMNED):
        # Named by its batch: an article whose batches are condemned twice must not say one event's id twice.
        yield _condemned(stream.child(listing.data["batch_id"]), store, listing, at)


def _condemned(stream: Stream, store: Store, listing: Listing, at: int) -> Life:
    """The batch fails an inspection days later; what is left of it goes off the shelf."""
    batch_id = listing.data["batch_id"]
    at += stream.between(2 * DAY, 30 * DAY)
    reason = stream.choice(("抽检不合格", "标签不符", "材质与标注不一致"))
    yield at
    yield say(stream, at, "batch.condemned", {"batch_id": batch_id, "reason": reason})
    if store.alive and listing.on_sale and listing.data["batch_id"] == batch_id:
        take_off(store, listing)
        data = {"listing_id": listing.listing_id, "by": "platform"}
        yield say(stream, at + stream.between(MINUTE, HOUR), "listing.removed", data)


def _updated(stream: Stream, listing: Listing, at: int) -> Life:
    """A new price, or new pictures; the whole listing is told again."""
    change: dict[str, Any] = {}
    if listing.category is not goods.TOP_UP and stream.chance(0.7):
        listing.price = max(100, round(listing.price * stream.choice((0.8, 0.9, 0.95, 1.05, 1.1)) / 100) * 100)
        change = {"price": cny(listing.price)}
    else:
        change = {"pictures": [goods.picture(stream) for _ in range(stream.between(1, 4))]}
    listing.data = {**listing.data, **change}
    yield say(stream, at, "listing.updated", listing.data)
