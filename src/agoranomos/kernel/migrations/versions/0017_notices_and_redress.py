"""What was sold where; notices of rights holders; what follows from confirmed fakes."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from agoranomos.kernel.dialects import Json, Key, Moment

revision = "0017"
down_revision = "0016"


def upgrade() -> None:
    """Creates the tables."""
    _trade()
    _notices()
    _redress()


def _trade() -> None:
    op.create_table(
        "trade_listings",
        sa.Column("listing_id", Key, nullable=False),
        sa.Column("store_id", Key, nullable=False),
        sa.PrimaryKeyConstraint("listing_id", name="pk_trade_listings"),
    )
    op.create_table(
        "trade_orders",
        sa.Column("order_id", Key, nullable=False),
        sa.Column("buyer_id", Key, nullable=False),
        sa.Column("store_id", Key, nullable=False),
        sa.Column("placed_at", Moment, nullable=False),
        sa.Column("currency", Key, nullable=False),
        sa.Column("paid", sa.BigInteger, nullable=False),
        sa.Column("coupon_ids", Json, nullable=False),
        sa.Column("shipped", sa.Boolean, nullable=False),
        sa.Column("delivered", sa.Boolean, nullable=False),
        sa.Column("refunded", sa.BigInteger, nullable=False),
        sa.Column("batch_id", Key),
        sa.PrimaryKeyConstraint("order_id", name="pk_trade_orders"),
    )
    op.create_table(
        "trade_lines",
        sa.Column("order_id", Key, nullable=False),
        sa.Column("listing_id", Key, nullable=False),
        sa.Column("number", sa.Integer, nullable=False),
        sa.Column("quantity", sa.BigInteger, nullable=False),
        sa.Column("paid", sa.BigInteger, nullable=False),
        sa.Column("placed_at", Moment, nullable=False),
        sa.ForeignKeyConstraint(["order_id"], ["trade_orders.order_id"], name="fk_trade_lines_order_id_trade_orders"),
        sa.PrimaryKeyConstraint("order_id", "listing_id", name="pk_trade_lines"),
    )
    op.create_index("ix_trade_lines_listing_id_placed_at", "trade_lines", ["listing_id", "placed_at"])
    op.create_table(
        "trade_progress",
        sa.Column("name", Key, nullable=False),
        sa.Column("position", sa.BigInteger, nullable=False),
        sa.Column("heard_until", Moment),
        sa.Column("received_at", Moment),
        sa.PrimaryKeyConstraint("name", name="pk_trade_progress"),
    )


def _notices() -> None:
    states = "state IN ('incomplete', 'open', 'countered', 'decided', 'merged')"
    op.create_table(
        "notices",
        sa.Column("notice_id", Key, nullable=False),
        sa.Column("rights_holder_id", Key, nullable=False),
        sa.Column("brand_id", Key, nullable=False),
        sa.Column("kind", Key, nullable=False),
        sa.Column("state", Key, nullable=False),
        sa.Column("filed_at", Moment, nullable=False),
        sa.Column("priority", sa.Integer, nullable=False),
        sa.Column("decide_by", Moment),
        sa.Column("alarm_at", Moment),
        sa.Column("share_upheld", sa.Double),
        sa.Column("document", Json, nullable=False),
        sa.CheckConstraint(states, name="state"),
        sa.PrimaryKeyConstraint("notice_id", name="pk_notices"),
    )
    op.create_index("ix_notices_filed_at_notice_id", "notices", ["filed_at", "notice_id"])
    op.create_index("ix_notices_rights_holder_id_filed_at", "notices", ["rights_holder_id", "filed_at"])
    op.create_index("ix_notices_brand_id_filed_at", "notices", ["brand_id", "filed_at"])
    op.create_index("ix_notices_state_priority_decide_by", "notices", ["state", "priority", "decide_by"])
    op.create_index("ix_notices_alarm_at", "notices", ["alarm_at"])
    op.create_table(
        "notice_targets",
        sa.Column("notice_id", Key, nullable=False),
        sa.Column("listing_id", Key, nullable=False),
        sa.Column("store_id", Key),
        sa.Column("brand_id", Key, nullable=False),
        sa.Column("outcome", Key),
        sa.Column("waiting", sa.Boolean, nullable=False),
        sa.ForeignKeyConstraint(["notice_id"], ["notices.notice_id"], name="fk_notice_targets_notice_id_notices"),
        sa.PrimaryKeyConstraint("notice_id", "listing_id", name="pk_notice_targets"),
    )
    op.create_index("ix_notice_targets_listing_id_waiting", "notice_targets", ["listing_id", "waiting"])
    op.create_index(
        "ix_notice_targets_store_id_brand_id_outcome", "notice_targets", ["store_id", "brand_id", "outcome"]
    )
    op.create_table(
        "notice_brands",
        sa.Column("brand_id", Key, nullable=False),
        sa.Column("document", Json, nullable=False),
        sa.PrimaryKeyConstraint("brand_id", name="pk_notice_brands"),
    )
    op.create_table(
        "notice_cases",
        sa.Column("case_id", Key, nullable=False),
        sa.Column("notice_id", Key, nullable=False),
        sa.PrimaryKeyConstraint("case_id", name="pk_notice_cases"),
    )


def _redress() -> None:
    to_recall = (["recall_id"], ["redress_recalls.recall_id"])
    op.create_table(
        "redress_recalls",
        sa.Column("recall_id", Key, nullable=False),
        sa.Column("listing_id", Key, nullable=False),
        sa.Column("number", sa.Integer, nullable=False),
        sa.Column("state", Key, nullable=False),
        sa.Column("began_at", Moment, nullable=False),
        sa.Column("look_at", Moment),
        sa.Column("document", Json, nullable=False),
        sa.CheckConstraint("state IN ('standing', 'withdrawn')", name="state"),
        sa.UniqueConstraint("listing_id", "number", name="uq_redress_recalls_listing_id_number"),
        sa.PrimaryKeyConstraint("recall_id", name="pk_redress_recalls"),
    )
    op.create_index("ix_redress_recalls_began_at_recall_id", "redress_recalls", ["began_at", "recall_id"])
    op.create_index("ix_redress_recalls_look_at", "redress_recalls", ["look_at"])
    op.create_table(
        "redress_orders",
        sa.Column("recall_id", Key, nullable=False),
        sa.Column("order_id", Key, nullable=False),
        sa.Column("refund", sa.BigInteger, nullable=False),
        sa.Column("document", Json, nullable=False),
        sa.ForeignKeyConstraint(*to_recall, name="fk_redress_orders_recall_id_redress_recalls"),
        sa.PrimaryKeyConstraint("recall_id", "order_id", name="pk_redress_orders"),
    )
    op.create_index("ix_redress_orders_order_id", "redress_orders", ["order_id"])
    op.create_table(
        "redress_bookings",
        sa.Column("action_id", Key, nullable=False),
        sa.Column("recall_id", Key, nullable=False),
        sa.Column("store_id", Key, nullable=False),
        sa.Column("currency", Key, nullable=False),
        sa.Column("amount", sa.BigInteger, nullable=False),
        sa.Column("paid", Key, nullable=False),
        sa.Column("charged", Key, nullable=False),
        sa.Column("withdrawn", sa.Boolean, nullable=False),
        sa.Column("open", sa.Boolean, nullable=False),
        sa.CheckConstraint("amount > 0", name="amount"),
        sa.CheckConstraint("paid IN ('reserved', 'settled', 'released')", name="paid"),
        sa.CheckConstraint("charged IN ('reserved', 'settled', 'released', 'reversed')", name="charged"),
        sa.ForeignKeyConstraint(*to_recall, name="fk_redress_bookings_recall_id_redress_recalls"),
        sa.PrimaryKeyConstraint("action_id", name="pk_redress_bookings"),
    )
    op.create_index("ix_redress_bookings_open_action_id", "redress_bookings", ["open", "action_id"])
    op.create_index("ix_redress_bookings_recall_id", "redress_bookings", ["recall_id"])
    op.create_index("ix_redress_bookings_store_id", "redress_bookings", ["store_id"])
    op.create_table(
        "redress_causes",
        sa.Column("kind", Key, nullable=False),
        sa.Column("cause_id", Key, nullable=False),
        sa.Column("listing_id", Key, nullable=False),
        sa.PrimaryKeyConstraint("kind", "cause_id", "listing_id", name="pk_redress_causes"),
    )
    op.create_table(
        "redress_claims",
        sa.Column("notice_id", Key, nullable=False),
        sa.Column("document", Json, nullable=False),
        sa.PrimaryKeyConstraint("notice_id", name="pk_redress_claims"),
    )
