"""The tables of second opinions and of known cases."""

from __future__ import annotations

import sqlalchemy as sa

from agoranomos.kernel.dialects import Json, Key, Moment
from agoranomos.kernel.store import metadata

case_opinions = sa.Table(
    "case_opinions",
    metadata,
    sa.Column("case_id", Key, sa.ForeignKey("cases.case_id"), primary_key=True),
    sa.Column("queue", Key, nullable=False),
    sa.Column("first_by", Key, nullable=False),
    sa.Column("first_outcome", Key, nullable=False),
    sa.Column("first_clause", Key, nullable=False),
    sa.Column("asked_at", Moment, nullable=False),
    sa.Column("holder", Key),
    sa.Column("claim_until", Moment),
    sa.Column("second_by", Key),
    sa.Column("second_outcome", Key),
    sa.Column("second_clause", Key),
    sa.Column("given_at", Moment),
    sa.CheckConstraint("first_by <> second_by", "two"),
    sa.CheckConstraint("(second_by IS NULL) = (given_at IS NULL)", "given"),
    sa.Index(None, "given_at", "asked_at"),
)
"""Decided cases that a second person looks at, or has looked at."""

case_seeds = sa.Table(
    "case_seeds",
    metadata,
    sa.Column("case_id", Key, sa.ForeignKey("cases.case_id"), primary_key=True),
    sa.Column("truth_outcome", Key, nullable=False),
    sa.Column("truth_clause", Key, nullable=False),
    sa.Column("planted_by", Key, nullable=False),
    sa.Column("planted_at", Moment, nullable=False),
    sa.Column("findings", Json, nullable=False),
    sa.Column("by", Key, index=True),
    sa.Column("outcome", Key),
    sa.Column("clause", Key),
    sa.Column("decided_at", Moment),
)
"""Cases of which the truth is known, hidden among the others; nothing follows from what is decided about them."""
