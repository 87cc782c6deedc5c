"""What background work is kept in: the jobs, and who may act alone under a name."""

from __future__ import annotations

import sqlalchemy as sa

from agoranomos.kernel.dialects import Json, Key, Moment
from agoranomos.kernel.store import metadata

jobs = sa.Table(
    "jobs",
    metadata,
    sa.Column("kind", Key, primary_key=True),
    sa.Column("key", Key, primary_key=True),
    sa.Column("payload", Json, nullable=False),
    sa.Column("state", Key, nullable=False),
    sa.Column("due_at", Moment, nullable=False),
    # From when it may be leased: due, put off after a failure, or the end of a lease. One column, one index.
    sa.Column("free_at", Moment, nullable=False),
    sa.Column("every_s", sa.Integer),
    sa.Column("attempts", sa.Integer, nullable=False),
    sa.Column("attempts_max", sa.Integer, nullable=False),
    # Counts every lease, also over turns: who comes back from the dead has an old number.
    sa.Column("lease", sa.BigInteger, nullable=False),
    sa.Column("worker_id", Key),
    sa.Column("reason", Key),
    sa.Column("enqueued_at", Moment, nullable=False),
    sa.Column("ended_at", Moment),
    sa.CheckConstraint("state IN ('waiting', 'done', 'dead')", "state"),
    sa.CheckConstraint("(state = 'waiting') = (ended_at IS NULL)", "ended_at"),
    sa.CheckConstraint("attempts >= 0 AND attempts_max > 0 AND (every_s IS NULL OR every_s > 0)", "numbers"),
    sa.Index(None, "state", "free_at"),
)

job_holders = sa.Table(
    "job_holders",
    metadata,
    sa.Column("name", Key, primary_key=True),
    sa.Column("holder_id", Key),
    sa.Column("token", sa.BigInteger, nullable=False),
    sa.Column("until", Moment, nullable=False),
)
