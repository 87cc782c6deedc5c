"""The tables of budgets: coupons that hold a place, blocks that processes have taken, answers that are given again.

How much of a budget is left stands in the ledger.
"""

from __future__ import annotations

import sqlalchemy as sa

from agoranomos.kernel.dialects import Json, Key, Moment
from agoranomos.kernel.store import metadata

promo_coupons = sa.Table(
    "promo_coupons",
    metadata,
    sa.Column("campaign_id", Key, primary_key=True),
    sa.Column("coupon_id", Key, primary_key=True),
    sa.Column("account_id", Key, nullable=False),
    sa.Column("device_id", Key),
    sa.Column("payee_id", Key),
    sa.Column("order_id", Key),
    sa.Column("state", Key, nullable=False),
    sa.Column("claimed_at", Moment, nullable=False),
    sa.Column("reserved_until", Moment),
    sa.Column("using_until", Moment),  # a check has approved its use for `order_id`; until then for no other
    sa.Column("amount", sa.BigInteger, nullable=False),
    # Of a cap of n, each holder takes one of n places; no place can be taken twice. NULL: no such cap, or given back.
    sa.Column("account_place", Key),
    sa.Column("device_place", Key),
    sa.Column("payee_place", Key),
    sa.Column("day_place", Key),
    sa.Column("year_place", Key),
    # When the place is free again although the coupon stands: the window of the cap has passed.
    sa.Column("account_until", Moment),
    sa.Column("device_until", Moment),
    sa.Column("payee_until", Moment),
    sa.CheckConstraint("state IN ('reserved', 'claimed', 'redeemed', 'voided')", "state"),
    sa.CheckConstraint("(state = 'reserved') = (reserved_until IS NOT NULL)", "reserved"),
    sa.CheckConstraint("amount >= 0", "amount"),
)
sa.Index(
    "ix_promo_coupons_reserved_until",
    promo_coupons.c.reserved_until,
    sqlite_where=promo_coupons.c.reserved_until.is_not(None),
    postgresql_where=promo_coupons.c.reserved_until.is_not(None),
)

promo_issued = sa.Table(
    "promo_issued",
    metadata,
    sa.Column("campaign_id", Key, primary_key=True),
    sa.Column("coupon_id", Key, primary_key=True),
    sa.Column("account_id", Key, nullable=False),
    sa.Column("face", sa.BigInteger, nullable=False),
    sa.Column("currency", Key, nullable=False),
)

promo_leases = sa.Table(
    "promo_leases",
    metadata,
    sa.Column("lease_id", Key, primary_key=True),
    sa.Column("campaign_id", Key, nullable=False),
    sa.Column("holder_id", Key, nullable=False),
    sa.Column("opened_at", Moment, nullable=False),
    sa.Column("expires_at", Moment, nullable=False),
    sa.Column("closed_at", Moment),
    sa.Column("count_granted", sa.BigInteger, nullable=False),
    sa.Column("amount_granted", sa.BigInteger),  # NULL: no budget of money
    sa.Column("count_used", sa.BigInteger, nullable=False),
    sa.Column("amount_used", sa.BigInteger, nullable=False),
    sa.Column("entries", Json, nullable=False),  # what the ledger has reserved: (its id, count or amount)
    sa.CheckConstraint("count_used >= 0 AND count_used <= count_granted", "count"),
    sa.CheckConstraint("amount_used >= 0 AND (amount_granted IS NULL OR amount_used <= amount_granted)", "amount"),
)
# Without the rows that have none: most campaigns know one cap, and each index costs as much as the row.
for _place in ("account_place", "device_place", "payee_place", "day_place", "year_place"):
    _column = promo_coupons.c[_place]
    sa.Index(
        f"uq_promo_coupons_{_place}", _column, unique=True, sqlite_where=_column.is_not(None),
        postgresql_where=_column.is_not(None),
    )  # fmt: skip

_OPEN = promo_leases.c.closed_at.is_(None)
sa.Index(
    "ix_promo_leases_open", promo_leases.c.campaign_id, promo_leases.c.lease_id, sqlite_where=_OPEN,
    postgresql_where=_OPEN,
)  # fmt: skip

promo_checks = sa.Table(
    "promo_checks",
    metadata,
    sa.Column("idempotency_key", Key, primary_key=True),
    sa.Column("digest", Key, nullable=False),
    sa.Column("answer", Json, nullable=False),
    sa.Column("decided_at", Moment, nullable=False, index=True),
)

# One row for each campaign whose coupons were looked at or that was in a rush; whoever looks at its coupons shares it.
promo_rushes = sa.Table(
    "promo_rushes",
    metadata,
    sa.Column("campaign_id", Key, primary_key=True),
    sa.Column("rush_id", Key),
)

# What happened to the names of a rush, in order: its claims, by the thousand, and what was given back or void.
promo_segments = sa.Table(
    "promo_segments",
    metadata,
    sa.Column("rush_id", Key, primary_key=True),
    sa.Column("number", sa.BigInteger, primary_key=True, autoincrement=False),
    sa.Column("kind", Key, nullable=False),
    sa.Column("token", Key, nullable=False),  # of whoever wrote it, different each time
    sa.Column("claims", sa.BigInteger, nullable=False),
    sa.Column("body", sa.LargeBinary, nullable=False),
    sa.Column("written_at", Moment, nullable=False),
    sa.Column("drained_at", Moment),  # when its claims were rows
)
