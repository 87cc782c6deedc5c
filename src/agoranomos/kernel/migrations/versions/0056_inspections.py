"""What authorities have reported of their inspections."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from agoranomos.kernel.dialects import Json, Key, Moment

revision = "0056"
down_revision = "0055"


def upgrade() -> None:
    """Creates the table."""
    op.create_table(
        "inspections",
        sa.Column("authority", Key, nullable=False),
        sa.Column("reference", Key, nullable=False),
        sa.Column("about_kind", Key, nullable=False),
        sa.Column("about_id", Key, nullable=False),
        sa.Column("result", Key, nullable=False),
        sa.Column("inspected_at", Moment, nullable=False),
        sa.Column("received_at", Moment, nullable=False),
        sa.Column("received_by", Key, nullable=False),
        sa.Column("case_ids", Json, nullable=False),
        sa.CheckConstraint("result IN ('passed', 'failed')", name="result"),
        sa.PrimaryKeyConstraint("authority", "reference", name="pk_inspections"),
    )
    op.create_index("ix_inspections_about_kind_about_id", "inspections", ["about_kind", "about_id"])
    op.create_index("ix_inspections_received_at_reference", "inspections", ["received_at", "reference"])
