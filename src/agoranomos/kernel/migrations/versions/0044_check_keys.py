"""The keys under which checks were asked."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from agoranomos.kernel.dialects import Key

revision = "0044"
down_revision = "0040"


def upgrade() -> None:
    """Creates the table."""
    op.create_table(
        "check_keys",
        sa.Column("check", Key, nullable=False),
        sa.Column("idempotency_key", Key, nullable=False),
        sa.Column("digest", Key, nullable=False),
        sa.Column("decision_id", Key, nullable=False),
        sa.PrimaryKeyConstraint("check", "idempotency_key", name="pk_check_keys"),
    )
