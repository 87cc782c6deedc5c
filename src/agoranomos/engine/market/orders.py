"""Orders: sought out, placed, shipped, delivered; and the visits that end without one."""

from __future__ import annotations

from typing import Any, Final

from agoranomos.engine.market import after_sales, reviews
from agoranomos.engine.market.goods import TOP_UP, Category
from agoranomos.engine.market.lives import Event, Life, cny, say
from agoranomos.engine.market.merchants import lookup
from agoranomos.engine.market.people import Buyer
from agoranomos.engine.market.rhythm import DAY, HOUR, MINUTE, SECOND, at_work, day_of, demand, rfc3339
from agoranomos.engine.market.shops import Listing, Store
from agoranomos.engine.market.streams import Stream
from agoranomos.engine.market.trade import Coupon, Order
from agoranomos.engine.market.truth import lookalike
from agoranomos.engine.market.world import ORDERS_PER_BUYER_DAY, World

_VISITS_PER_ORDER: Final = 0.8
"""Visits that end without an order."""
_CANCELLED: Final = 0.03
_LOOKED_UP: Final = 0.35
_STORE_CALLS: Final = 0.10
_OTHERS_CALL: Final = 0.03
_CALLS_LATE: Final = 0.002
"""Numbers that a store rings after they have expired, out of an old list."""
_NUMBER_LIVES_DAYS: Final = 15
_TRENDS_PER_DAY: Final = 1 / 20
_TREND_DAYS: Final = 3
_AGENTS: Final = (
    "Shop/11.2 (Android 14)", "Shop/11.2 (iPhone; iOS 18)", "Shop/10.9 (HarmonyOS 5)", "Mozilla/5.0 (Windows NT 10.0)",
)  # fmt: skip


def shopping(world: World) -> Life:
    """All orders and visits, hour by hour."""
    hourly = world.settings.buyers * ORDERS_PER_BUYER_DAY
    hour = 0
    while True:
        at = world.start + hour * HOUR
        yield at
        stream = world.root.child("shopping").child(hour)
        wanted = hourly * demand(at)
        for number in range(stream.poisson(wanted)):
            one = stream.child(number)
            yield _purchase(world, one, at + one.below(HOUR))
        for number in range(stream.poisson(wanted * _VISITS_PER_ORDER)):
            one = stream.child(-2 - number)
            yield _visit(world, one, at + one.below(HOUR))
        hour += 1


def session(stream: Stream, buyer: Buyer, at: int) -> Event:
    """`session.started` of a buyer."""
    data = {
        "account_id": buyer.account_id,
        "principal_kind": "buyer",
        "device_id": buyer.device(stream),
        "ip": buyer.network(stream),
        "user_agent": stream.choice(_AGENTS),
    }
    return say(stream, at, "session.started", data)


def _visit(world: World, stream: Stream, at: int) -> Life:
    yield at
    yield session(stream, world.buyers.orderer(stream), at)


def _purchase(world: World, stream: Stream, at: int) -> Life:
    yield at
    buyer = world.buyers.orderer(stream)
    if stream.chance(0.7):
        yield session(stream, buyer, at)
        at += stream.between(20 * SECOND, 15 * MINUTE)
        yield at
    if (found := _sought(world, stream, at)) is not None:
        order = new_order(stream, buyer, *found)
        world.book(order.store, buyer, order.order_id, order.paid)
        yield from order_life(world, stream, order, at)


def _sought(world: World, stream: Stream, at: int) -> tuple[Store, Listing] | None:
    """An article, those in season more often."""
    day = day_of(at)
    found = world.shelves.listing(stream)
    for _ in range(2):
        if found is None or stream.random() * 1.3 < found[1].category.demand(day):
            break
        found = world.shelves.listing(stream)
    return found


def quantity(stream: Stream, buyer: Buyer, kind: Category) -> int:
    """How many pieces: mostly one, of bulk buyers tens."""
    if buyer.bulk and kind is not TOP_UP:
        return stream.between(5, 40)
    drawn = stream.random()
    return 1 if drawn < 0.82 else 2 if drawn < 0.94 else stream.between(3, 6)


def new_order(
    stream: Stream, buyer: Buyer, store: Store, listing: Listing, count: int = 0, coupon: Coupon | None = None
) -> Order:
    """An order of `count` pieces (0: as many as such a buyer takes)."""
    count = count or quantity(stream, buyer, listing.category)
    total = listing.price * count
    paid = total - coupon.face_value if coupon else total
    return Order(stream.token("o"), buyer, store, listing, count, total, paid, coupon)


def placed(stream: Stream, order: Order, at: int) -> Event:
    """`order.placed`."""
    buyer = order.buyer
    data: dict[str, Any] = {
        "order_id": order.order_id,
        "buyer_id": buyer.account_id,
        "store_id": order.store.store_id,
        "lines": [
            {"listing_id": order.listing.listing_id, "quantity": order.quantity, "price": cny(order.listing.price)}
        ],
        "paid": cny(order.paid),
        "device_id": buyer.device(stream),
        "ip": buyer.network(stream),
        "district": buyer.home.district,
        "recipient_token": buyer.token("recipient"),
        "payer_token": buyer.token("payer"),
    }
    if order.coupon is not None:
        data["face_value"] = cny(order.coupon.face_value)
        data["coupon_ids"] = [order.coupon.coupon_id]
    if order.payee_id:
        data["payee_id"] = order.payee_id
    elif order.listing.category is TOP_UP:
        data["payee_id"] = buyer.token("phone") if stream.chance(0.8) else buyer.token("kin")
    return say(stream, at, "order.placed", data)


def order_life(world: World, stream: Stream, order: Order, at: int) -> Life:
    """All that follows from `order`, which is placed at `at`. Changes nothing in `world`."""
    yield placed(stream, order, at)
    if order.listing.category is TOP_UP:
        yield say(stream, at + stream.between(5, 60) * SECOND, "order.delivered", {"order_id": order.order_id})
        return
    number = stream.token("x")
    yield _bound(stream, order, number, at + stream.between(1, 30) * SECOND)
    if stream.chance(_CANCELLED):
        yield from after_sales.refund(stream, order, at + MINUTE + int(stream.exponential(3.0) * HOUR))
        return
    shipped = at_work(at + HOUR + int(stream.lognormal(12.0, 0.7) * HOUR), 8, 21)
    if stream.chance(_LOOKED_UP):
        yield lookup(stream, order.store, max(at + MINUTE, shipped - stream.between(5, 50) * MINUTE),
                     [order.buyer.account_id])  # fmt: skip
    data = {"order_id": order.order_id}
    batch = {"batch_id": order.listing.data["batch_id"]} if "batch_id" in order.listing.data else {}
    yield say(stream, shipped, "order.shipped", data | batch)
    delivered = at_work(shipped + 8 * HOUR + int(stream.lognormal(2.2, 0.5) * DAY), 8, 21)
    yield from _calls(stream, order, number, shipped, delivered)
    yield say(stream, delivered, "order.delivered", data)
    yield from after_sales.aftermath(world, stream, order, delivered)
    yield reviews.review_life(stream.child("review"), order, delivered)
    if stream.chance(_CALLS_LATE):
        late = delivered + _NUMBER_LIVES_DAYS * DAY + stream.between(HOUR, 5 * DAY)
        yield say(stream, late, "number.called", {"virtual_number": number, "from": "store"})


def _bound(stream: Stream, order: Order, number: str, at: int) -> Event:
    data = {
        "virtual_number": number,
        "order_id": order.order_id,
        "expires_at": rfc3339(at + _NUMBER_LIVES_DAYS * DAY),
        "store_id": order.store.store_id,
        "account_id": order.buyer.account_id,
    }
    return say(stream, at, "number.bound", data)


def _calls(stream: Stream, order: Order, number: str, shipped: int, delivered: int) -> Life:
    """Between parcel and door: the store rings, or a courier of whom the telephone company knows nothing."""
    drawn = stream.random()
    if drawn < _STORE_CALLS + _OTHERS_CALL:
        at = stream.between(shipped, delivered - 1)
        caller = "store" if drawn < _STORE_CALLS else "unknown"
        duration = round(stream.lognormal(35.0, 0.8))
        data = {"virtual_number": number, "from": caller, "duration_s": duration}
        yield say(stream, at, "number.called", data)
        if caller == "store":
            data = {
                "store_id": order.store.store_id,
                "channel": "call",
                "direction": "to_buyer",
                "order_id": order.order_id,
                "virtual_number": number,
                "account_id": order.buyer.account_id,
                "duration_s": duration,
            }
            yield say(stream, min(delivered, at + duration * SECOND), "contact.made", data)


def trends(world: World) -> Life:
    """Now and then a listing is talked about: it sells fifty times as much for three days, honestly."""
    day = 0
    while True:
        yield world.start + day * DAY
        stream = world.root.child("trends").child(day)
        if stream.chance(_TRENDS_PER_DAY):
            yield _trend(world, stream, world.start + day * DAY + stream.between(10 * HOUR, 20 * HOUR))
        day += 1


def _trend(world: World, stream: Stream, at: int) -> Life:
    yield at
    found = world.shelves.anything(stream)
    if found is None or found[1].category is TOP_UP:
        return
    store, listing = found
    ends = at + _TREND_DAYS * DAY
    yield lookalike("viral_product", "listing", listing.listing_id, at, ends=ends)
    daily = world.settings.buyers * ORDERS_PER_BUYER_DAY * 0.08
    for hour in range(_TREND_DAYS * 24):
        begins = at + hour * HOUR
        yield begins
        fading = 0.5 ** (hour / 24.0)
        for number in range(stream.poisson(daily * demand(begins) * fading)):
            one = stream.child(hour * 100_000 + number)
            yield _taken_along(world, one, store, listing, begins + one.below(HOUR))


def _taken_along(world: World, stream: Stream, store: Store, listing: Listing, at: int) -> Life:
    yield at
    if store.alive and listing.on_sale:
        buyer = world.buyers.orderer(stream)
        order = new_order(stream, buyer, store, listing, 1)
        world.book(store, buyer, order.order_id, order.paid)
        yield from order_life(world, stream, order, at)
