"""Coupons, the orders that they paid for, and the accounts behind them, as far as the log was heard."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from agoranomos.kernel.dialects import Key

revision = "0034"
down_revision = "0033"


def upgrade() -> None:
    """Creates the tables."""
    op.create_table(
        "trace_coupons",
        sa.Column("coupon_id", Key, nullable=False),
        sa.Column("campaign_id", Key, nullable=False),
        sa.Column("account_id", Key, nullable=False),
        sa.Column("told", sa.LargeBinary, nullable=False),
        sa.PrimaryKeyConstraint("coupon_id", name="pk_trace_coupons"),
    )
    op.create_index("ix_trace_coupons_campaign_id_coupon_id", "trace_coupons", ["campaign_id", "coupon_id"])
    op.create_index("ix_trace_coupons_account_id", "trace_coupons", ["account_id"])
    op.create_table(
        "trace_orders",
        sa.Column("order_id", Key, nullable=False),
        sa.Column("told", sa.LargeBinary, nullable=False),
        sa.PrimaryKeyConstraint("order_id", name="pk_trace_orders"),
    )
    op.create_table(
        "trace_people",
        sa.Column("account_id", Key, nullable=False),
        sa.Column("told", sa.LargeBinary, nullable=False),
        sa.PrimaryKeyConstraint("account_id", name="pk_trace_people"),
    )
    op.create_table(
        "trace_progress",
        sa.Column("name", Key, nullable=False),
        sa.Column("position", sa.BigInteger, nullable=False),
        sa.PrimaryKeyConstraint("name", name="pk_trace_progress"),
    )
