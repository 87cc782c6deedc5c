"""The table of curves that scores were fitted to."""

from __future__ import annotations

import sqlalchemy as sa

from agoranomos.kernel.dialects import Json, Key, Moment
from agoranomos.kernel.store import metadata

case_calibrations = sa.Table(
    "case_calibrations",
    metadata,
    sa.Column("calibration_id", Key, primary_key=True),
    sa.Column("code", Key, nullable=False),
    sa.Column("state", Key, nullable=False),
    sa.Column("made_at", Moment, nullable=False),
    sa.Column("made_by", Key, nullable=False),
    sa.Column("applied_at", Moment),
    # The same while it is applied, so that the database keeps a second one of a code away.
    sa.Column("applied_code", Key, unique=True),
    sa.Column("document", Json, nullable=False),
    sa.CheckConstraint("state IN ('proposed', 'applied', 'ended')", "state"),
    sa.CheckConstraint("(state = 'applied') = (applied_code IS NOT NULL)", "applied"),
    sa.Index(None, "code", "made_at"),
    sa.Index(None, "made_at", "calibration_id"),
)
