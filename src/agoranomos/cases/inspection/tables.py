"""What authorities have reported of their inspections."""

from __future__ import annotations

import sqlalchemy as sa

from agoranomos.kernel.dialects import Json, Key, Moment
from agoranomos.kernel.store import metadata

inspections = sa.Table(
    "inspections",
    metadata,
    sa.Column("authority", Key, primary_key=True),
    # The authority's own number.
    sa.Column("reference", Key, primary_key=True),
    sa.Column("about_kind", Key, nullable=False),
    sa.Column("about_id", Key, nullable=False),
    sa.Column("result", Key, nullable=False),
    sa.Column("inspected_at", Moment, nullable=False),
    sa.Column("received_at", Moment, nullable=False),
    sa.Column("received_by", Key, nullable=False),
    # The cases that it became, a list.
    sa.Column("case_ids", Json, nullable=False),
    sa.CheckConstraint("result IN ('passed', 'failed')", "result"),
    sa.Index(None, "about_kind", "about_id"),
    sa.Index(None, "received_at", "reference"),
)
