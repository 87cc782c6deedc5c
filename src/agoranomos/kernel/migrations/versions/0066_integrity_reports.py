"""Integrity reports that somebody asked for."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from agoranomos.kernel.dialects import Json, Key, Moment

revision = "0066"
down_revision = "0065"


def upgrade() -> None:
    """Creates the table."""
    op.create_table(
        "integrity_reports",
        sa.Column("report_id", Key, nullable=False),
        sa.Column("asked_by", Key, nullable=False),
        sa.Column("asked_at", Moment, nullable=False),
        sa.Column("first", sa.Date, nullable=False),
        sa.Column("last", sa.Date, nullable=False),
        sa.Column("scope", Json, nullable=False),
        sa.Column("state", Key, nullable=False),
        sa.Column("ended_at", Moment),
        sa.Column("reason", sa.Text),
        sa.Column("figures", Json),
        sa.PrimaryKeyConstraint("report_id", name="pk_integrity_reports"),
        sa.CheckConstraint("state IN ('waiting', 'done', 'failed')", name="state"),
        sa.CheckConstraint("(state = 'waiting') = (ended_at IS NULL)", name="ended"),
        sa.CheckConstraint("(state = 'failed') = (reason IS NOT NULL)", name="reason"),
        sa.CheckConstraint("(state = 'done') = (figures IS NOT NULL)", name="figures"),
    )
    op.create_index("ix_integrity_reports_asked_at_report_id", "integrity_reports", ["asked_at", "report_id"])
    op.create_index("ix_integrity_reports_asked_by_state", "integrity_reports", ["asked_by", "state"])
    op.create_index("ix_integrity_reports_ended_at", "integrity_reports", ["ended_at"])
