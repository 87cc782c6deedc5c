"""Which seller is where, and who was certified."""

from __future__ import annotations

import sqlalchemy as sa

from agoranomos.kernel.dialects import Key, Moment
from agoranomos.kernel.store import metadata

certification_sellers = sa.Table(
    "certification_sellers",
    metadata,
    sa.Column("seller_id", Key, primary_key=True),
    sa.Column("region", Key, nullable=False, index=True),
)
"""The region of the store that a seller opened first."""

certification_held = sa.Table(
    "certification_held",
    metadata,
    sa.Column("seller_id", Key, primary_key=True),
    sa.Column("at", Moment, primary_key=True),
    sa.Column("region", Key, nullable=False),
    sa.Column("outcome", Key, nullable=False),
)

certification_appointments = sa.Table(
    "certification_appointments",
    metadata,
    sa.Column("appointment_id", Key, primary_key=True),
    sa.Column("seller_id", Key, nullable=False, index=True),
    sa.Column("region", Key, nullable=False),
    sa.Column("at", Moment, nullable=False),
    sa.Column("state", Key, nullable=False),
    sa.CheckConstraint("state IN ('booked', 'held', 'cancelled')", "state"),
    sa.Index(None, "region", "at"),
)
