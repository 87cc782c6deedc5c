"""Follows the way of goods behind the event log, so that a trace finds all of it, however long ago.

In the order of arrival, by a background job, and once more before a trace. The rules are those of `flow.Flow`, over
the part of it that a stretch of the log is about.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any, Final

import msgspec
import sqlalchemy as sa

from agoranomos.goods.batches import queries
from agoranomos.goods.batches.flow import Flow, overturned_by
from agoranomos.goods.batches.tables import batch_listings, batch_parcels, batch_progress, batches
from agoranomos.intake import queries as log
from agoranomos.kernel import dialects
from agoranomos.kernel.dialects import upsert

EVENTS: Final = (
    "goods.received", "batch.condemned", "testbuy.appraised", "listing.submitted", "listing.updated", "order.placed",
    "order.shipped", "order.delivered", "order.refunded", "case.decided",
)  # fmt: skip
POSITIONS_MAX: Final = 10_000
"""How much of the log is read in one transaction."""
_FOLLOWING: Final = 0x62617463686501  # "batche": the advisory lock of whoever follows
_NAME: Final = "flow"
_PARCELS_AT_A_TIME: Final = 20_000
Told = tuple[str, datetime, dict[str, Any]]


def follow(connection: sa.Connection) -> bool:
    """Follows the log on from where it stopped; whether it has reached the end."""
    dialects.take_turn(connection, _FOLLOWING)
    query = sa.select(batch_progress.c.position).where(batch_progress.c.name == _NAME)
    after = connection.execute(query).scalar() or 0
    last = log.last_position(connection)
    if after >= last:
        return True
    until = min(last, after + POSITIONS_MAX)
    told = list(log.told_with_time(connection, EVENTS, after, until))
    if told:
        flow = _concerned(connection, told)
        for kind, at, data in told:
            hear(flow, kind, at, data)
        _write(connection, flow)
    upsert(connection, batch_progress, [{"name": _NAME, "position": until}], ["name"])
    return until == last


def hear(flow: Flow, kind: str, at: datetime, data: dict[str, Any]) -> None:
    """One of EVENTS."""
    match kind:
        case "goods.received":
            flow.receive(data, at)
        case "batch.condemned":
            flow.condemn(data["batch_id"], "condemned", at)
        case "testbuy.appraised":
            if data.get("batch_id") and data["verdict"] == "counterfeit":
                flow.tie(data["listing_id"], data["batch_id"], at)
                flow.condemn(data["batch_id"], "appraisal", at, data["testbuy_id"])
        case "case.decided":
            if overturned := overturned_by(data):
                flow.overturn(overturned)
        case "listing.submitted" | "listing.updated":
            if data.get("batch_id"):
                flow.tie(data["listing_id"], data["batch_id"], at)
        case "order.placed":
            flow.place(data, at)
        case "order.shipped":
            flow.ship(data, at)
        case "order.delivered":
            flow.deliver(data["order_id"], at)
        case _:
            flow.refund(data["order_id"], at)


def prune(connection: sa.Connection, before: datetime) -> bool:
    """Forgets some lines of orders that were placed before then; whether none is left."""
    table = batch_parcels
    old = sa.select(table.c.order_id).where(table.c.placed_at < before).limit(_PARCELS_AT_A_TIME)
    gone = connection.execute(sa.delete(table).where(table.c.order_id.in_(old), table.c.placed_at < before))
    return gone.rowcount == 0


def oldest_kept(now: datetime, kept_days: int) -> datetime:
    """Since when parcels are remembered."""
    return now - timedelta(days=kept_days)


def _concerned(connection: sa.Connection, told: Sequence[Told]) -> Flow:
    """What the store knows of all that is told of."""
    orders = {data["order_id"] for kind, _, data in told if kind.startswith("order.") and kind != "order.placed"}
    named = {data["batch_id"] for _, _, data in told if data.get("batch_id")}
    overturned = {each for kind, _, data in told if kind == "case.decided" and (each := overturned_by(data))}
    if overturned:
        named.update(queries.condemned_by_appraisal(connection, overturned))
    parcels = queries.lines_of(connection, orders)
    listings = {line.listing_id for lines in parcels.values() for line in lines}
    listings |= {data["listing_id"] for _, _, data in told if "listing_id" in data}
    listings |= {line["listing_id"] for kind, _, data in told if kind == "order.placed" for line in data["lines"]}
    return Flow(queries.by_ids(connection, named), queries.ties_of(connection, listings), parcels)


def _write(connection: sa.Connection, flow: Flow) -> None:
    rows = [msgspec.structs.asdict(each) for each in flow.batches.values()]
    upsert(connection, batches, rows, ["batch_id"])
    ties = [
        {"listing_id": listing_id, "batch_id": batch_id, "since": since}
        for listing_id, known in sorted(flow.ties.items())
        for batch_id, since in sorted(known.items())
    ]
    upsert(connection, batch_listings, ties, ["listing_id", "batch_id"])
    lines = [msgspec.structs.asdict(line) for line in flow.lines()]
    upsert(connection, batch_parcels, lines, ["order_id", "listing_id"])
