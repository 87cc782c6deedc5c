"""Frozen money: parts of orders, freezes, what was asked to be released."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from agoranomos.kernel.dialects import Json, Key, Moment

revision = "0025"
down_revision = "0024"


def upgrade() -> None:
    """Creates the tables."""
    op.create_table(
        "freeze_parts",
        sa.Column("order_id", Key, nullable=False),
        sa.Column("listing_id", Key, nullable=False),
        sa.Column("store_id", Key, nullable=False),
        sa.Column("buyer_id", Key, nullable=False),
        sa.Column("currency", Key, nullable=False),
        sa.Column("amount", sa.BigInteger, nullable=False),
        sa.Column("placed_at", Moment, nullable=False),
        sa.Column("refunded", sa.BigInteger, nullable=False),
        sa.Column("held", sa.BigInteger, nullable=False),
        sa.Column("freeze_id", Key, nullable=False),
        sa.Column("paid_out", sa.Boolean, nullable=False),
        sa.PrimaryKeyConstraint("order_id", "listing_id", name="pk_freeze_parts"),
        sa.CheckConstraint("held >= 0 AND refunded >= 0 AND held + refunded <= amount", "money"),
        sa.CheckConstraint("(held > 0) = (freeze_id <> '')", "held"),
    )
    op.create_index("ix_freeze_parts_listing_id_placed_at", "freeze_parts", ["listing_id", "placed_at"])
    op.create_index("ix_freeze_parts_store_id_placed_at", "freeze_parts", ["store_id", "placed_at"])
    op.create_index("ix_freeze_parts_freeze_id", "freeze_parts", ["freeze_id"])
    op.create_index("ix_freeze_parts_placed_at", "freeze_parts", ["placed_at"])
    op.create_table(
        "freeze_freezes",
        sa.Column("freeze_id", Key, nullable=False),
        sa.Column("scope", Key, nullable=False),
        sa.Column("scope_id", Key, nullable=False),
        sa.Column("store_id", Key, nullable=False),
        sa.Column("state", Key, nullable=False),
        sa.Column("begun_at", Moment, nullable=False),
        sa.Column("ends_at", Moment, nullable=False),
        sa.Column("document", Json, nullable=False),
        sa.PrimaryKeyConstraint("freeze_id", name="pk_freeze_freezes"),
        sa.CheckConstraint("state IN ('held', 'released', 'refunded', 'expired')", "state"),
    )
    op.create_index("ix_freeze_freezes_store_id_state", "freeze_freezes", ["store_id", "state"])
    op.create_index("ix_freeze_freezes_state_ends_at", "freeze_freezes", ["state", "ends_at"])
    op.create_index("ix_freeze_freezes_begun_at_freeze_id", "freeze_freezes", ["begun_at", "freeze_id"])
    held = sa.text("state = 'held'")
    op.create_index(
        "ix_freeze_freezes_standing", "freeze_freezes", ["scope", "scope_id"], unique=True, sqlite_where=held,
        postgresql_where=held,
    )  # fmt: skip
    op.create_table(
        "freeze_causes",
        sa.Column("cause", Key, nullable=False),
        sa.Column("freeze_id", Key, nullable=False),
        sa.PrimaryKeyConstraint("cause", "freeze_id", name="pk_freeze_causes"),
    )
    op.create_table(
        "freeze_releases",
        sa.Column("action_id", Key, nullable=False),
        sa.Column("freeze_id", Key, nullable=False),
        sa.Column("state", Key, nullable=False),
        sa.Column("document", Json, nullable=False),
        sa.PrimaryKeyConstraint("action_id", name="pk_freeze_releases"),
    )
    op.create_index("ix_freeze_releases_freeze_id", "freeze_releases", ["freeze_id"])
    op.create_index("ix_freeze_releases_state_action_id", "freeze_releases", ["state", "action_id"])
    op.create_table(
        "freeze_payouts",
        sa.Column("payout_id", Key, nullable=False),
        sa.Column("order_ids", Json, nullable=False),
        sa.PrimaryKeyConstraint("payout_id", name="pk_freeze_payouts"),
    )
    op.create_table(
        "freeze_suspects",
        sa.Column("listing_id", Key, nullable=False),
        sa.Column("buyer_id", Key, nullable=False),
        sa.Column("at", Moment, nullable=False),
        sa.PrimaryKeyConstraint("listing_id", "buyer_id", name="pk_freeze_suspects"),
    )
    op.create_table(
        "freeze_checks",
        sa.Column("idempotency_key", Key, nullable=False),
        sa.Column("digest", Key, nullable=False),
        sa.Column("decision_id", Key, nullable=False),
        sa.PrimaryKeyConstraint("idempotency_key", name="pk_freeze_checks"),
    )
