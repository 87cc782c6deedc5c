"""What tracing knows, in tables: a row for each coupon, for each order that coupons paid for, for each account."""

from __future__ import annotations

import sqlalchemy as sa

from agoranomos.kernel.dialects import Key
from agoranomos.kernel.store import metadata

# `told`: all that is known, as `model` has it, in MessagePack.
trace_coupons = sa.Table(
    "trace_coupons",
    metadata,
    sa.Column("coupon_id", Key, primary_key=True),
    sa.Column("campaign_id", Key, nullable=False),
    sa.Column("account_id", Key, nullable=False, index=True),
    sa.Column("told", sa.LargeBinary, nullable=False),
    sa.Index(None, "campaign_id", "coupon_id"),
)

trace_orders = sa.Table(
    "trace_orders",
    metadata,
    sa.Column("order_id", Key, primary_key=True),
    sa.Column("told", sa.LargeBinary, nullable=False),
)

trace_people = sa.Table(
    "trace_people",
    metadata,
    sa.Column("account_id", Key, primary_key=True),
    sa.Column("told", sa.LargeBinary, nullable=False),
)

trace_progress = sa.Table(
    "trace_progress",
    metadata,
    sa.Column("name", Key, primary_key=True),
    # The tables are those of the event log up to here.
    sa.Column("position", sa.BigInteger, nullable=False),
)
