"""Misses of those who try codes, by a name that tells nobody who it is."""

from __future__ import annotations

import sqlalchemy as sa

from agoranomos.kernel.dialects import Key, Moment
from agoranomos.kernel.store import metadata

promo_tries = sa.Table(
    "promo_tries",
    metadata,
    sa.Column("kind", Key, primary_key=True),
    sa.Column("name", Key, primary_key=True),
    sa.Column("misses", sa.Integer, nullable=False),
    sa.Column("last_at", Moment, nullable=False, index=True),
    sa.Column("until", Moment, index=True),
    sa.CheckConstraint("kind IN ('account', 'device', 'network', 'campaign')", "kind"),
    sa.CheckConstraint("misses >= 0", "misses"),
)
