"""Stores that make people take their bad reviews back, by calls and red envelopes; and one that only answers everybody.

A store that presses rings its critics up, pays some of them, and rings again from an old list, when the numbers are
long dead. The others write to every critic as well, politely and once, and change few minds.
"""

from __future__ import annotations

from typing import Any, Final

import msgspec

from agoranomos.engine.market import reviews, texts
from agoranomos.engine.market.catalogue import new_listing
from agoranomos.engine.market.goods import TOP_UP
from agoranomos.engine.market.lives import Event, Life, cny, say
from agoranomos.engine.market.orders import new_order, placed
from agoranomos.engine.market.rhythm import DAY, HOUR, MINUTE, SECOND, at_work, rfc3339
from agoranomos.engine.market.sellers import application, new_person, new_store, opened
from agoranomos.engine.market.shops import Listing, Store
from agoranomos.engine.market.streams import Stream
from agoranomos.engine.market.trade import Order
from agoranomos.engine.market.truth import Truth
from agoranomos.engine.market.world import World

_ENVELOPE_FEN: Final = 3_000
_NUMBER_LIVES_DAYS: Final = 7
_REPORTED: Final = 0.15
"""Of those who are rung up."""
_RUNG_LATE: Final = 0.5
"""Of all critics, again from an old list."""
_KIND_WINS: Final = 6
"""Of a hundred people whom a polite store writes to."""
_OWN: Final = 2
"""Of a hundred people who take a review back of themselves."""


class DeletionPressure(msgspec.Struct, frozen=True):
    """See the module. From day `day` (from 0) on, over `days` days, `critics` people write badly of each of `stores`
    stores that press them and of `kind` stores that do not; of a hundred who are pressed `percent` give in. Every other
    store that presses pays.
    """

    day: int = 2
    days: int = 14
    stores: int = 4
    kind: int = 2
    critics: int = 12
    percent: int = 60
    name: str = "deletion-pressure"
    desk: str = "reviews"
    about: str = "stores ring up and pay people until they delete bad reviews; polite ones only write"

    def plant(self, world: World, stream: Stream) -> Life:
        """One life for each store."""
        for number in range(self.stores):
            yield self._store(world, stream.child("pressing").child(number), "paying" if number % 2 else "calling")
        for number in range(self.kind):
            yield self._store(world, stream.child("kind").child(number), "polite")

    def _store(self, world: World, stream: Stream, role: str) -> Life:
        person, seller_id = new_person(stream.child("person")), stream.token("u")
        applied = at_work(world.start - stream.between(20 * DAY, 60 * DAY))
        yield applied
        yield from application(stream, seller_id, person, applied, "approved")
        store = new_store(stream, seller_id, person, at_work(applied + 6 * DAY))
        goods = tuple(kind for kind in store.categories if kind is not TOP_UP)
        store = msgspec.structs.replace(store, categories=goods or store.categories)
        yield from opened(stream, store)
        begins = world.start + self.day * DAY
        yield begins
        yield Truth(
            kind="plot", subject_kind="store", subject_id=store.store_id, plot=self.name, role=role, started_at=begins
        )
        listing = new_listing(stream, store, world.settings.brands)
        yield say(stream, begins, "listing.submitted", listing.data)
        for number in range(self.critics):
            one = stream.child("critic").child(number)
            at = begins + MINUTE + one.below(self.days * DAY)
            yield self._critic(world, one, store, listing, role, at)

    def _critic(self, world: World, stream: Stream, store: Store, listing: Listing, role: str, at: int) -> Life:
        """An order, a bad review of it, and what the store does."""
        yield at
        order = new_order(stream, world.buyers.orderer(stream), store, listing, 1)
        number = stream.token("x")
        yield placed(stream, order, at)
        bound = {
            "virtual_number": number, "order_id": order.order_id, "store_id": store.store_id,
            "expires_at": rfc3339(at + _NUMBER_LIVES_DAYS * DAY), "account_id": order.buyer.account_id,
        }  # fmt: skip
        yield say(stream, at + 5 * SECOND, "number.bound", bound)
        yield say(stream, at + DAY, "order.shipped", {"order_id": order.order_id})
        delivered = at + DAY + stream.between(DAY, 2 * DAY)
        yield say(stream, delivered, "order.delivered", {"order_id": order.order_id})
        posted = delivered + stream.between(HOUR, 2 * DAY)
        review = reviews.posted(stream, order, stream.choice((1, 1, 2)), posted)
        yield review
        reached = posted + stream.between(2 * HOUR, DAY)
        yield reached
        if role == "polite":
            yield _told(stream, order, reached, "message", text=texts.apology(stream))
            wins = _KIND_WINS + _OWN
        else:
            yield from self._press(stream, order, number, review.data["review_id"], role, reached)
            wins = self.percent
        if stream.below(100) < wins:
            gone = reached + stream.between(3 * HOUR, 2 * DAY)
            yield Truth(
                kind="plot", subject_kind="review", subject_id=review.data["review_id"], plot=self.name,
                role="won over" if role == "polite" else "pressed", started_at=gone, notes=store.store_id,
            )  # fmt: skip
            yield _taken_back(stream, review.data["review_id"], role, gone)
        if role != "polite" and stream.chance(_RUNG_LATE):
            for late in range(2):
                again = at + (_NUMBER_LIVES_DAYS + 1 + late) * DAY + stream.below(HOUR)
                yield say(stream, again, "number.called", {"virtual_number": number, "from": "store"})

    def _press(self, stream: Stream, order: Order, number: str, review_id: str, role: str, at: int) -> Life:
        """Rings up, or pays after a call; some report it. All within the first two hours."""
        called = {"virtual_number": number, "from": "store", "duration_s": stream.between(20, 300)}
        yield say(stream, at, "number.called", called)
        yield _told(stream, order, at + MINUTE, "call", virtual_number=number, duration_s=called["duration_s"])
        if role == "paying":
            paid = {
                "from_store_id": order.store.store_id, "to_account_id": order.buyer.account_id,
                "amount": cny(_ENVELOPE_FEN), "note": "red envelope",
            }  # fmt: skip
            yield say(stream, at + HOUR, "payment.made", paid)
        if stream.chance(_REPORTED):
            data = {
                "report_id": stream.token("j"), "buyer_id": order.buyer.account_id, "store_id": order.store.store_id,
                "review_id": review_id, "text": texts.harassment_text(stream),
            }  # fmt: skip
            yield say(stream, at + 2 * HOUR, "harassment.reported", data)


def _told(stream: Stream, order: Order, at: int, channel: str, **more: Any) -> Event:
    data = {
        "store_id": order.store.store_id, "channel": channel, "direction": "to_buyer", "order_id": order.order_id,
        "account_id": order.buyer.account_id,
    }  # fmt: skip
    return say(stream, at, "contact.made", {**data, **more})


def _taken_back(stream: Stream, review_id: str, role: str, at: int) -> Event:
    """Whoever is won over mostly says so; whoever is pressed mostly deletes."""
    if stream.chance(0.75 if role == "polite" else 0.3):
        better = {"review_id": review_id, "by": "author", "rating": 5, "text": texts.review_text(stream, 5)}
        return say(stream, at, "review.edited", better)
    return say(stream, at, "review.deleted", {"review_id": review_id, "by": "author"})
