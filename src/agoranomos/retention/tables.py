"""What holds and runs are kept in."""

from __future__ import annotations

import sqlalchemy as sa

from agoranomos.kernel.dialects import Json, Key, Moment
from agoranomos.kernel.store import metadata

retention_holds = sa.Table(
    "retention_holds",
    metadata,
    sa.Column("hold_id", Key, primary_key=True),
    sa.Column("kind", Key, nullable=False),
    sa.Column("subject_id", Key, nullable=False),
    # A code, and words.
    sa.Column("why", Key, nullable=False),
    sa.Column("note", sa.Text, nullable=False),
    sa.Column("placed_at", Moment, nullable=False),
    sa.Column("placed_by", Key, nullable=False),
    sa.Column("until", Moment),
    sa.Column("lifted_at", Moment),
    sa.Column("lifted_by", Key),
    sa.CheckConstraint("(lifted_at IS NULL) = (lifted_by IS NULL)", "lifted"),
    sa.Index(None, "lifted_at", "until"),
    sa.Index(None, "placed_at", "hold_id"),
)

retention_runs = sa.Table(
    "retention_runs",
    metadata,
    sa.Column("run_id", Key, primary_key=True),
    sa.Column("started_at", Moment, nullable=False),
    sa.Column("ended_at", Moment),
    # A `Run`.
    sa.Column("document", Json, nullable=False),
    sa.Index(None, "started_at", "run_id"),
)
