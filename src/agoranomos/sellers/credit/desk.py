"""Counts what stores do day by day, behind the event log; see `conduct.desk`. It says nothing."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Callable
from datetime import date, datetime, timedelta
from typing import Any, Final
from zoneinfo import ZoneInfo

import sqlalchemy as sa

from agoranomos.engine.stream.monitor import Output
from agoranomos.kernel.events import Event
from agoranomos.kernel.schema.sellers import ConsentGiven
from agoranomos.sellers.credit import queries

NAME: Final = "sellers.credit"
HEARS: Final = (
    "complaint.filed", "consent.given", "harassment.reported", "order.placed", "order.shipped", "return.requested",
)  # fmt: skip
TO_BLAME: Final = frozenset({"suspected_fake", "quality", "not_as_described", "damaged"})
"""Reasons of a return for which the seller answers; a size that does not fit is nobody's fault."""
LATE: Final = timedelta(hours=72)
"""After so long a parcel was handed over late."""
OrderOf = Callable[[str], tuple[str, datetime] | None]
"""The store of an order, and when it was placed; None when nobody told of it."""


class CreditDesk:
    """See `conduct.desk.Desk`."""

    name = NAME
    hears = HEARS

    def __init__(self, connection: sa.Connection, order_of: OrderOf, zone: ZoneInfo) -> None:
        self._connection = connection
        self._order_of = order_of
        self._zone = zone
        self._new: defaultdict[tuple[str, date], Counter[str]] = defaultdict(Counter)

    def hear(self, event: Event) -> list[Output]:
        """One of HEARS."""
        if isinstance(event.body, ConsentGiven):
            body = event.body
            queries.put_consent(
                self._connection, body.seller_id, body.purpose, body.recipient, event.time, body.ends_at
            )
            return []
        counted = self._counted(event.type, event.data, event.time)
        if counted is not None:
            self._new[counted[0], self._day(event.time)][counted[1]] += 1
        return []

    def write(self) -> None:
        """Writes what was counted since; called before the transaction of the step ends."""
        queries.count(self._connection, self._new)
        self._new.clear()

    def due(self) -> datetime | None:
        """Never."""
        return None

    def wake(self, now: datetime) -> list[Output]:  # noqa: ARG002 - the contract's
        """Asks for no alarm."""
        return []

    def _counted(self, kind: str, data: dict[str, Any], at: datetime) -> tuple[str, str] | None:
        if kind == "order.placed":
            return data["store_id"], "orders"
        if kind == "harassment.reported":
            return data["store_id"], "harassed"
        order = self._order_of(data.get("order_id") or "")
        store_id = data.get("store_id") or (order[0] if order is not None else None)
        if kind == "complaint.filed":
            return None if store_id is None else (store_id, "complaints")
        if order is None:
            return None
        if kind == "order.shipped":
            return (order[0], "late") if at - order[1] > LATE else None
        return (order[0], "returns") if data["reason_code"] in TO_BLAME else None

    def _day(self, at: datetime) -> date:
        return at.astimezone(self._zone).date()
