"""A warehouse lays several batches of one article together, and notes on no parcel where it came from; one is bad.

The batch is condemned when most of it is sold. Which orders hold its articles only the truth knows: whoever traces them
has quantities and times, and can be right on average only.
"""

from __future__ import annotations

from typing import Any

import msgspec

from agoranomos.engine.market.catalogue import new_listing
from agoranomos.engine.market.lives import Life, say
from agoranomos.engine.market.orders import new_order, order_life
from agoranomos.engine.market.rhythm import DAY, HOUR, MINUTE, at_work
from agoranomos.engine.market.sellers import application, new_person, new_store, opened
from agoranomos.engine.market.shops import Listing, Store
from agoranomos.engine.market.streams import Stream
from agoranomos.engine.market.truth import Truth
from agoranomos.engine.market.world import World


class CommingledBatch(msgspec.Struct, frozen=True):
    """See the module. On day `day` (from 0) a store receives `bad` articles of a batch that is no good and `good` of
    each of `batches` others, for one listing; `orders` of one article each are placed over `days` days, and then the
    batch is condemned.
    """

    day: int = 1
    days: int = 6
    batches: int = 2
    bad: int = 40
    good: int = 60
    orders: int = 90
    name: str = "commingled-batch"
    desk: str = "goods"
    about: str = "a condemned batch lies together with others, and no parcel says which it is of"

    def plant(self, world: World, stream: Stream) -> Life:
        """The store, the batches, the orders, the end of the batch."""
        store, listing = yield from self._shop(world, stream.child("store"))
        begins = at_work(world.start + self.day * DAY)
        yield begins
        names = [stream.child("batch").child(number).token("k") for number in range(self.batches + 1)]
        for number, batch_id in enumerate(names):
            yield from self._received(stream.child("receipt").child(number), store, listing, batch_id, number, begins)
        begins += (self.batches + 1) * HOUR
        yield begins
        yield self._row("batch", names[0], "condemned", begins)
        pool = [*[names[0]] * self.bad, *(name for name in names[1:] for _ in range(self.good))]
        picked = stream.child("picks").sample(pool, min(self.orders, len(pool)))
        yield self._orders(world, stream.child("orders"), store, listing, picked, names[0], begins)
        ends = begins + self.days * DAY
        yield ends
        yield say(stream, ends, "batch.condemned", {"batch_id": names[0], "reason": "抽检不合格"})

    def _shop(self, world: World, stream: Stream) -> Any:
        person, seller_id = new_person(stream.child("person")), stream.token("u")
        applied = world.start - 60 * DAY
        yield applied
        yield from application(stream, seller_id, person, applied, "approved")
        store = new_store(stream, seller_id, person, applied + 5 * DAY)
        yield from opened(stream, store)
        return store, new_listing(stream.child("listing"), store, ())

    def _received(
        self, stream: Stream, store: Store, listing: Listing, batch_id: str, number: int, begins: int
    ) -> Life:
        """A batch comes in, and the listing is of it as well."""
        at = begins + number * HOUR
        data = {
            "batch_id": batch_id,
            "warehouse_id": "wh-1",
            "store_id": store.store_id,
            "supplier_id": stream.token("v"),
            "factory": f"工厂{stream.below(500):03d}",
            "quantity": self.good if number else self.bad,
            "inspection": "none",
        }
        yield say(stream, at, "goods.received", data)
        kind = "listing.updated" if number else "listing.submitted"
        yield say(stream, at + MINUTE, kind, {**listing.data, "batch_id": batch_id})

    def _orders(
        self, world: World, stream: Stream, store: Store, listing: Listing, picked: list[str], bad: str, begins: int
    ) -> Life:
        """Each takes what lies on top."""
        every = max(1, self.days - 1) * DAY // len(picked)
        for number, batch_id in enumerate(picked):
            one = stream.child(number)
            at = begins + number * every + one.below(every)
            yield at
            order = new_order(one, world.buyers.orderer(one), store, listing, 1)
            yield self._row("order", order.order_id, "bad" if batch_id == bad else "good", at)
            yield order_life(world, one, order, at)

    def _row(self, kind: str, subject_id: str, role: str, at: int) -> Truth:
        return Truth(kind="plot", subject_kind=kind, subject_id=subject_id, plot=self.name, role=role, started_at=at)
