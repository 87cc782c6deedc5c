"""What was sold where, in memory: for a replay, which keeps no store."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Final

import msgspec

from agoranomos.goods.trade.model import Order, order_of
from agoranomos.kernel.events import Event
from agoranomos.kernel.schema.orders import OrderPlaced

LISTINGS: Final = ("listing.submitted", "listing.updated")
ORDERS: Final = ("order.placed", "order.shipped", "order.delivered", "order.refunded")


class _State(msgspec.Struct):
    stores: dict[str, str]
    orders: dict[str, Order]
    of_listing: dict[str, list[str]]
    swept_at: datetime | None = None


class MemoryTrade:
    """See `model.Trade`. Of what it is not told to keep it knows nothing: `stores`: who offers what; `orders`: orders,
    for so long.
    """

    def __init__(self, *, stores: bool = True, orders: timedelta | None = None) -> None:
        self.hears = (*(LISTINGS if stores or orders else ()), *(ORDERS if orders else ()))
        self._keep = orders
        self._known = _State({}, {}, {})

    def hear(self, event: Event) -> None:
        """One of `hears`."""
        if event.type in LISTINGS:
            self._known.stores[event.data["listing_id"]] = event.data["store_id"]
        elif event.type == "order.placed":
            assert isinstance(event.body, OrderPlaced), "the body of order.placed"
            self._place(order_of(event.body, event.time))
        elif (known := self._known.orders.get(event.data["order_id"])) is not None:
            self._known.orders[known.order_id] = changed(known, event)

    def store_of(self, listing_id: str) -> str | None:
        """See `Trade`."""
        return self._known.stores.get(listing_id)

    def orders_of(self, listing_id: str, since: datetime) -> list[Order]:
        """See `Trade`."""
        found = (self._known.orders[each] for each in sorted(self._known.of_listing.get(listing_id, ())))
        return [order for order in found if order.placed_at >= since]

    def state(self) -> bytes:
        """Everything that it knows."""
        return msgspec.msgpack.encode(self._known)

    def resume(self, state: bytes) -> None:
        """See `state`."""
        self._known = msgspec.msgpack.decode(state, type=_State)

    def _place(self, order: Order) -> None:
        known = self._known
        if order.order_id in known.orders:
            return  # placed once; what was told first stands
        known.orders[order.order_id] = order
        for line in order.lines:
            known.of_listing.setdefault(line.listing_id, []).append(order.order_id)
            known.stores.setdefault(line.listing_id, order.store_id)
        if known.swept_at is None or order.placed_at - known.swept_at >= timedelta(days=1):
            self._sweep(order.placed_at)

    def _sweep(self, now: datetime) -> None:
        assert self._keep is not None, "orders are kept"
        known, known.swept_at = self._known, now
        first = now - self._keep
        kept = {name: order for name, order in known.orders.items() if order.placed_at >= first}
        if len(kept) == len(known.orders):
            return
        known.orders = kept
        left = ((name, [each for each in ids if each in known.orders]) for name, ids in known.of_listing.items())
        known.of_listing = {name: ids for name, ids in left if ids}


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
