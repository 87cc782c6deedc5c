"""The shelf to draw from, as the event log tells it: what is on sale, of which store, at which price.

Kept behind the log, in the order of arrival, by a background job, and brought up to date before a plan is made.
"""

from __future__ import annotations

from typing import Any, Final

import sqlalchemy as sa

from agoranomos.goods.testbuys.tables import testbuy_progress, testbuy_shelf
from agoranomos.intake import queries as log
from agoranomos.kernel import dialects
from agoranomos.kernel.dialects import upsert

EVENTS: Final = ("listing.removed", "listing.submitted", "listing.updated", "store.closed")
POSITIONS_MAX: Final = 20_000
"""How much of the log is read in one transaction."""
_NAME: Final = "shelf"
_FOLLOWING: Final = 0x7465737462757901  # "testbuy": the advisory lock of whoever follows
_AT_A_TIME: Final = 1_000


def follow(connection: sa.Connection) -> bool:
    """Follows the log on from where it stopped; whether it has reached the end."""
    dialects.take_turn(connection, _FOLLOWING)
    query = sa.select(testbuy_progress.c.position).where(testbuy_progress.c.name == _NAME)
    after = connection.execute(query).scalar() or 0
    last = log.last_position(connection)
    if after >= last:
        return True
    until = min(last, after + POSITIONS_MAX)
    rows: dict[str, dict[str, Any] | None] = {}
    for kind, data in log.told_between(connection, EVENTS, after, until):
        match kind:
            case "listing.removed":
                rows[data["listing_id"]] = None
            case "store.closed":
                _empty(connection, data["store_id"], rows)
            case _:
                rows[data["listing_id"]] = _row(data)
    _write(connection, rows)
    upsert(connection, testbuy_progress, [{"name": _NAME, "position": until}], ["name"])
    return until == last


def _empty(connection: sa.Connection, store_id: str, rows: dict[str, dict[str, Any] | None]) -> None:
    """All that a store has on sale is gone."""
    connection.execute(sa.delete(testbuy_shelf).where(testbuy_shelf.c.store_id == store_id))
    for listing_id, row in rows.items():
        if row is not None and row["store_id"] == store_id:
            rows[listing_id] = None


def _write(connection: sa.Connection, rows: dict[str, dict[str, Any] | None]) -> None:
    gone = sorted(listing_id for listing_id, row in rows.items() if row is None)
    for start in range(0, len(gone), _AT_A_TIME):
        part = testbuy_shelf.c.listing_id.in_(gone[start : start + _AT_A_TIME])
        connection.execute(sa.delete(testbuy_shelf).where(part))
    upsert(connection, testbuy_shelf, [row for _, row in sorted(rows.items()) if row is not None], ["listing_id"])


def _row(data: dict[str, Any]) -> dict[str, Any]:
    return {
        "listing_id": data["listing_id"],
        "store_id": data["store_id"],
        "category": data.get("category") or "",
        "price": data["price"]["amount"],
        "currency": data["price"]["currency"],
    }
