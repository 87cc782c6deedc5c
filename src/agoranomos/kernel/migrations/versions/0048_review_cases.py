"""What people decided about reviews and those who wrote them, for the two scores of a store."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from agoranomos.kernel.dialects import Key, Moment

revision = "0048"
down_revision = "0047"


def upgrade() -> None:
    """Creates the table; the log is heard anew, for decisions that are in it already."""
    op.create_table(
        "score_cases",
        sa.Column("subject_kind", Key, nullable=False),
        sa.Column("subject_id", Key, nullable=False),
        sa.Column("at", Moment, nullable=False),
        sa.Column("cleared", sa.Boolean, nullable=False),
        sa.PrimaryKeyConstraint("subject_kind", "subject_id", name="pk_score_cases"),
    )
    op.execute("DELETE FROM score_progress")
