"""Coupons that hold a place in budgets and caps, blocks that processes have taken, answers that are given again."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from agoranomos.kernel.dialects import Json, Key, Moment

revision = "0032"
down_revision = "0030"


def upgrade() -> None:
    """Creates the tables."""
    op.create_table(
        "promo_coupons",
        sa.Column("campaign_id", Key, nullable=False),
        sa.Column("coupon_id", Key, nullable=False),
        sa.Column("account_id", Key, nullable=False),
        sa.Column("device_id", Key),
        sa.Column("payee_id", Key),
        sa.Column("order_id", Key),
        sa.Column("state", Key, nullable=False),
        sa.Column("claimed_at", Moment, nullable=False),
        sa.Column("reserved_until", Moment),
        sa.Column("using_until", Moment),
        sa.Column("amount", sa.BigInteger, nullable=False),
        *(sa.Column(f"{kind}_place", Key) for kind in _PLACES),
        *(sa.Column(f"{kind}_until", Moment) for kind in _PLACES[:3]),
        sa.PrimaryKeyConstraint("campaign_id", "coupon_id", name="pk_promo_coupons"),
        sa.CheckConstraint("state IN ('reserved', 'claimed', 'redeemed', 'voided')", "state"),
        sa.CheckConstraint("(state = 'reserved') = (reserved_until IS NOT NULL)", "reserved"),
        sa.CheckConstraint("amount >= 0", "amount"),
    )
    reserved = sa.text("reserved_until IS NOT NULL")
    op.create_index(
        "ix_promo_coupons_reserved_until", "promo_coupons", ["reserved_until"], sqlite_where=reserved,
        postgresql_where=reserved,
    )  # fmt: skip
    for kind in _PLACES:
        taken = sa.text(f"{kind}_place IS NOT NULL")
        op.create_index(
            f"uq_promo_coupons_{kind}_place", "promo_coupons", [f"{kind}_place"], unique=True, sqlite_where=taken,
            postgresql_where=taken,
        )  # fmt: skip
    op.create_table(
        "promo_issued",
        sa.Column("campaign_id", Key, nullable=False),
        sa.Column("coupon_id", Key, nullable=False),
        sa.Column("account_id", Key, nullable=False),
        sa.Column("face", sa.BigInteger, nullable=False),
        sa.Column("currency", Key, nullable=False),
        sa.PrimaryKeyConstraint("campaign_id", "coupon_id", name="pk_promo_issued"),
    )
    op.create_table(
        "promo_leases",
        sa.Column("lease_id", Key, nullable=False),
        sa.Column("campaign_id", Key, nullable=False),
        sa.Column("holder_id", Key, nullable=False),
        sa.Column("opened_at", Moment, nullable=False),
        sa.Column("expires_at", Moment, nullable=False),
        sa.Column("closed_at", Moment),
        sa.Column("count_granted", sa.BigInteger, nullable=False),
        sa.Column("amount_granted", sa.BigInteger),
        sa.Column("count_used", sa.BigInteger, nullable=False),
        sa.Column("amount_used", sa.BigInteger, nullable=False),
        sa.Column("entries", Json, nullable=False),
        sa.PrimaryKeyConstraint("lease_id", name="pk_promo_leases"),
        sa.CheckConstraint("count_used >= 0 AND count_used <= count_granted", "count"),
        sa.CheckConstraint("amount_used >= 0 AND (amount_granted IS NULL OR amount_used <= amount_granted)", "amount"),
    )
    still_open = sa.text("closed_at IS NULL")
    op.create_index(
        "ix_promo_leases_open", "promo_leases", ["campaign_id", "lease_id"], sqlite_where=still_open,
        postgresql_where=still_open,
    )  # fmt: skip
    op.create_table(
        "promo_checks",
        sa.Column("idempotency_key", Key, nullable=False),
        sa.Column("digest", Key, nullable=False),
        sa.Column("answer", Json, nullable=False),
        sa.Column("decided_at", Moment, nullable=False),
        sa.PrimaryKeyConstraint("idempotency_key", name="pk_promo_checks"),
    )
    op.create_index("ix_promo_checks_decided_at", "promo_checks", ["decided_at"])


_PLACES = ("account", "device", "payee", "day", "year")
