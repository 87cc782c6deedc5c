"""What stores did on each day, and what sellers agreed to."""

from __future__ import annotations

import sqlalchemy as sa

from agoranomos.kernel.dialects import Key, Moment
from agoranomos.kernel.store import metadata

credit_days = sa.Table(
    "credit_days",
    metadata,
    sa.Column("store_id", Key, primary_key=True),
    sa.Column("day", Key, primary_key=True),  # 2026-05-01, in Shanghai
    sa.Column("orders", sa.BigInteger, nullable=False),
    sa.Column("late", sa.BigInteger, nullable=False),
    sa.Column("returns", sa.BigInteger, nullable=False),
    sa.Column("complaints", sa.BigInteger, nullable=False),
    sa.Column("harassed", sa.BigInteger, nullable=False),
)

credit_consents = sa.Table(
    "credit_consents",
    metadata,
    sa.Column("seller_id", Key, primary_key=True),
    sa.Column("purpose", Key, primary_key=True),
    sa.Column("recipient", Key, primary_key=True),
    sa.Column("given_at", Moment, primary_key=True),
    sa.Column("ends_at", Moment, nullable=False),
)
