"""Permits, and what of the day's budgets is used up; other rooms do not import it."""

from __future__ import annotations

import sqlalchemy as sa

from agoranomos.kernel.dialects import Json, Key, Moment
from agoranomos.kernel.store import metadata

vault_permits = sa.Table(
    "vault_permits",
    metadata,
    sa.Column("permit_id", Key, primary_key=True),
    sa.Column("actor", Key, nullable=False),
    sa.Column("case_id", Key, nullable=False),
    sa.Column("purpose", Key, nullable=False),
    sa.Column("subjects", Json, nullable=False),
    sa.Column("asked_at", Moment, nullable=False),
    sa.Column("until", Moment),
    sa.Column("approval_id", Key),
    sa.Column("ended_at", Moment),
    sa.Index(None, "asked_at", "permit_id"),
)

vault_budgets = sa.Table(
    "vault_budgets",
    metadata,
    # An actor such as `person:p_1`, or `role:analyst` for all of a role together.
    sa.Column("who", Key, primary_key=True),
    # See `kernel.calendar`.
    sa.Column("day", sa.Integer, primary_key=True),
    sa.Column("values_shown", sa.Integer, nullable=False),
    sa.Column("searches", sa.Integer, nullable=False),
)
