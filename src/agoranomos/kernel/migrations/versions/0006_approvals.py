"""Approvals: what waits for a second person."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from agoranomos.kernel.dialects import Json, Key, Moment

revision = "0006"
down_revision = "0005"


def upgrade() -> None:
    """Creates the table."""
    op.create_table(
        "approvals",
        sa.Column("approval_id", Key, nullable=False),
        sa.Column("kind", Key, nullable=False),
        sa.Column("subject_kind", Key, nullable=False),
        sa.Column("subject_id", Key, nullable=False),
        sa.Column("params", Json, nullable=False),
        sa.Column("beneficiaries", Json, nullable=False),
        sa.Column("requested_kind", Key, nullable=False),
        sa.Column("requested_id", Key, nullable=False),
        sa.Column("requested_at", Moment, nullable=False),
        sa.Column("expires_at", Moment, nullable=False),
        sa.Column("status", Key, nullable=False),
        sa.Column("decided_kind", Key),
        sa.Column("decided_id", Key),
        sa.Column("decided_at", Moment),
        sa.CheckConstraint("(decided_id IS NULL) = (decided_at IS NULL)", "decided"),
        sa.CheckConstraint(
            "status NOT IN ('approved', 'spent') OR (decided_kind = 'person' AND NOT "
            "(decided_kind = requested_kind AND decided_id = requested_id))",
            "four_eyes",
        ),
        sa.PrimaryKeyConstraint("approval_id", name="pk_approvals"),
    )
    op.create_index("ix_approvals_status_approval_id", "approvals", ["status", "approval_id"])
