"""What a history tells of virtual numbers: whose they are, until when, and who rang them."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Final

import msgspec

from agoranomos.kernel.calendar import after

_SWEPT_AT_ONCE: Final = 4
_CALLS_KEPT: Final = 32


class Line(msgspec.Struct, array_like=True):
    """A number that stands, or stood, for an order. `refused` and `through` are the last calls that were refused, and
    those of the store after delivery; `late` and `unknown`: whether the store rang after the end, or somebody unknown
    after delivery.
    """

    order_id: str
    store_id: str
    account_id: str
    until: datetime
    delivered: bool = False
    late: bool = False
    unknown: bool = False
    refused: list[datetime] = []
    through: list[datetime] = []


class Store(msgspec.Struct):
    """Of the numbers that are remembered, how many are of a store's orders, and were called as they should not be."""

    bound: int = 0
    late: int = 0
    unknown: int = 0


class Episode(msgspec.Struct):
    """What was said, since when, and at how many."""

    began: datetime
    last: datetime
    said: int
    revision: int = 1


class Lines(msgspec.Struct):
    """All that is remembered; `orders`: order → its newest number."""

    lines: dict[str, Line] = {}
    orders: dict[str, str] = {}
    stores: dict[str, Store] = {}
    total: Store = msgspec.field(default_factory=Store)
    episodes: dict[str, Episode] = {}

    def bind(self, number: str, line: Line, now: datetime, kept: timedelta) -> None:
        """A number is given out, or gets another end. One that stood for another order does so no more."""
        known = self.lines.get(number)
        if known is not None and known.order_id == line.order_id:
            known.until = line.until
            return
        if known is not None:
            self._drop(number)
        self._sweep(now, kept)
        self.lines[number] = line
        self.orders[line.order_id] = number
        for each in (self.total, self.stores.setdefault(line.store_id, Store())):
            each.bound += 1

    def delivered(self, order_id: str) -> None:
        """The goods have come: nobody unknown need ring any more."""
        number = self.orders.get(order_id)
        if number is not None:
            self.lines[number].delivered = True

    def mark_late(self, line: Line) -> bool:
        """The store rang after the end; whether for the first time by this number."""
        if line.late:
            return False
        line.late = True
        for each in (self.total, self.stores[line.store_id]):
            each.late += 1
        return True

    def mark_unknown(self, line: Line) -> bool:
        """Somebody unknown rang though the goods have come; whether for the first time by this number."""
        if line.unknown:
            return False
        line.unknown = True
        for each in (self.total, self.stores[line.store_id]):
            each.unknown += 1
        return True

    def between(self, store_id: str, account_id: str, now: datetime) -> list[str]:
        """The orders by whose numbers a store can reach a buyer."""
        return sorted(
            each.order_id for each in self.lines.values()
            if each.account_id == account_id and each.store_id == store_id and now < each.until
        )  # fmt: skip

    def marked(self, store_id: str, *, late: bool) -> list[str]:
        """The orders of a store whose numbers were called as they should not be."""
        return sorted(
            each.order_id for each in self.lines.values()
            if each.store_id == store_id and (each.late if late else each.unknown)
        )  # fmt: skip

    def _sweep(self, now: datetime, kept: timedelta) -> None:
        """Forgets what ended long ago, a little with each number that is bound."""
        for _ in range(_SWEPT_AT_ONCE):
            oldest = next(iter(self.lines), None)
            if oldest is None or after(self.lines[oldest].until, kept) >= now:
                return
            self._drop(oldest)

    def _drop(self, number: str) -> None:
        line = self.lines.pop(number)
        if self.orders.get(line.order_id) == number:
            del self.orders[line.order_id]
        store = self.stores[line.store_id]
        for each in (self.total, store):
            each.bound -= 1
            each.late -= line.late
            each.unknown -= line.unknown
        if not store.bound:
            del self.stores[line.store_id]


def within(calls: list[datetime], now: datetime, span: timedelta) -> list[datetime]:
    """`calls` and one more, of those the newest within `span`."""
    since = after(now, -span)
    recent = [each for each in calls if since < each <= now]
    return [*recent[1 - _CALLS_KEPT :], now]
