"""Campaigns as they were declared, and when somebody ended them."""

from __future__ import annotations

import sqlalchemy as sa

from agoranomos.kernel.dialects import Json, Key, Moment
from agoranomos.kernel.store import metadata

campaign_versions = sa.Table(
    "campaign_versions",
    metadata,
    sa.Column("campaign_id", Key, primary_key=True),
    sa.Column("declared_at", Moment, primary_key=True),
    # Of the document: two declarations of one moment that differ are two, whichever came first.
    sa.Column("digest", Key, primary_key=True),
    sa.Column("document", Json, nullable=False),
)
"""Every declaration, whenever it arrived; the version is its place in the order of their times."""

campaign_ends = sa.Table(
    "campaign_ends",
    metadata,
    sa.Column("campaign_id", Key, primary_key=True),
    sa.Column("ended_at", Moment, nullable=False),
)
"""The latest moment at which somebody ended a campaign; a later declaration opens it again."""
