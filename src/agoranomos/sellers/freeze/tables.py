"""What frozen money is kept in, beside the ledger; other rooms do not import it."""

from __future__ import annotations

import sqlalchemy as sa

from agoranomos.kernel.dialects import Json, Key, Moment
from agoranomos.kernel.store import metadata

freeze_parts = sa.Table(
    "freeze_parts",
    metadata,
    sa.Column("order_id", Key, primary_key=True),
    sa.Column("listing_id", Key, primary_key=True),
    sa.Column("store_id", Key, nullable=False),
    sa.Column("buyer_id", Key, nullable=False),
    sa.Column("currency", Key, nullable=False),
    sa.Column("amount", sa.BigInteger, nullable=False),
    sa.Column("placed_at", Moment, nullable=False),
    sa.Column("refunded", sa.BigInteger, nullable=False),
    sa.Column("held", sa.BigInteger, nullable=False),
    sa.Column("freeze_id", Key, nullable=False),
    sa.Column("paid_out", sa.Boolean, nullable=False),
    # The rules look before they write; should they ever be wrong, the database has the last word.
    sa.CheckConstraint("held >= 0 AND refunded >= 0 AND held + refunded <= amount", "money"),
    sa.CheckConstraint("(held > 0) = (freeze_id <> '')", "held"),
    sa.Index(None, "listing_id", "placed_at"),
    sa.Index(None, "store_id", "placed_at"),
    sa.Index(None, "freeze_id"),
    sa.Index(None, "placed_at"),
)
"""Shares of listings in orders, for as long as the policy follows them."""

freeze_freezes = sa.Table(
    "freeze_freezes",
    metadata,
    sa.Column("freeze_id", Key, primary_key=True),
    sa.Column("scope", Key, nullable=False),
    sa.Column("scope_id", Key, nullable=False),
    sa.Column("store_id", Key, nullable=False),
    sa.Column("state", Key, nullable=False),
    sa.Column("begun_at", Moment, nullable=False),
    sa.Column("ends_at", Moment, nullable=False),
    sa.Column("document", Json, nullable=False),
    sa.CheckConstraint("state IN ('held', 'released', 'refunded', 'expired')", "state"),
    sa.Index(None, "store_id", "state"),
    sa.Index(None, "state", "ends_at"),
    sa.Index(None, "begun_at", "freeze_id"),
)
"""One row for each freeze; `document` is the whole `model.Freeze`."""
# Money of one thing is held by one freeze.
sa.Index(
    "ix_freeze_freezes_standing",
    freeze_freezes.c.scope,
    freeze_freezes.c.scope_id,
    unique=True,
    sqlite_where=freeze_freezes.c.state == "held",
    postgresql_where=freeze_freezes.c.state == "held",
)

freeze_causes = sa.Table(
    "freeze_causes",
    metadata,
    sa.Column("cause", Key, primary_key=True),
    sa.Column("freeze_id", Key, primary_key=True),
)

freeze_releases = sa.Table(
    "freeze_releases",
    metadata,
    sa.Column("action_id", Key, primary_key=True),
    sa.Column("freeze_id", Key, nullable=False, index=True),
    sa.Column("state", Key, nullable=False),
    sa.Column("document", Json, nullable=False),
    sa.Index(None, "state", "action_id"),
)
"""What was asked to be released; `document` is `model.Release`."""

freeze_payouts = sa.Table(
    "freeze_payouts",
    metadata,
    sa.Column("payout_id", Key, primary_key=True),
    sa.Column("order_ids", Json, nullable=False),
)

freeze_suspects = sa.Table(
    "freeze_suspects",
    metadata,
    sa.Column("listing_id", Key, primary_key=True),
    sa.Column("buyer_id", Key, primary_key=True),
    sa.Column("at", Moment, nullable=False),
)
"""Who suspects that a listing is a fake, and when last."""

freeze_notices = sa.Table(
    "freeze_notices",
    metadata,
    sa.Column("notice_id", Key, primary_key=True),
    sa.Column("listing_ids", Json, nullable=False),
)
"""What notices are about, of the kinds that freeze."""
