"""Stores of a plot's own: opened some months ago, with one listing, and customers from among the market's buyers."""

from __future__ import annotations

from collections.abc import Iterator

from agoranomos.engine.market import texts
from agoranomos.engine.market.catalogue import new_listing
from agoranomos.engine.market.goods import TOP_UP
from agoranomos.engine.market.lives import Event, Life, say
from agoranomos.engine.market.orders import new_order, placed
from agoranomos.engine.market.rhythm import DAY, HOUR, at_work
from agoranomos.engine.market.sellers import application, new_person, new_store, opened
from agoranomos.engine.market.shops import Listing, Store
from agoranomos.engine.market.streams import Stream
from agoranomos.engine.market.trade import Order
from agoranomos.engine.market.world import World


def client(world: World, stream: Stream) -> tuple[tuple[Store, Listing], Life]:
    """A store and its listing, and the life in which it opens, before the first day of the market."""
    person, seller_id = new_person(stream.child("person")), stream.token("u")
    applied = at_work(world.start - stream.between(60 * DAY, 120 * DAY))
    store = next(
        made for number in range(64)
        if (made := new_store(stream.child(number), seller_id, person, applied + 5 * DAY)).categories[0] is not TOP_UP
    )  # fmt: skip
    listing = new_listing(stream.child("listing"), store, ())
    return (store, listing), _opening(stream.child("opening"), store, listing, applied)


def _opening(stream: Stream, store: Store, listing: Listing, applied: int) -> Life:
    yield applied
    yield from application(stream, store.seller_id, store.person, applied, "approved")
    yield from opened(stream, store)
    yield say(stream, applied + 6 * DAY, "listing.submitted", listing.data)


def bought(stream: Stream, order: Order, at: int) -> Life:
    """The order is placed, and delivered two days later."""
    yield at
    yield placed(stream, order, at)
    yield say(stream, at_work(at + 10 * HOUR), "order.shipped", {"order_id": order.order_id})
    yield say(stream, at_work(at + 2 * DAY, 8, 21), "order.delivered", {"order_id": order.order_id})


def reviewed(stream: Stream, order: Order, rating: int, at: int, text: str = "") -> Event:
    """A review of the order; in words of its own, when none are given."""
    data = {
        "review_id": stream.token("r"),
        "author_id": order.buyer.account_id,
        "store_id": order.store.store_id,
        "rating": rating,
        "order_id": order.order_id,
        "listing_id": order.listing.listing_id,
        "text": text or texts.review_text(stream, rating),
        "anonymous": stream.chance(0.45),
    }
    return say(stream, at, "review.posted", data)


def customers(
    world: World, stream: Stream, goods: tuple[Store, Listing], since: int, bad: int, good: int
) -> Iterator[tuple[Order, Event, Life]]:
    """Orders of ordinary buyers within four days of `since`, all with a review within eight: `bad` ones first, then
    `good` ones; each with the life that tells of it.
    """
    for number in range(bad + good):
        one = stream.child(number)
        order, at = new_order(one, world.buyers.orderer(one), *goods, 1), since + one.below(4 * DAY)
        rating = one.between(1, 2) if number < bad else one.between(4, 5)
        review = reviewed(one, order, rating, at + 3 * DAY + one.below(DAY))
        yield order, review, _customer(one.child("order"), order, at, review)


def _customer(stream: Stream, order: Order, at: int, review: Event) -> Life:
    yield from bought(stream, order, at)
    yield review
