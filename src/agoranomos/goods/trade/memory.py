"""What was sold where, in memory: for a replay, which keeps no store."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Final

import msgspec

from agoranomos.engine.stream.ageing import Ageing
from agoranomos.goods.trade.model import Order, order_of
from agoranomos.kernel.calendar import after, day_of
from agoranomos.kernel.events import Event
from agoranomos.kernel.schema.orders import OrderPlaced

LISTINGS: Final = ("listing.submitted", "listing.updated")
ORDERS: Final = ("order.placed", "order.shipped", "order.delivered", "order.refunded")


class _State(msgspec.Struct):
    stores: dict[str, str]
    orders: dict[str, Order]
    of_listing: dict[str, list[str]]
    swept_at: datetime | None = None
    of_batch: dict[str, list[str]] = {}
    """Batch → orders of one listing each that were shipped from it."""


class MemoryTrade:
    """See `model.Trade`. Of what it is not told to keep it knows nothing: `stores`: who offers what; `orders`: orders,
    for so long.
    """

    def __init__(self, *, stores: bool = True, orders: timedelta | None = None) -> None:
        self.hears = (*(LISTINGS if stores or orders else ()), *(ORDERS if orders else ()))
        self._keep = orders
        self._known = _State({}, {}, {})
        self._ages = Ageing[str]()

    def hear(self, event: Event) -> None:
        """One of `hears`."""
        if event.type in LISTINGS:
            self._known.stores[event.data["listing_id"]] = event.data["store_id"]
        elif event.type == "order.placed":
            assert isinstance(event.body, OrderPlaced), "the body of order.placed"
            self._place(order_of(event.body, event.time))
        elif (known := self._known.orders.get(event.data["order_id"])) is not None:
            order = self._known.orders[known.order_id] = changed(known, event)
            if order.batch_id is not None and order.batch_id != known.batch_id and len(order.lines) == 1:
                self._known.of_batch.setdefault(order.batch_id, []).append(order.order_id)

    def store_of(self, listing_id: str) -> str | None:
        """See `Trade`."""
        return self._known.stores.get(listing_id)

    def orders_of(self, listing_id: str, since: datetime) -> list[Order]:
        """See `Trade`."""
        found = (self._known.orders[each] for each in sorted(self._known.of_listing.get(listing_id, ())))
        return [order for order in found if order.placed_at >= since]

    def listings_of_batch(self, batch_id: str, since: datetime) -> list[str]:
        """See `Trade`."""
        orders = self._known.orders
        found = (orders[each] for each in self._known.of_batch.get(batch_id, ()) if each in orders)
        sent = (order for order in found if order.batch_id == batch_id and order.placed_at >= since)
        return sorted({order.lines[0].listing_id for order in sent})

    def state(self) -> bytes:
        """Everything that it knows."""
        return msgspec.msgpack.encode(self._known)

    def resume(self, state: bytes) -> None:
        """See `state`."""
        self._known = msgspec.msgpack.decode(state, type=_State)
        self._ages = Ageing()
        for order in self._known.orders.values():
            self._ages.note(order.order_id, day_of(order.placed_at))

    def _place(self, order: Order) -> None:
        known = self._known
        if order.order_id in known.orders:
            return  # placed once; what was told first stands
        known.orders[order.order_id] = order
        self._ages.note(order.order_id, day_of(order.placed_at))
        for line in order.lines:
            known.of_listing.setdefault(line.listing_id, []).append(order.order_id)
            known.stores.setdefault(line.listing_id, order.store_id)
        if known.swept_at is None or order.placed_at - known.swept_at >= timedelta(days=1):
            self._sweep(order.placed_at)

    def _sweep(self, now: datetime) -> None:
        assert self._keep is not None, "orders are kept"
        known, known.swept_at = self._known, now
        first = after(now, -self._keep)
        touched, batches = set[str](), set[str]()
        for name in self._ages.until(day_of(first)):
            order = known.orders[name]
            if order.placed_at >= first:
                self._ages.note(name, day_of(first))
                continue
            del known.orders[name]
            touched.update(line.listing_id for line in order.lines)
            if order.batch_id is not None:
                batches.add(order.batch_id)
        for batch_id in batches:
            left = [each for each in known.of_batch.pop(batch_id, ()) if each in known.orders]
            if left:
                known.of_batch[batch_id] = left
        for listing_id in touched:
            left = [each for each in known.of_listing.pop(listing_id) if each in known.orders]
            if left:
                known.of_listing[listing_id] = left


def changed(order: Order, event: Event) -> Order:
    """`order` after one of ORDERS but the first."""
    match event.type:
        case "order.shipped":
            return msgspec.structs.replace(order, shipped=True, batch_id=event.data.get("batch_id") or order.batch_id)
        case "order.delivered":
            return msgspec.structs.replace(order, shipped=True, delivered=True)
        case _:
            return msgspec.structs.replace(order, refunded=order.refunded + refunded_by_others(event, order.currency))


def refunded_by_others(event: Event, currency: str) -> int:
    """What `order.refunded` adds to what was paid back without our asking; it names our action when we asked."""
    amount = event.data["amount"]
    ours = "action_id" in event.data
    return 0 if ours or amount["currency"] != currency else max(0, int(amount["amount"]))
