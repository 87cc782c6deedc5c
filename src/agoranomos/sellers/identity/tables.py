"""The tables of applications: photos that were met, what a provider said, and checks that were answered."""

from __future__ import annotations

import sqlalchemy as sa

from agoranomos.kernel.dialects import Json, Key, Moment
from agoranomos.kernel.store import metadata

# By what photos are known again, and whose they were said to be (tokens). No picture, and nothing to make one from.
identity_photos = sa.Table(
    "identity_photos",
    metadata,
    sa.Column("application_id", Key, primary_key=True),
    sa.Column("role", Key, primary_key=True),
    sa.Column("seller_id", Key, nullable=False, index=True),
    sa.Column("name", Key, nullable=False),
    sa.Column("number", Key, nullable=False),
    sa.Column("content", Key, nullable=False, index=True),
    sa.Column("print", sa.Text, nullable=False),
    sa.Column("phash", Key, nullable=False, index=True),
    sa.Column("kept_at", Moment, nullable=False),
)

# The print of each photo in parts of 32 bits, each with its place: what agrees in one of them is compared in full.
identity_parts = sa.Table(
    "identity_parts",
    metadata,
    sa.Column("part", sa.BigInteger, primary_key=True, autoincrement=False),
    sa.Column("application_id", Key, primary_key=True),
    sa.Column("role", Key, primary_key=True),
    sa.Index(None, "application_id", "role"),
)

# What the provider of real-person comparison said of the photos and numbers of an application (`about`: their hash).
identity_verdicts = sa.Table(
    "identity_verdicts",
    metadata,
    sa.Column("application_id", Key, primary_key=True),
    sa.Column("about", Key, primary_key=True),
    sa.Column("verdict", Json, nullable=False),
    sa.Column("asked_at", Moment, nullable=False),
)

# Checks that were asked for, with what the applicant was told; `body_digest` is a keyed hash of what was asked about.
identity_checks = sa.Table(
    "identity_checks",
    metadata,
    sa.Column("decision_id", Key, primary_key=True),
    sa.Column("application_id", Key, nullable=False, index=True),
    sa.Column("idempotency_key", Key, unique=True),
    sa.Column("body_digest", Key, nullable=False),
    sa.Column("told", Json, nullable=False),
    sa.Column("at", Moment, nullable=False),
)
