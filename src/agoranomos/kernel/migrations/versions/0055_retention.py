"""Holds, and runs of the schedule of retention."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from agoranomos.kernel.dialects import Json, Key, Moment

revision = "0055"
down_revision = "0054"


def upgrade() -> None:
    """Creates the tables."""
    op.create_table(
        "retention_holds",
        sa.Column("hold_id", Key, nullable=False),
        sa.Column("kind", Key, nullable=False),
        sa.Column("subject_id", Key, nullable=False),
        sa.Column("why", Key, nullable=False),
        sa.Column("note", sa.Text, nullable=False),
        sa.Column("placed_at", Moment, nullable=False),
        sa.Column("placed_by", Key, nullable=False),
        sa.Column("until", Moment),
        sa.Column("lifted_at", Moment),
        sa.Column("lifted_by", Key),
        sa.CheckConstraint("(lifted_at IS NULL) = (lifted_by IS NULL)", name="lifted"),
        sa.PrimaryKeyConstraint("hold_id", name="pk_retention_holds"),
    )
    op.create_index("ix_retention_holds_lifted_at_until", "retention_holds", ["lifted_at", "until"])
    op.create_index("ix_retention_holds_placed_at_hold_id", "retention_holds", ["placed_at", "hold_id"])
    op.create_table(
        "retention_runs",
        sa.Column("run_id", Key, nullable=False),
        sa.Column("started_at", Moment, nullable=False),
        sa.Column("ended_at", Moment),
        sa.Column("document", Json, nullable=False),
        sa.PrimaryKeyConstraint("run_id", name="pk_retention_runs"),
    )
    op.create_index("ix_retention_runs_started_at_run_id", "retention_runs", ["started_at", "run_id"])
