"""The table of decisions about many cases at once; the cases name it in their decision."""

from __future__ import annotations

import sqlalchemy as sa

from agoranomos.kernel.dialects import Json, Key, Moment
from agoranomos.kernel.store import metadata

case_bulks = sa.Table(
    "case_bulks",
    metadata,
    sa.Column("bulk_id", Key, primary_key=True),
    sa.Column("outcome", Key, nullable=False),
    sa.Column("clause", Key, nullable=False),
    sa.Column("by", Key, nullable=False),
    sa.Column("at", Moment, nullable=False),
    sa.Column("case_ids", Json, nullable=False),
    sa.Column("undone_at", Moment),
    sa.Column("undone_by", Key),
    sa.Index(None, "at", "bulk_id"),
)
