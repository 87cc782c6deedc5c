"""How each campaign stands, which accounts and devices are new, and how far the event log was heard."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from agoranomos.kernel.dialects import Json, Key, Moment

revision = "0033"
down_revision = "0032"


def upgrade() -> None:
    """Creates the tables."""
    op.create_table(
        "promo_guarded",
        sa.Column("campaign_id", Key, nullable=False),
        sa.Column("since", Moment, nullable=False),
        sa.Column("standing", Key, nullable=False),
        sa.Column("watch", Json, nullable=False),
        sa.Column("funded", Json, nullable=False),
        sa.Column("minute", Moment),
        sa.Column("in_minute", sa.Integer, nullable=False),
        sa.Column("resumed_by", Key),
        sa.PrimaryKeyConstraint("campaign_id", name="pk_promo_guarded"),
        sa.CheckConstraint("standing IN ('running', 'slowed', 'stopped')", "standing"),
    )
    op.create_table(
        "promo_newcomers",
        sa.Column("kind", Key, nullable=False),
        sa.Column("id", Key, nullable=False),
        sa.Column("seen_at", Moment, nullable=False),
        sa.PrimaryKeyConstraint("kind", "id", name="pk_promo_newcomers"),
        sa.CheckConstraint("kind IN ('account', 'device')", "kind"),
    )
    op.create_index("ix_promo_newcomers_seen_at", "promo_newcomers", ["seen_at"])
    op.create_table(
        "promo_progress",
        sa.Column("name", Key, nullable=False),
        sa.Column("position", sa.BigInteger, nullable=False),
        sa.Column("began_at", Moment),
        sa.PrimaryKeyConstraint("name", name="pk_promo_progress"),
    )
