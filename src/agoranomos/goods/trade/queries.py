"""All SQL of orders and stores."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import Any

import sqlalchemy as sa

from agoranomos.goods.trade.model import Line, Order
from agoranomos.goods.trade.tables import trade_lines, trade_listings, trade_orders
from agoranomos.kernel.dialects import among, insert_ignore, upsert

_ORDERS = sa.select(trade_orders).where(among(trade_orders.c.order_id, "ids")).order_by(trade_orders.c.order_id)
_LINES = sa.select(trade_lines).where(among(trade_lines.c.order_id, "ids")).order_by(trade_lines.c.number)
_IDS_AT_A_TIME = 5_000


class StoreTrade:
    """What was sold where, as the store knows it; see `model.Trade`."""

    def __init__(self, connection: sa.Connection) -> None:
        self._connection = connection

    def store_of(self, listing_id: str) -> str | None:
        """See `Trade`."""
        return store_of_listing(self._connection, listing_id)

    def orders_of(self, listing_id: str, since: datetime) -> list[Order]:
        """See `Trade`."""
        table = trade_lines.c
        query = sa.select(table.order_id).where(table.listing_id == listing_id, table.placed_at >= since)
        return orders(self._connection, self._connection.execute(query.order_by(table.order_id)).scalars().all())

    def listings_of_batch(self, batch_id: str, since: datetime) -> list[str]:
        """See `Trade`."""
        one = sa.select(sa.func.min(trade_lines.c.listing_id).label("listing_id")).join_from(trade_orders, trade_lines)
        one = one.where(trade_orders.c.batch_id == batch_id, trade_orders.c.placed_at >= since)
        alone = one.group_by(trade_orders.c.order_id).having(sa.func.count() == 1).subquery()
        query = sa.select(alone.c.listing_id).distinct().order_by(alone.c.listing_id)
        return list(self._connection.execute(query).scalars())


def store_of_listing(connection: sa.Connection, listing_id: str) -> str | None:
    """The store that offers, or offered, the listing; None when nobody said."""
    table = trade_listings.c
    return connection.execute(sa.select(table.store_id).where(table.listing_id == listing_id)).scalar_one_or_none()


def orders(connection: sa.Connection, order_ids: Sequence[str]) -> list[Order]:
    """Those of `order_ids` that are known, in the order of their ids."""
    found: list[Order] = []
    wanted = sorted(order_ids)
    for start in range(0, len(wanted), _IDS_AT_A_TIME):
        ids = {"ids": wanted[start : start + _IDS_AT_A_TIME]}
        lines: dict[str, list[Line]] = {}
        for row in connection.execute(_LINES, ids):
            line = Line(listing_id=row.listing_id, quantity=row.quantity, paid=row.paid)
            lines.setdefault(row.order_id, []).append(line)
        found += [_order(row, lines.get(row.order_id, [])) for row in connection.execute(_ORDERS, ids)]
    return found


def orders_of_buyer(connection: sa.Connection, buyer_id: str) -> list[str]:
    """The ids of the orders of a buyer that are remembered, in their order."""
    query = sa.select(trade_orders.c.order_id).where(trade_orders.c.buyer_id == buyer_id)
    return list(connection.execute(query.order_by(trade_orders.c.order_id)).scalars())


def keep_stores(connection: sa.Connection, stores: dict[str, str], *, overwrite: bool) -> None:
    """Listing → store; `overwrite`: also where another one is known."""
    rows = [{"listing_id": listing, "store_id": store} for listing, store in sorted(stores.items())]
    if overwrite:
        upsert(connection, trade_listings, rows, ["listing_id"])
    else:
        insert_ignore(connection, trade_listings, rows)


def keep_new(connection: sa.Connection, new: Sequence[Order]) -> None:
    """Keeps orders that were not known before."""
    if not new:
        return
    connection.execute(trade_orders.insert(), [_row(order) for order in new])
    lines = [
        {
            "order_id": order.order_id, "listing_id": line.listing_id, "number": number, "quantity": line.quantity,
            "paid": line.paid, "placed_at": order.placed_at,
        }
        for order in new
        for number, line in enumerate(order.lines)
    ]  # fmt: skip
    if lines:
        connection.execute(trade_lines.insert(), lines)


def keep_changed(connection: sa.Connection, changed: Iterable[Order]) -> None:
    """Keeps how far known orders came."""
    rows = [_row(order) for order in changed]
    upsert(connection, trade_orders, rows, ["order_id"])


def forget_orders(connection: sa.Connection, before: datetime, limit: int) -> int:
    """Deletes at most `limit` orders placed before a moment, oldest first, with their lines; how many."""
    table = trade_orders.c
    oldest = sa.select(table.order_id).where(table.placed_at < before).order_by(table.placed_at).limit(limit)
    ids = {"ids": sorted(connection.execute(oldest).scalars())}
    if ids["ids"]:
        connection.execute(trade_lines.delete().where(among(trade_lines.c.order_id, "ids")), ids)
        connection.execute(trade_orders.delete().where(among(table.order_id, "ids")), ids)
    return len(ids["ids"])


def _row(order: Order) -> dict[str, Any]:
    return {
        "order_id": order.order_id,
        "buyer_id": order.buyer_id,
        "store_id": order.store_id,
        "placed_at": order.placed_at,
        "currency": order.currency,
        "paid": order.paid,
        "coupon_ids": list(order.coupon_ids),
        "shipped": order.shipped,
        "delivered": order.delivered,
        "refunded": order.refunded,
        "batch_id": order.batch_id,
    }


def _order(row: sa.Row[Any], lines: Sequence[Line]) -> Order:
    values = dict(row._mapping)
    return Order(**{**values, "coupon_ids": tuple(values["coupon_ids"])}, lines=tuple(lines))
