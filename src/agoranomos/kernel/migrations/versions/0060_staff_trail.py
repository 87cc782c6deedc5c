"""How far the audit log was told as events."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from agoranomos.kernel.dialects import Key

revision = "0060"
down_revision = "0059"


def upgrade() -> None:
    """Creates the table."""
    op.create_table(
        "trail_progress",
        sa.Column("name", Key, nullable=False),
        sa.Column("next_index", sa.BigInteger, nullable=False),
        sa.PrimaryKeyConstraint("name", name="pk_trail_progress"),
    )
