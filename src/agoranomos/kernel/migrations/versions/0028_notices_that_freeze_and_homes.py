"""Frozen money knows what notices are about; links know whose home was nobody else's when he was closed."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from agoranomos.kernel.dialects import Json, Key

revision = "0028"
down_revision = "0027"


def upgrade() -> None:
    """Creates a table, and two columns that are empty for whom nobody has looked at."""
    op.create_table(
        "freeze_notices",
        sa.Column("notice_id", Key, nullable=False),
        sa.Column("listing_ids", Json, nullable=False),
        sa.PrimaryKeyConstraint("notice_id", name="pk_freeze_notices"),
    )
    op.add_column("link_sellers", sa.Column("let_in", sa.Boolean))
    op.add_column("link_sellers", sa.Column("alone", sa.Boolean))
