"""How each campaign stands, which accounts and devices are new, and how far the event log was heard."""

from __future__ import annotations

import sqlalchemy as sa

from agoranomos.kernel.dialects import Json, Key, Moment
from agoranomos.kernel.store import metadata

promo_guarded = sa.Table(
    "promo_guarded",
    metadata,
    sa.Column("campaign_id", Key, primary_key=True),
    sa.Column("since", Moment, nullable=False),
    sa.Column("standing", Key, nullable=False),
    sa.Column("watch", Json, nullable=False),
    sa.Column("funded", Json, nullable=False),  # account of the ledger → what was put into it
    sa.Column("minute", Moment),  # while it is slowed: the minute, and how many were given in it
    sa.Column("in_minute", sa.Integer, nullable=False),
    sa.Column("resumed_by", Key),  # the action that let it go on last
    sa.CheckConstraint("standing IN ('running', 'slowed', 'stopped')", "standing"),
)

promo_newcomers = sa.Table(
    "promo_newcomers",
    metadata,
    sa.Column("kind", Key, primary_key=True),
    sa.Column("id", Key, primary_key=True),
    sa.Column("seen_at", Moment, nullable=False, index=True),
    sa.CheckConstraint("kind IN ('account', 'device')", "kind"),
)

promo_progress = sa.Table(
    "promo_progress",
    metadata,
    sa.Column("name", Key, primary_key=True),
    sa.Column("position", sa.BigInteger, nullable=False),
    sa.Column("began_at", Moment),
)
