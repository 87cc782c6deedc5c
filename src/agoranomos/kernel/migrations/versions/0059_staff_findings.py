"""Findings on staff, apart from all others."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from agoranomos.kernel.dialects import Json, Key, Moment

revision = "0059"
down_revision = "0058"


def upgrade() -> None:
    """Creates the table."""
    op.create_table(
        "staff_findings",
        sa.Column("finding_id", Key, nullable=False),
        sa.Column("revision", sa.Integer, nullable=False),
        sa.Column("at", Moment, nullable=False),
        sa.Column("code", Key, nullable=False),
        sa.Column("staff_id", Key, nullable=False),
        sa.Column("score", sa.Double, nullable=False),
        sa.Column("document", Json, nullable=False),
        sa.Column("recorded_at", Moment, nullable=False),
        sa.PrimaryKeyConstraint("finding_id", name="pk_staff_findings"),
    )
    op.create_index("ix_staff_findings_at_finding_id", "staff_findings", ["at", "finding_id"])
    op.create_index("ix_staff_findings_staff_id_at", "staff_findings", ["staff_id", "at"])
