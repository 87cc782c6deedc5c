"""Misses of those who try codes."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from agoranomos.kernel.dialects import Key, Moment

revision = "0058"
down_revision = "0056"


def upgrade() -> None:
    """Creates the table."""
    op.create_table(
        "promo_tries",
        sa.Column("kind", Key, nullable=False),
        sa.Column("name", Key, nullable=False),
        sa.Column("misses", sa.Integer, nullable=False),
        sa.Column("last_at", Moment, nullable=False),
        sa.Column("until", Moment),
        sa.PrimaryKeyConstraint("kind", "name", name="pk_promo_tries"),
        sa.CheckConstraint("kind IN ('account', 'device', 'network', 'campaign')", name="kind"),
        sa.CheckConstraint("misses >= 0", name="misses"),
    )
    op.create_index("ix_promo_tries_last_at", "promo_tries", ["last_at"])
    op.create_index("ix_promo_tries_until", "promo_tries", ["until"])
