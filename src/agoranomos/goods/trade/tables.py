"""Listings with their stores, orders with their lines, as the event log tells them, and how far it was read."""

from __future__ import annotations

import sqlalchemy as sa

from agoranomos.kernel.dialects import Json, Key, Moment
from agoranomos.kernel.store import metadata

trade_listings = sa.Table(
    "trade_listings",
    metadata,
    sa.Column("listing_id", Key, primary_key=True),
    sa.Column("store_id", Key, nullable=False),
)

trade_orders = sa.Table(
    "trade_orders",
    metadata,
    sa.Column("order_id", Key, primary_key=True),
    sa.Column("buyer_id", Key, nullable=False),
    sa.Column("store_id", Key, nullable=False),
    sa.Column("placed_at", Moment, nullable=False),
    sa.Column("currency", Key, nullable=False),
    sa.Column("paid", sa.BigInteger, nullable=False),
    sa.Column("coupon_ids", Json, nullable=False),
    sa.Column("shipped", sa.Boolean, nullable=False),
    sa.Column("delivered", sa.Boolean, nullable=False),
    sa.Column("refunded", sa.BigInteger, nullable=False),
    sa.Column("batch_id", Key),
    # For what is forgotten, oldest first.
    sa.Index(None, "placed_at"),
    # What came of a batch, and what a buyer asks about.
    sa.Index(None, "batch_id"),
    sa.Index(None, "buyer_id"),
)

trade_lines = sa.Table(
    "trade_lines",
    metadata,
    sa.Column("order_id", Key, sa.ForeignKey("trade_orders.order_id"), primary_key=True),
    sa.Column("listing_id", Key, primary_key=True),
    sa.Column("number", sa.Integer, nullable=False),
    sa.Column("quantity", sa.BigInteger, nullable=False),
    # Its share of what was paid.
    sa.Column("paid", sa.BigInteger, nullable=False),
    sa.Column("placed_at", Moment, nullable=False),
    sa.Index(None, "listing_id", "placed_at"),
)

trade_progress = sa.Table(
    "trade_progress",
    metadata,
    sa.Column("name", Key, primary_key=True),
    # Everything up to this position of the event log was heard …
    sa.Column("position", sa.BigInteger, nullable=False),
    # … and it had become this late on the events' own clock.
    sa.Column("heard_until", Moment),
    sa.Column("received_at", Moment),
)
