"""The first tables: the brand registry and the publish-time checks."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from agoranomos.kernel.dialects import Json, Key, Moment

revision = "0001"
down_revision = None


def upgrade() -> None:
    """Creates the tables, desk by desk."""
    _brands()
    _listings()


def _brands() -> None:
    op.create_table(
        "brands",
        sa.Column("brand_id", Key, nullable=False),
        sa.Column("status", Key, nullable=False),
        sa.Column("merged_into", Key),
        sa.Column("main_name", Key, nullable=False),
        sa.Column("document", Json, nullable=False),
        sa.Column("added_at", Moment, nullable=False),
        sa.Column("changed_at", Moment, nullable=False),
        sa.CheckConstraint("status IN ('accepted', 'proposed', 'rejected', 'merged_into')", "status"),
        sa.CheckConstraint("(status = 'merged_into') = (merged_into IS NOT NULL)", "merged"),
        sa.PrimaryKeyConstraint("brand_id", name="pk_brands"),
    )
    op.create_index("ix_brands_status_brand_id", "brands", ["status", "brand_id"])
    op.create_table(
        "brand_names",
        sa.Column("brand_id", Key, nullable=False),
        sa.Column("folded", Key, nullable=False),
        sa.Column("name", sa.Text, nullable=False),
        sa.PrimaryKeyConstraint("brand_id", "folded", name="pk_brand_names"),
        sa.ForeignKeyConstraint(
            ["brand_id"], ["brands.brand_id"], "fk_brand_names_brand_id_brands", ondelete="CASCADE"
        ),
    )
    op.create_index("ix_brand_names_folded", "brand_names", ["folded"])
    op.create_table(
        "brand_proposals",
        sa.Column("brand_id", Key, nullable=False),
        sa.Column("score", sa.Double, nullable=False),
        sa.Column("document", Json, nullable=False),
        sa.Column("found_at", Moment, nullable=False),
        sa.Column("decided_at", Moment),
        sa.PrimaryKeyConstraint("brand_id", name="pk_brand_proposals"),
        sa.ForeignKeyConstraint(
            ["brand_id"],
            ["brands.brand_id"],
            "fk_brand_proposals_brand_id_brands",
            ondelete="CASCADE",
        ),
    )
    op.create_index("ix_brand_proposals_decided_at_score", "brand_proposals", ["decided_at", "score"])
    op.create_table(
        "brand_price_bands",
        sa.Column("brand_id", Key, nullable=False),
        sa.Column("category", Key, nullable=False),
        sa.Column("currency", Key, nullable=False),
        sa.Column("low", sa.BigInteger, nullable=False),
        sa.Column("high", sa.BigInteger, nullable=False),
        sa.Column("n", sa.Integer, nullable=False),
        sa.Column("provenance", sa.Text, nullable=False),
        sa.Column("learned_at", Moment, nullable=False),
        sa.CheckConstraint("0 < low AND low <= high", "low_high"),
        sa.PrimaryKeyConstraint("brand_id", "category", "currency", name="pk_brand_price_bands"),
    )


def _listings() -> None:
    op.create_table(
        "listing_checks",
        sa.Column("decision_id", Key, nullable=False),
        sa.Column("idempotency_key", Key),
        sa.Column("body_digest", Key, nullable=False),
        sa.Column("at", Moment, nullable=False),
        sa.Column("listing_id", Key, nullable=False),
        sa.Column("store_id", Key, nullable=False),
        sa.Column("seller_id", Key),
        sa.Column("outcome", Key, nullable=False),
        sa.Column("score", sa.Double, nullable=False),
        sa.Column("profile", Key, nullable=False),
        sa.Column("judge_version", Key, nullable=False),
        sa.Column("decision", Json, nullable=False),
        sa.Column("signals", Json, nullable=False),
        sa.PrimaryKeyConstraint("decision_id", name="pk_listing_checks"),
        sa.UniqueConstraint("idempotency_key", name="uq_listing_checks_idempotency_key"),
    )
    op.create_index("ix_listing_checks_listing_id", "listing_checks", ["listing_id"])
    op.create_table(
        "listing_acknowledgements",
        sa.Column("decision_id", Key, nullable=False),
        sa.Column("at", Moment, nullable=False),
        sa.Column("by", Key, nullable=False),
        sa.Column("listing_id", Key, nullable=False),
        sa.Column("store_id", Key, nullable=False),
        sa.Column("seller_id", Key),
        sa.PrimaryKeyConstraint("decision_id", name="pk_listing_acknowledgements"),
        sa.ForeignKeyConstraint(
            ["decision_id"],
            ["listing_checks.decision_id"],
            "fk_listing_acknowledgements_decision_id_listing_checks",
        ),
    )
    op.create_index("ix_listing_acknowledgements_store_id_at", "listing_acknowledgements", ["store_id", "at"])
    op.create_index("ix_listing_acknowledgements_seller_id_at", "listing_acknowledgements", ["seller_id", "at"])
