"""Campaigns as they were declared, and when somebody ended them."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from agoranomos.kernel.dialects import Json, Key, Moment

revision = "0030"
down_revision = "0029"


def upgrade() -> None:
    """Creates the tables."""
    op.create_table(
        "campaign_versions",
        sa.Column("campaign_id", Key, nullable=False),
        sa.Column("declared_at", Moment, nullable=False),
        sa.Column("digest", Key, nullable=False),
        sa.Column("document", Json, nullable=False),
        sa.PrimaryKeyConstraint("campaign_id", "declared_at", "digest", name="pk_campaign_versions"),
    )
    op.create_table(
        "campaign_ends",
        sa.Column("campaign_id", Key, nullable=False),
        sa.Column("ended_at", Moment, nullable=False),
        sa.PrimaryKeyConstraint("campaign_id", name="pk_campaign_ends"),
    )
