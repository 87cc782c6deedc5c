"""What test buys are kept in: the shelf to draw from, plans, purchases with every step and verdict, shoppers."""

from __future__ import annotations

import sqlalchemy as sa

from agoranomos.kernel.dialects import Json, Key, Moment, keep_append_only
from agoranomos.kernel.store import metadata

testbuy_shelf = sa.Table(
    "testbuy_shelf",
    metadata,
    sa.Column("listing_id", Key, primary_key=True),
    sa.Column("store_id", Key, nullable=False, index=True),
    sa.Column("category", Key, nullable=False),
    sa.Column("price", sa.BigInteger, nullable=False),
    sa.Column("currency", Key, nullable=False),
)

testbuy_progress = sa.Table(
    "testbuy_progress",
    metadata,
    sa.Column("name", Key, primary_key=True),
    # The shelf is that of the event log up to here.
    sa.Column("position", sa.BigInteger, nullable=False),
)

testbuy_plans = sa.Table(
    "testbuy_plans",
    metadata,
    sa.Column("plan_id", Key, primary_key=True),
    sa.Column("at", Moment, nullable=False),
    sa.Column("by", Key, nullable=False),
    sa.Column("state", Key, nullable=False),
    sa.Column("budget", sa.BigInteger, nullable=False),
    sa.Column("currency", Key, nullable=False),
    sa.Column("listings", sa.BigInteger, nullable=False),
    sa.Column("listings_expected", sa.Double, nullable=False),
    sa.Column("sizes", Json, nullable=False),
    # What the draw is from, as it was committed to: settings and candidates, compressed.
    sa.Column("frame", sa.LargeBinary, nullable=False),
    sa.Column("digest", Key, nullable=False),
    sa.Column("commitment", Key, nullable=False),
    sa.Column("secret", sa.LargeBinary, nullable=False),
    sa.Column("entry", sa.BigInteger, nullable=False),  # of the audit log
    sa.Column("approval_id", Key),
    sa.Column("drawn_at", Moment),
    sa.Column("root", Key),
    sa.Column("root_size", sa.BigInteger),
    sa.CheckConstraint("state IN ('committed', 'drawn', 'dropped')", "state"),
    # Nothing is drawn without the second half of the seed, and that is from after the commitment.
    sa.CheckConstraint("(state = 'drawn') = (root IS NOT NULL) AND (root_size IS NULL OR root_size > entry)", "root"),
    sa.Index(None, "at", "plan_id"),
)

testbuys = sa.Table(
    "testbuys",
    metadata,
    sa.Column("testbuy_id", Key, primary_key=True),
    sa.Column("plan_id", Key, sa.ForeignKey("testbuy_plans.plan_id"), nullable=False),
    sa.Column("place", sa.Integer, nullable=False),
    sa.Column("listing_id", Key, nullable=False, index=True),
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
    sa.CheckConstraint(
        "state IN ('planned', 'bought', 'received', 'sent', 'appraised', 'booked', 'cancelled', 'lost')", "state"
    ),
    sa.CheckConstraint("(shopper_id IS NULL) = (address_id IS NULL)", "shopper"),
    sa.CheckConstraint("state IN ('planned', 'cancelled') OR shopper_id IS NOT NULL", "bought_by_somebody"),
    sa.CheckConstraint("(state IN ('appraised', 'booked')) = (verdict IS NOT NULL)", "verdict"),
    # A store never sees an address again, whatever a program does.
    sa.UniqueConstraint("store_id", "address_id"),
    sa.Index(None, "plan_id", "place"),
    sa.Index(None, "state", "testbuy_id"),
    sa.Index(None, "store_id", "shopper_id"),
)

testbuy_moves = sa.Table(
    "testbuy_moves",
    metadata,
    sa.Column("testbuy_id", Key, sa.ForeignKey("testbuys.testbuy_id"), primary_key=True),
    sa.Column("number", sa.Integer, primary_key=True),
    sa.Column("at", Moment, nullable=False),
    sa.Column("by", Key, nullable=False),
    sa.Column("before", Key),
    sa.Column("after", Key, nullable=False),
)
keep_append_only(testbuy_moves)

testbuy_appraisals = sa.Table(
    "testbuy_appraisals",
    metadata,
    sa.Column("testbuy_id", Key, primary_key=True),
    sa.Column("appraiser_id", Key, primary_key=True),
    sa.Column("verdict", Key, nullable=False),
    sa.Column("at", Moment, nullable=False),
    sa.Column("cost", sa.BigInteger, nullable=False),
    sa.Column("currency", Key, nullable=False),
    sa.CheckConstraint("verdict IN ('genuine', 'counterfeit', 'inconclusive')", "verdict"),
)

testbuy_shoppers = sa.Table(
    "testbuy_shoppers",
    metadata,
    sa.Column("shopper_id", Key, primary_key=True),
    sa.Column("address_id", Key, primary_key=True),
    sa.Column("active", sa.Boolean, nullable=False),
    # Two shoppers at one address would be one to a store.
    sa.UniqueConstraint("address_id"),
)
