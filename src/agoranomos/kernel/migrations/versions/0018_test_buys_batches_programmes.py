"""Test buys, the way of goods by batch, and ways back for offenders."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from agoranomos.kernel.dialects import Json, Key, Moment, append_only

revision = "0018"
down_revision = "0017"


def upgrade() -> None:
    """Creates the tables."""
    _test_buys()
    _batches()
    _programmes()


def _test_buys() -> None:
    """The shelf, plans, purchases, steps, verdicts, shoppers."""
    op.create_table(
        "testbuy_shelf",
        sa.Column("listing_id", Key, nullable=False),
        sa.Column("store_id", Key, nullable=False),
        sa.Column("category", Key, nullable=False),
        sa.Column("price", sa.BigInteger, nullable=False),
        sa.Column("currency", Key, nullable=False),
        sa.PrimaryKeyConstraint("listing_id", name="pk_testbuy_shelf"),
    )
    op.create_index("ix_testbuy_shelf_store_id", "testbuy_shelf", ["store_id"])
    op.create_table(
        "testbuy_progress",
        sa.Column("name", Key, nullable=False),
        sa.Column("position", sa.BigInteger, nullable=False),
        sa.PrimaryKeyConstraint("name", name="pk_testbuy_progress"),
    )
    op.create_table(
        "testbuy_plans",
        sa.Column("plan_id", Key, nullable=False),
        sa.Column("at", Moment, nullable=False),
        sa.Column("by", Key, nullable=False),
        sa.Column("state", Key, nullable=False),
        sa.Column("budget", sa.BigInteger, nullable=False),
        sa.Column("currency", Key, nullable=False),
        sa.Column("listings", sa.BigInteger, nullable=False),
        sa.Column("listings_expected", sa.Double, nullable=False),
        sa.Column("sizes", Json, nullable=False),
        sa.Column("frame", sa.LargeBinary, nullable=False),
        sa.Column("digest", Key, nullable=False),
        sa.Column("commitment", Key, nullable=False),
        sa.Column("secret", sa.LargeBinary, nullable=False),
        sa.Column("entry", sa.BigInteger, nullable=False),
        sa.Column("approval_id", Key),
        sa.Column("drawn_at", Moment),
        sa.Column("root", Key),
        sa.Column("root_size", sa.BigInteger),
        sa.CheckConstraint(
            "(state = 'drawn') = (root IS NOT NULL) AND (root_size IS NULL OR root_size > entry)",
            "root",
        ),
        sa.CheckConstraint("state IN ('committed', 'drawn', 'dropped')", "state"),
        sa.PrimaryKeyConstraint("plan_id", name="pk_testbuy_plans"),
    )
    op.create_index("ix_testbuy_plans_at_plan_id", "testbuy_plans", ["at", "plan_id"])
    op.create_table(
        "testbuys",
        sa.Column("testbuy_id", Key, nullable=False),
        sa.Column("plan_id", Key, nullable=False),
        sa.Column("place", sa.Integer, nullable=False),
        sa.Column("listing_id", Key, nullable=False),
        sa.Column("store_id", Key, nullable=False),
        sa.Column("stratum", Key, nullable=False),
        sa.Column("inclusion", sa.Double, nullable=False),
        sa.Column("cost_max", sa.BigInteger, nullable=False),
        sa.Column("currency", Key, nullable=False),
        sa.Column("state", Key, nullable=False),
        sa.Column("changed_at", Moment, nullable=False),
        sa.Column("twice", sa.Boolean, nullable=False),
        sa.Column("shopper_id", Key),
        sa.Column("address_id", Key),
        sa.Column("verdict", Key),
        sa.Column("cost", sa.BigInteger),
        sa.CheckConstraint("state IN ('planned', 'cancelled') OR shopper_id IS NOT NULL", "bought_by_somebody"),
        sa.CheckConstraint("(shopper_id IS NULL) = (address_id IS NULL)", "shopper"),
        sa.CheckConstraint(
            "state IN ('planned', 'bought', 'received', 'sent', 'appraised', 'booked', 'cancelled', 'lost')",
            "state",
        ),
        sa.CheckConstraint("(state IN ('appraised', 'booked')) = (verdict IS NOT NULL)", "verdict"),
        sa.ForeignKeyConstraint(["plan_id"], ["testbuy_plans.plan_id"], name="fk_testbuys_plan_id_testbuy_plans"),
        sa.PrimaryKeyConstraint("testbuy_id", name="pk_testbuys"),
        sa.UniqueConstraint("store_id", "address_id", name="uq_testbuys_store_id_address_id"),
    )
    op.create_index("ix_testbuys_listing_id", "testbuys", ["listing_id"])
    op.create_index("ix_testbuys_plan_id_place", "testbuys", ["plan_id", "place"])
    op.create_index("ix_testbuys_state_testbuy_id", "testbuys", ["state", "testbuy_id"])
    op.create_index("ix_testbuys_store_id_shopper_id", "testbuys", ["store_id", "shopper_id"])
    op.create_table(
        "testbuy_moves",
        sa.Column("testbuy_id", Key, nullable=False),
        sa.Column("number", sa.Integer, nullable=False),
        sa.Column("at", Moment, nullable=False),
        sa.Column("by", Key, nullable=False),
        sa.Column("before", Key),
        sa.Column("after", Key, nullable=False),
        sa.ForeignKeyConstraint(["testbuy_id"], ["testbuys.testbuy_id"], name="fk_testbuy_moves_testbuy_id_testbuys"),
        sa.PrimaryKeyConstraint("testbuy_id", "number", name="pk_testbuy_moves"),
    )
    append_only(op.get_bind(), "testbuy_moves")
    op.create_table(
        "testbuy_appraisals",
        sa.Column("testbuy_id", Key, nullable=False),
        sa.Column("appraiser_id", Key, nullable=False),
        sa.Column("verdict", Key, nullable=False),
        sa.Column("at", Moment, nullable=False),
        sa.Column("cost", sa.BigInteger, nullable=False),
        sa.Column("currency", Key, nullable=False),
        sa.CheckConstraint("verdict IN ('genuine', 'counterfeit', 'inconclusive')", "verdict"),
        sa.PrimaryKeyConstraint("testbuy_id", "appraiser_id", name="pk_testbuy_appraisals"),
    )
    op.create_table(
        "testbuy_shoppers",
        sa.Column("shopper_id", Key, nullable=False),
        sa.Column("address_id", Key, nullable=False),
        sa.Column("active", sa.Boolean, nullable=False),
        sa.PrimaryKeyConstraint("shopper_id", "address_id", name="pk_testbuy_shoppers"),
        sa.UniqueConstraint("address_id", name="uq_testbuy_shoppers_address_id"),
    )


def _batches() -> None:
    """Batches, what they feed, lines of orders."""
    op.create_table(
        "batches",
        sa.Column("batch_id", Key, nullable=False),
        sa.Column("store_id", Key, nullable=False),
        sa.Column("warehouse_id", Key, nullable=False),
        sa.Column("supplier_id", Key),
        sa.Column("factory", Key),
        sa.Column("brand_id", Key),
        sa.Column("quantity", sa.BigInteger),
        sa.Column("inspection", Key),
        sa.Column("received_at", Moment),
        sa.Column("why", Key),
        sa.Column("condemned_at", Moment),
        sa.CheckConstraint("(why IS NULL) = (condemned_at IS NULL)", "condemned"),
        sa.CheckConstraint("why IN ('condemned', 'inspection', 'appraisal')", "why"),
        sa.PrimaryKeyConstraint("batch_id", name="pk_batches"),
    )
    op.create_index("ix_batches_factory", "batches", ["factory"])
    op.create_index("ix_batches_supplier_id", "batches", ["supplier_id"])
    op.create_index("ix_batches_why_batch_id", "batches", ["why", "batch_id"])
    op.create_table(
        "batch_listings",
        sa.Column("listing_id", Key, nullable=False),
        sa.Column("batch_id", Key, nullable=False),
        sa.Column("since", Moment, nullable=False),
        sa.PrimaryKeyConstraint("listing_id", "batch_id", name="pk_batch_listings"),
    )
    op.create_index("ix_batch_listings_batch_id_listing_id", "batch_listings", ["batch_id", "listing_id"])
    op.create_table(
        "batch_parcels",
        sa.Column("order_id", Key, nullable=False),
        sa.Column("listing_id", Key, nullable=False),
        sa.Column("store_id", Key, nullable=False),
        sa.Column("buyer_id", Key, nullable=False),
        sa.Column("quantity", sa.BigInteger, nullable=False),
        sa.Column("placed_at", Moment, nullable=False),
        sa.Column("shipped_at", Moment),
        sa.Column("delivered_at", Moment),
        sa.Column("refunded_at", Moment),
        sa.Column("batch_id", Key),
        sa.PrimaryKeyConstraint("order_id", "listing_id", name="pk_batch_parcels"),
    )
    op.create_index("ix_batch_parcels_listing_id_placed_at", "batch_parcels", ["listing_id", "placed_at"])
    op.create_index("ix_batch_parcels_placed_at", "batch_parcels", ["placed_at"])
    op.create_table(
        "batch_progress",
        sa.Column("name", Key, nullable=False),
        sa.Column("position", sa.BigInteger, nullable=False),
        sa.PrimaryKeyConstraint("name", name="pk_batch_progress"),
    )


def _programmes() -> None:
    """Enrolments, facts, who holds which store."""
    op.create_table(
        "programme_enrolments",
        sa.Column("enrolment_id", Key, nullable=False),
        sa.Column("seller_id", Key, nullable=False),
        sa.Column("programme", Key, nullable=False),
        sa.Column("state", Key, nullable=False),
        sa.Column("asked_at", Moment, nullable=False),
        sa.Column("asked_by", Key, nullable=False),
        sa.Column("approval_id", Key, nullable=False),
        sa.Column("began_at", Moment),
        sa.Column("in_force", Json, nullable=False),
        sa.Column("reached", Json, nullable=False),
        sa.Column("relapses", sa.Integer, nullable=False),
        sa.Column("due_at", Moment),
        sa.CheckConstraint("(state IN ('asked', 'refused')) = (began_at IS NULL)", "began"),
        sa.CheckConstraint("state IN ('asked', 'refused', 'active', 'completed', 'expelled', 'left')", "state"),
        sa.PrimaryKeyConstraint("enrolment_id", name="pk_programme_enrolments"),
    )
    op.create_index("ix_programme_enrolments_due_at", "programme_enrolments", ["due_at"])
    op.create_index("ix_programme_enrolments_seller_id_asked_at", "programme_enrolments", ["seller_id", "asked_at"])
    op.create_table(
        "programme_facts",
        sa.Column("enrolment_id", Key, nullable=False),
        sa.Column("kind", Key, nullable=False),
        sa.Column("fact_id", Key, nullable=False),
        sa.Column("at", Moment, nullable=False),
        sa.Column("overturned", sa.Boolean, nullable=False),
        sa.CheckConstraint("kind IN ('enrolled', 'milestone', 'genuine', 'relapse', 'left')", "kind"),
        sa.ForeignKeyConstraint(
            ["enrolment_id"],
            ["programme_enrolments.enrolment_id"],
            name="fk_programme_facts_enrolment_id_programme_enrolments",
        ),
        sa.PrimaryKeyConstraint("enrolment_id", "kind", "fact_id", name="pk_programme_facts"),
    )
    op.create_table(
        "programme_stores",
        sa.Column("store_id", Key, nullable=False),
        sa.Column("seller_id", Key, nullable=False),
        sa.PrimaryKeyConstraint("store_id", name="pk_programme_stores"),
    )
