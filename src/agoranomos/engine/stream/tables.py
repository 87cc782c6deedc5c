"""How far each monitor has come, and what it knew there."""

from __future__ import annotations

import sqlalchemy as sa

from agoranomos.kernel.dialects import Key, Moment
from agoranomos.kernel.store import metadata

stream_checkpoints = sa.Table(
    "stream_checkpoints",
    metadata,
    sa.Column("monitor", Key, primary_key=True),
    sa.Column("version", Key, nullable=False),
    # Everything up to this position of the log was read …
    sa.Column("position", sa.BigInteger, nullable=False),
    # … and of that, what came from here on and is newer than the watermark was held back.
    sa.Column("held_from", sa.BigInteger, nullable=False),
    sa.Column("watermark", Moment),
    sa.Column("newest", Moment),
    sa.Column("received_at", Moment),  # of the event at `position`
    sa.Column("heard_until", Moment),
    sa.Column("late", sa.BigInteger, nullable=False),
    sa.Column("state", sa.LargeBinary, nullable=False),
    sa.Column("taken_at", Moment, nullable=False),
)
