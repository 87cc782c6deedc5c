"""What reports that somebody asked for are kept in; their files lie in a folder."""

from __future__ import annotations

import sqlalchemy as sa

from agoranomos.kernel.dialects import Json, Key, Moment
from agoranomos.kernel.store import metadata

integrity_reports = sa.Table(
    "integrity_reports",
    metadata,
    sa.Column("report_id", Key, primary_key=True),
    sa.Column("asked_by", Key, nullable=False),
    sa.Column("asked_at", Moment, nullable=False),
    sa.Column("first", sa.Date, nullable=False),
    sa.Column("last", sa.Date, nullable=False),
    # What only the sender of statements of reasons knows.
    sa.Column("scope", Json, nullable=False),
    sa.Column("state", Key, nullable=False),
    sa.Column("ended_at", Moment),
    sa.Column("reason", sa.Text),
    # The figures; the files have the rows as well.
    sa.Column("figures", Json),
    sa.CheckConstraint("state IN ('waiting', 'done', 'failed')", "state"),
    sa.CheckConstraint("(state = 'waiting') = (ended_at IS NULL)", "ended"),
    sa.CheckConstraint("(state = 'failed') = (reason IS NOT NULL)", "reason"),
    sa.CheckConstraint("(state = 'done') = (figures IS NOT NULL)", "figures"),
    sa.Index(None, "asked_at", "report_id"),
    sa.Index(None, "asked_by", "state"),
    sa.Index(None, "ended_at"),
)
