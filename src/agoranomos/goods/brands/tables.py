"""The registry's tables: what users, brand owners and proposals added to the shipped seed."""

from __future__ import annotations

import sqlalchemy as sa

from agoranomos.kernel.dialects import Json, Key, Moment
from agoranomos.kernel.store import metadata

brands = sa.Table(
    "brands",
    metadata,
    sa.Column("brand_id", Key, primary_key=True),
    sa.Column("status", Key, nullable=False),
    sa.Column("merged_into", Key),
    sa.Column("main_name", Key, nullable=False),
    sa.Column("document", Json, nullable=False),
    sa.Column("added_at", Moment, nullable=False),
    sa.Column("changed_at", Moment, nullable=False),
    sa.CheckConstraint("status IN ('accepted', 'proposed', 'rejected', 'merged_into')", name="status"),
    sa.CheckConstraint("(status = 'merged_into') = (merged_into IS NOT NULL)", name="merged"),
    sa.Index(None, "status", "brand_id"),
)
"""One row per brand that is not as the seed has it; `document` is the whole `Brand`."""

brand_names = sa.Table(
    "brand_names",
    metadata,
    sa.Column("brand_id", Key, sa.ForeignKey(brands.c.brand_id, ondelete="CASCADE"), primary_key=True),
    sa.Column("folded", Key, primary_key=True),
    sa.Column("name", sa.Text, nullable=False),
    sa.Index(None, "folded"),
)
"""Everything a brand of `brands` is called, for looking it up; `folded` by `model.fold_name`."""

brand_proposals = sa.Table(
    "brand_proposals",
    metadata,
    sa.Column("brand_id", Key, sa.ForeignKey(brands.c.brand_id, ondelete="CASCADE"), primary_key=True),
    sa.Column("score", sa.Double, nullable=False),
    sa.Column("document", Json, nullable=False),
    sa.Column("found_at", Moment, nullable=False),
    sa.Column("decided_at", Moment),
    sa.Index(None, "decided_at", "score"),
)
"""What speaks for a proposed brand (`Proposal`); kept when it has been decided, so that it is not
asked again.
"""

brand_price_bands = sa.Table(
    "brand_price_bands",
    metadata,
    sa.Column("brand_id", Key, primary_key=True),
    sa.Column("category", Key, primary_key=True),
    sa.Column("currency", Key, primary_key=True),
    sa.Column("low", sa.BigInteger, nullable=False),
    sa.Column("high", sa.BigInteger, nullable=False),
    sa.Column("n", sa.Integer, nullable=False),
    sa.Column("provenance", sa.Text, nullable=False),
    sa.Column("learned_at", Moment, nullable=False),
    sa.CheckConstraint("0 < low AND low <= high", name="low_high"),
)
"""Learned price bands in minor units, also for brands that only the seed has; `category` '' is
any.
"""
