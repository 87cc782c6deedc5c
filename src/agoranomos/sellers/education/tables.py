"""Who tried which quiz, and how it went. Single answers are not kept."""

from __future__ import annotations

import sqlalchemy as sa

from agoranomos.kernel.dialects import Key, Moment
from agoranomos.kernel.store import metadata

education_attempts = sa.Table(
    "education_attempts",
    metadata,
    sa.Column("attempt_id", Key, primary_key=True),
    sa.Column("seller_id", Key, nullable=False),
    sa.Column("course_id", Key, nullable=False),
    sa.Column("at", Moment, nullable=False),
    sa.Column("right_answers", sa.Integer, nullable=False),
    sa.Column("asked", sa.Integer, nullable=False),
    sa.Column("passed", sa.Boolean, nullable=False),
    sa.Index(None, "seller_id", "course_id", "at"),
)
