"""The numbers of the embedded exchange."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from agoranomos.kernel.dialects import Key, Moment

revision = "0046"
down_revision = "0045"


def upgrade() -> None:
    """Creates the table."""
    op.create_table(
        "number_lines",
        sa.Column("virtual_number", Key, nullable=False),
        sa.Column("binding_id", Key, nullable=False),
        sa.Column("free_at", Moment, nullable=False),
        sa.PrimaryKeyConstraint("virtual_number", name="pk_number_lines"),
        sa.UniqueConstraint("binding_id", name="uq_number_lines_binding_id"),
    )
    op.create_index("ix_number_lines_free_at", "number_lines", ["free_at"])
