"""Claims that come in a rush: segments of them, before they are rows."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from agoranomos.kernel.dialects import Key, Moment

revision = "0073"
down_revision = "0072"


def upgrade() -> None:
    """Creates the tables."""
    op.create_table(
        "promo_rushes",
        sa.Column("campaign_id", Key, nullable=False),
        sa.Column("rush_id", Key),
        sa.PrimaryKeyConstraint("campaign_id", name="pk_promo_rushes"),
    )
    op.create_table(
        "promo_segments",
        sa.Column("rush_id", Key, nullable=False),
        sa.Column("number", sa.BigInteger, autoincrement=False, nullable=False),
        sa.Column("kind", Key, nullable=False),
        sa.Column("token", Key, nullable=False),
        sa.Column("claims", sa.BigInteger, nullable=False),
        sa.Column("body", sa.LargeBinary, nullable=False),
        sa.Column("written_at", Moment, nullable=False),
        sa.Column("drained_at", Moment),
        sa.PrimaryKeyConstraint("rush_id", "number", name="pk_promo_segments"),
    )
    if op.get_context().dialect.name == "postgresql":
        # Names hardly shrink, and compressing them takes longer than everything else that a claim costs.
        op.execute("ALTER TABLE promo_segments ALTER COLUMN body SET STORAGE EXTERNAL")
