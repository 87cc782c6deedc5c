"""What is kept of publish-time checks: the decision and the seller's words that led to it, not the
listing.
"""

from __future__ import annotations

import sqlalchemy as sa

from agoranomos.kernel.dialects import Json, Key, Moment
from agoranomos.kernel.store import metadata

listing_checks = sa.Table(
    "listing_checks",
    metadata,
    sa.Column("decision_id", Key, primary_key=True),
    # Unique where given: a replay finds the decision, a race is settled by the database.
    sa.Column("idempotency_key", Key, unique=True),
    # A hash of the listing as it was judged; tells a replay from another listing under the same
    # key.
    sa.Column("body_digest", Key, nullable=False),
    sa.Column("at", Moment, nullable=False, index=True),
    sa.Column("listing_id", Key, nullable=False, index=True),
    sa.Column("store_id", Key, nullable=False),
    sa.Column("seller_id", Key),
    sa.Column("outcome", Key, nullable=False),
    sa.Column("score", sa.Double, nullable=False),
    sa.Column("profile", Key, nullable=False),
    # The judge's registry and settings; with the decision's policy_version it says what was
    # applied.
    sa.Column("judge_version", Key, nullable=False),
    sa.Column("decision", Json, nullable=False),
    sa.Column("signals", Json, nullable=False),
)

listing_acknowledgements = sa.Table(
    "listing_acknowledgements",
    metadata,
    sa.Column("decision_id", Key, sa.ForeignKey("listing_checks.decision_id"), primary_key=True),
    sa.Column("at", Moment, nullable=False),
    sa.Column("by", Key, nullable=False),
    # Repeated from the check, so that counting a seller's warnings reads one index and no other
    # rows.
    sa.Column("listing_id", Key, nullable=False),
    sa.Column("store_id", Key, nullable=False),
    sa.Column("seller_id", Key),
    sa.Index(None, "store_id", "at"),
    sa.Index(None, "seller_id", "at"),
)
