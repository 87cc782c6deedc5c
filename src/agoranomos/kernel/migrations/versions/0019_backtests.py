"""Backtests that somebody asked for, and what came of them."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from agoranomos.kernel.dialects import Json, Key, Moment

revision = "0019"
down_revision = "0018"


def upgrade() -> None:
    """Creates the table."""
    op.create_table(
        "backtests",
        sa.Column("backtest_id", Key, nullable=False),
        sa.Column("asked_by", Key, nullable=False),
        sa.Column("asked_at", Moment, nullable=False),
        sa.Column("first", sa.Date, nullable=False),
        sa.Column("last", sa.Date, nullable=False),
        sa.Column("samples", sa.Integer, nullable=False),
        sa.Column("files", Json, nullable=False),
        sa.Column("state", Key, nullable=False),
        sa.Column("ended_at", Moment),
        sa.Column("reason", sa.Text),
        sa.Column("report", Json),
        sa.PrimaryKeyConstraint("backtest_id", name="pk_backtests"),
        sa.CheckConstraint("state IN ('waiting', 'done', 'failed')", "state"),
        sa.CheckConstraint("(state = 'waiting') = (ended_at IS NULL)", "ended"),
        sa.CheckConstraint("(state = 'failed') = (reason IS NOT NULL)", "reason"),
    )
    op.create_index("ix_backtests_asked_by_state", "backtests", ["asked_by", "state"])
    op.create_index("ix_backtests_ended_at", "backtests", ["ended_at"])
