"""Known pictures: fakes, and the brands' own."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from agoranomos.kernel.dialects import Key, Moment

revision = "0016"
down_revision = "0014"


def upgrade() -> None:
    """Creates the table."""
    op.create_table(
        "picture_references",
        sa.Column("role", Key, nullable=False),
        sa.Column("content", Key, nullable=False),
        sa.Column("name", Key, nullable=False),
        sa.Column("brand_id", Key),
        sa.Column("source", sa.Text, nullable=False),
        sa.Column("number", sa.BigInteger, nullable=False),
        sa.Column("added_at", Moment, nullable=False),
        sa.Column("packed", sa.LargeBinary, nullable=False),
        sa.CheckConstraint("role IN ('fake', 'genuine')", "role"),
        sa.PrimaryKeyConstraint("role", "content", name="pk_picture_references"),
        sa.UniqueConstraint("number", name="uq_picture_references_number"),
    )
    op.create_index("ix_picture_references_role_name", "picture_references", ["role", "name"])
