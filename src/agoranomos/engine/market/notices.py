"""Brands: they register, file notices against listings, and the platform buys tests of its own."""

from __future__ import annotations

from typing import Any, Final

from agoranomos.engine.market import goods
from agoranomos.engine.market.catalogue import take_off
from agoranomos.engine.market.lives import Life, cny, say
from agoranomos.engine.market.rhythm import DAY, HOUR, MINUTE, at_work
from agoranomos.engine.market.sellers import APPLIED_WITHIN_DAYS
from agoranomos.engine.market.shops import Listing, Store
from agoranomos.engine.market.streams import Stream
from agoranomos.engine.market.world import World

_NOTICES_PER_BRAND_DAY: Final = 1 / 40
_KINDS: Final = ("counterfeit", "trademark", "trademark", "copyright", "patent")
_COUNTERED: Final = 0.25
_UPHELD: Final = 0.2
"""Of notices against sellers who did nothing wrong on purpose."""
_TEST_BUYS_PER_SELLER_DAY: Final = 0.01


def registrations(world: World) -> Life:
    """Every brand of the market registers before the first seller applies."""
    span = (APPLIED_WITHIN_DAYS + 200) * DAY
    for number, brand in enumerate(world.settings.brands):
        stream = world.root.child("brand").child(brand.brand_id)
        at = world.start - span + number * HOUR
        data: dict[str, Any] = {
            "brand_id": brand.brand_id,
            "names": list(brand.names),
            "categories": list(brand.categories),
            "price_bands": [_band(code) for code in brand.categories if code in goods.BY_CODE],
        }
        yield say(stream, at, "brand.registered", data)


def _band(code: str) -> dict[str, Any]:
    median = goods.BY_CODE[code].price
    return {"category": code, "low": cny(median // 10), "high": cny(median * 20)}


def notices(world: World) -> Life:
    """Rights holders file notices; some are right."""
    day = 0
    while True:
        morning = world.start + day * DAY
        yield morning
        for brand in world.settings.brands:
            stream = world.root.child("notices").child(brand.brand_id).child(day)
            if stream.chance(_NOTICES_PER_BRAND_DAY):
                yield _notice(world, stream, brand, at_work(morning + stream.below(DAY)))
        day += 1


def _notice(world: World, stream: Stream, brand: goods.Brand, at: int) -> Life:
    yield at
    targets = _listings_of(world, stream, brand)
    if not targets:
        return
    notice_id = stream.token("notice-")
    data: dict[str, Any] = {
        "notice_id": notice_id,
        "rights_holder_id": f"holder-{brand.brand_id}",
        "brand_id": brand.brand_id,
        "listing_ids": [listing.listing_id for _, listing in targets],
        "kind": stream.choice(_KINDS),
        "statement": f"{brand.names[-1]}商标权利人声明：上述链接未经授权使用我方商标。",
    }
    yield say(stream, at, "notice.filed", data)
    if stream.chance(_COUNTERED):
        at += stream.between(6 * HOUR, 3 * DAY)
        yield say(stream, at, "notice.countered", {"notice_id": notice_id, "statement": "商品有正规进货渠道，附发票。"})
    at = at_work(at + stream.between(DAY, 5 * DAY))
    yield at
    upheld = stream.chance(_UPHELD)
    yield say(stream, at, "notice.decided", {"notice_id": notice_id, "outcome": "upheld" if upheld else "rejected"})
    for number, (store, listing) in enumerate(targets if upheld else ()):
        if store.alive and listing.on_sale:
            take_off(store, listing)
            data = {"listing_id": listing.listing_id, "by": "platform"}
            yield say(stream, at + (number + 1) * MINUTE, "listing.removed", data)


def _listings_of(world: World, stream: Stream, brand: goods.Brand) -> list[tuple[Store, Listing]]:
    """Up to three listings of `brand` among 120 that the rights holder comes across."""
    seen = {}
    for _ in range(120):
        found = world.shelves.anything(stream)
        if found is not None and found[1].brand == brand:
            seen[found[1].listing_id] = found
    return list(seen.values())[: stream.between(1, 3)]


def tests(world: World) -> Life:
    """Goods bought at random and sent to an appraiser; honest ones turn out genuine, or cannot be told."""
    day = 0
    while True:
        morning = world.start + day * DAY
        yield morning
        stream = world.root.child("tests").child(day)
        for number in range(stream.poisson(world.settings.sellers * _TEST_BUYS_PER_SELLER_DAY)):
            one = stream.child(number)
            yield _appraisal(world, one, at_work(morning + one.below(DAY)))
        day += 1


def _appraisal(world: World, stream: Stream, at: int) -> Life:
    yield at
    found = world.shelves.anything(stream)
    if found is None or "batch_id" not in found[1].data:
        return
    store, listing = found
    data = {
        "testbuy_id": stream.token("testbuy-"),
        "listing_id": listing.listing_id,
        "store_id": store.store_id,
        "verdict": "genuine" if stream.chance(0.93) else "inconclusive",
        "appraiser_id": f"appraiser-{stream.between(1, 4)}",
        "cost": cny(listing.price + 5_000),
        "batch_id": listing.data["batch_id"],
    }
    yield say(stream, at + stream.between(3 * DAY, 9 * DAY), "testbuy.appraised", data)
