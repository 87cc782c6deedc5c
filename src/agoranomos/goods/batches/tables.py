"""The way of goods, followed behind the event log: batches, what they feed, and the lines of orders."""

from __future__ import annotations

import sqlalchemy as sa

from agoranomos.kernel.dialects import Json, Key, Moment
from agoranomos.kernel.store import metadata

batches = sa.Table(
    "batches",
    metadata,
    sa.Column("batch_id", Key, primary_key=True),
    sa.Column("store_id", Key, nullable=False),
    sa.Column("warehouse_id", Key, nullable=False),
    sa.Column("supplier_id", Key, index=True),
    sa.Column("factory", Key, index=True),
    sa.Column("brand_id", Key),
    sa.Column("quantity", sa.BigInteger),
    sa.Column("inspection", Key),
    sa.Column("received_at", Moment),
    sa.Column("why", Key),
    sa.Column("condemned_at", Moment),
    # None in rows of before it was kept: then `why` is all that is known.
    sa.Column("against", Json),
    sa.CheckConstraint("why IN ('condemned', 'inspection', 'appraisal')", "why"),
    sa.CheckConstraint("(why IS NULL) = (condemned_at IS NULL)", "condemned"),
    sa.Index(None, "why", "batch_id"),
)

batch_listings = sa.Table(
    "batch_listings",
    metadata,
    sa.Column("listing_id", Key, primary_key=True),
    sa.Column("batch_id", Key, primary_key=True),
    sa.Column("since", Moment, nullable=False),
    sa.Index(None, "batch_id", "listing_id"),
)

batch_parcels = sa.Table(
    "batch_parcels",
    metadata,
    sa.Column("order_id", Key, primary_key=True),
    sa.Column("listing_id", Key, primary_key=True),
    sa.Column("store_id", Key, nullable=False),
    sa.Column("buyer_id", Key, nullable=False),
    sa.Column("quantity", sa.BigInteger, nullable=False),
    sa.Column("placed_at", Moment, nullable=False, index=True),
    sa.Column("shipped_at", Moment),
    sa.Column("delivered_at", Moment),
    sa.Column("refunded_at", Moment),
    sa.Column("batch_id", Key),
    sa.Index(None, "listing_id", "placed_at"),
)

batch_progress = sa.Table(
    "batch_progress",
    metadata,
    sa.Column("name", Key, primary_key=True),
    # The tables are those of the event log up to here.
    sa.Column("position", sa.BigInteger, nullable=False),
)
