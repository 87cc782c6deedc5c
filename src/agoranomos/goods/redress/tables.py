"""What recalls are kept in; other rooms do not import it."""

from __future__ import annotations

import sqlalchemy as sa

from agoranomos.kernel.dialects import Json, Key, Moment
from agoranomos.kernel.store import metadata

redress_recalls = sa.Table(
    "redress_recalls",
    metadata,
    sa.Column("recall_id", Key, primary_key=True),
    sa.Column("listing_id", Key, nullable=False),
    sa.Column("number", sa.Integer, nullable=False),
    sa.Column("state", Key, nullable=False),
    sa.Column("began_at", Moment, nullable=False),
    # When new orders are next looked for.
    sa.Column("look_at", Moment),
    sa.Column("document", Json, nullable=False),
    sa.CheckConstraint("state IN ('standing', 'withdrawn')", name="state"),
    sa.UniqueConstraint("listing_id", "number"),
    sa.Index(None, "began_at", "recall_id"),
    sa.Index(None, "look_at"),
)
"""One row for each recall; `document` is the whole `Recall`."""

redress_orders = sa.Table(
    "redress_orders",
    metadata,
    sa.Column("recall_id", Key, sa.ForeignKey("redress_recalls.recall_id"), primary_key=True),
    sa.Column("order_id", Key, primary_key=True),
    sa.Column("refund", sa.BigInteger, nullable=False),
    sa.Column("document", Json, nullable=False),
    sa.Index(None, "order_id"),
)
"""What becomes of each order; `document` is a `Line`."""

redress_bookings = sa.Table(
    "redress_bookings",
    metadata,
    sa.Column("action_id", Key, primary_key=True),
    sa.Column("recall_id", Key, sa.ForeignKey("redress_recalls.recall_id"), nullable=False),
    sa.Column("store_id", Key, nullable=False),
    sa.Column("currency", Key, nullable=False),
    sa.Column("amount", sa.BigInteger, nullable=False),
    sa.Column("paid", Key, nullable=False),
    sa.Column("charged", Key, nullable=False),
    sa.Column("withdrawn", sa.Boolean, nullable=False),
    # Something may still have to be moved.
    sa.Column("open", sa.Boolean, nullable=False),
    sa.CheckConstraint("amount > 0", name="amount"),
    sa.CheckConstraint("paid IN ('reserved', 'settled', 'released')", name="paid"),
    sa.CheckConstraint("charged IN ('reserved', 'settled', 'released', 'reversed')", name="charged"),
    sa.Index(None, "open", "action_id"),
    sa.Index(None, "recall_id"),
    sa.Index(None, "store_id"),
)
"""Each refund in the books."""

redress_causes = sa.Table(
    "redress_causes",
    metadata,
    sa.Column("kind", Key, primary_key=True),
    sa.Column("cause_id", Key, primary_key=True),
    sa.Column("listing_id", Key, primary_key=True),
)
"""Which listings' recalls an appraisal, case or notice is a cause of."""

redress_claims = sa.Table(
    "redress_claims",
    metadata,
    sa.Column("notice_id", Key, primary_key=True),
    sa.Column("document", Json, nullable=False),
)
"""What notices say, until they are decided; `document` is a `Claim`."""
