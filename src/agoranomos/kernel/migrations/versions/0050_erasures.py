"""What shows that somebody was erased."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from agoranomos.kernel.dialects import Json, Key, Moment, Position

revision = "0050"
down_revision = "0049"


def upgrade() -> None:
    """Creates the table."""
    op.create_table(
        "vault_erasures",
        sa.Column("erasure_id", Key, nullable=False),
        sa.Column("subject", Key, nullable=False),
        sa.Column("at", Moment, nullable=False),
        sa.Column("actor", Key, nullable=False),
        sa.Column("kinds", Json, nullable=False),
        sa.Column("tokens", Json, nullable=False),
        sa.Column("key_digest", Key, nullable=False),
        sa.Column("master_id", Key, nullable=False),
        sa.Column("audit_index", Position, nullable=False),
        sa.PrimaryKeyConstraint("erasure_id", name="pk_vault_erasures"),
    )
    op.create_index("ix_vault_erasures_subject_at", "vault_erasures", ["subject", "at"])
