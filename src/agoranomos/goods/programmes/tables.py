"""Who is on the way back, and what is known of them."""

from __future__ import annotations

import sqlalchemy as sa

from agoranomos.kernel.dialects import Json, Key, Moment
from agoranomos.kernel.store import metadata

programme_enrolments = sa.Table(
    "programme_enrolments",
    metadata,
    sa.Column("enrolment_id", Key, primary_key=True),
    sa.Column("seller_id", Key, nullable=False),
    sa.Column("programme", Key, nullable=False),
    sa.Column("state", Key, nullable=False),
    sa.Column("asked_at", Moment, nullable=False),
    sa.Column("asked_by", Key, nullable=False),
    sa.Column("approval_id", Key, nullable=False),
    sa.Column("began_at", Moment),
    sa.Column("in_force", Json, nullable=False),
    sa.Column("reached", Json, nullable=False),
    sa.Column("relapses", sa.Integer, nullable=False),
    # When somebody has to look again: something was heard, or time alone lifts something.
    sa.Column("due_at", Moment, index=True),
    sa.CheckConstraint("state IN ('asked', 'refused', 'active', 'completed', 'expelled', 'left')", "state"),
    # Nobody is enrolled but by the second person's word, which makes it begin.
    sa.CheckConstraint("(state IN ('asked', 'refused')) = (began_at IS NULL)", "began"),
    sa.Index(None, "seller_id", "asked_at"),
)

programme_facts = sa.Table(
    "programme_facts",
    metadata,
    sa.Column("enrolment_id", Key, sa.ForeignKey("programme_enrolments.enrolment_id"), primary_key=True),
    sa.Column("kind", Key, primary_key=True),
    sa.Column("fact_id", Key, primary_key=True),
    sa.Column("at", Moment, nullable=False),
    sa.Column("overturned", sa.Boolean, nullable=False),
    sa.CheckConstraint("kind IN ('enrolled', 'milestone', 'genuine', 'relapse', 'left')", "kind"),
)

programme_stores = sa.Table(
    "programme_stores",
    metadata,
    sa.Column("store_id", Key, primary_key=True),
    sa.Column("seller_id", Key, nullable=False),
)
