"""Live: reads the event log behind its end, keeps what was sold in tables, and lets the desks hear.

Everything of a step, and how far it came, is one transaction under one turn: an event is heard once whatever is
killed, and in the order of arrival. Alarms ring on the events' own clock; where the log is at its end and belongs to
these days, the clock goes on with that of the machine.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import datetime, timedelta
from typing import Any, Final

import sqlalchemy as sa

from agoranomos.engine.stream.monitor import Output
from agoranomos.goods.evidence.model import Weight
from agoranomos.goods.trade import queries
from agoranomos.goods.trade.desk import Desk, Said
from agoranomos.goods.trade.memory import LISTINGS, ORDERS, changed
from agoranomos.goods.trade.model import Order, order_of
from agoranomos.goods.trade.tables import trade_progress
from agoranomos.intake.model import Logged
from agoranomos.intake.queries import last_position, read_types_after
from agoranomos.kernel import dialects
from agoranomos.kernel.dialects import upsert
from agoranomos.kernel.events import Event
from agoranomos.kernel.schema.orders import OrderPlaced

STEP_EVENTS_MAX: Final = 5_000
HISTORY: Final = timedelta(days=1)
"""A log whose newest event was older than this when it came is a history that was read in; its clock stands still."""
_NAME: Final = "goods"
_FOLLOWING: Final = 0x676F6F647301  # "goods": the advisory lock of whoever follows

Keep = Callable[[sa.Connection, Sequence[Output], datetime], None]
"""Keeps what desks said, in the given transaction."""


def follow(connection: sa.Connection, desks: Sequence[Desk], keep: Keep, now: datetime) -> bool:
    """Hears the next part of the log; whether it has reached the end. `desks` look into the store by `connection`."""
    dialects.take_turn(connection, _FOLLOWING)
    row = connection.execute(sa.select(trade_progress).where(trade_progress.c.name == _NAME)).first()
    step = _Step(connection, desks, keep, now, heard_until=row.heard_until if row else None)
    heard = sorted({*LISTINGS, *ORDERS, *(kind for desk in desks for kind in desk.hears)})
    # Asked first: what arrives in between is read, and read again is not.
    end = last_position(connection)
    found = read_types_after(connection, heard, row.position if row else 0, STEP_EVENTS_MAX)
    step.hear(found)
    at_end = len(found) < STEP_EVENTS_MAX
    position = max([end, *(each.position for each in found)]) if at_end else found[-1].position
    received = found[-1].received_at if found else (row.received_at if row else None)
    if at_end:
        step.pass_until(_clock(step.now, received, now))
    progress = {"name": _NAME, "position": position, "heard_until": step.now, "received_at": received}
    if row is None or tuple(progress.values()) != tuple(row._mapping[name] for name in progress):
        upsert(connection, trade_progress, [progress], ["name"])
    return at_end


def position(connection: sa.Connection) -> int:
    """Everything of the log up to here was heard."""
    query = sa.select(trade_progress.c.position).where(trade_progress.c.name == _NAME)
    return connection.execute(query).scalar_one_or_none() or 0


def prune(connection: sa.Connection, kept: timedelta) -> bool:
    """Forgets some of the orders that were placed longer ago than `kept`, on the clock of the events; whether none is
    left. Which store offers what is not forgotten: a notice may name a listing of any age."""
    dialects.take_turn(connection, _FOLLOWING)
    query = sa.select(trade_progress.c.heard_until).where(trade_progress.c.name == _NAME)
    heard_until = connection.execute(query).scalar_one_or_none()
    return heard_until is None or not queries.forget_orders(connection, heard_until - kept, STEP_EVENTS_MAX)


def _clock(heard_until: datetime | None, received_at: datetime | None, now: datetime) -> datetime | None:
    if heard_until is None or received_at is None or received_at - heard_until > HISTORY:
        return heard_until
    return max(heard_until, now)


class _Step:
    """One part of the log."""

    def __init__(
        self, connection: sa.Connection, desks: Sequence[Desk], keep: Keep, at: datetime, heard_until: datetime | None
    ) -> None:
        self.now = heard_until
        self._connection = connection
        self._desks = desks
        self._keep = keep
        self._at = at
        self._sold = _Sold(connection)

    def hear(self, found: Sequence[Logged]) -> None:
        """What was sold is written in bulk, before the next event that a desk hears."""
        self._sold.foresee([each.event for each in found])
        for each in found:
            event = each.event
            if event.type in LISTINGS or event.type in ORDERS:
                self._sold.hear(event)
            hearing = [desk for desk in self._desks if event.type in desk.hears]
            if hearing:
                self._sold.write()
                self.pass_until(event.time)
            for desk in hearing:
                self._say(desk.hear(event))
            self.now = max(self.now or event.time, event.time)
        self._sold.write()

    def pass_until(self, now: datetime | None) -> None:
        """Wakes the desks whose time has come by `now`."""
        if now is None:
            return
        for desk in self._desks:
            while (due := desk.due()) is not None and due <= now:
                self._say(desk.wake(due))
        self.now = max(self.now or now, now)

    def _say(self, said: Sequence[Said]) -> None:
        outputs = [each for each in said if not isinstance(each, Weight)]  # those are a monitor's
        if outputs:
            self._keep(self._connection, outputs, self._at)


class _Sold:
    """Listings and orders of one step, gathered until somebody has to know them."""

    def __init__(self, connection: sa.Connection) -> None:
        self._connection = connection
        self._known: dict[str, Order] = {}
        self._new: dict[str, Order] = {}
        self._changed: dict[str, Order] = {}
        self._stores: dict[str, str] = {}
        self._sold_by: dict[str, str] = {}

    def foresee(self, events: Sequence[Event]) -> None:
        """Looks up the orders that the events are about, in one go."""
        ids = {event.data["order_id"] for event in events if event.type in ORDERS}
        self._known = {order.order_id: order for order in queries.orders(self._connection, sorted(ids))}

    def hear(self, event: Event) -> None:
        """See `memory.MemoryTrade.hear`, of which this is the form in tables."""
        if event.type in LISTINGS:
            self._stores[event.data["listing_id"]] = event.data["store_id"]
            return
        data: dict[str, Any] = event.data
        known = self._known.get(data["order_id"])
        if event.type == "order.placed":
            if known is None:
                assert isinstance(event.body, OrderPlaced), "the body of order.placed"
                order = self._known[data["order_id"]] = order_of(event.body, event.time)
                self._new[order.order_id] = order
                for line in order.lines:
                    self._sold_by.setdefault(line.listing_id, order.store_id)
        elif known is not None:
            order = self._known[known.order_id] = changed(known, event)
            (self._new if order.order_id in self._new else self._changed)[order.order_id] = order

    def write(self) -> None:
        """Writes what was gathered."""
        queries.keep_stores(self._connection, self._stores, overwrite=True)
        queries.keep_stores(self._connection, self._sold_by, overwrite=False)
        queries.keep_new(self._connection, list(self._new.values()))
        queries.keep_changed(self._connection, self._changed.values())
        for gathered in (self._stores, self._sold_by, self._new, self._changed):
            gathered.clear()
