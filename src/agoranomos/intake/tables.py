"""The event log, how far its streams are, and how far files have been read into it."""

from __future__ import annotations

import sqlalchemy as sa

from agoranomos.kernel.dialects import Json, Key, Moment, Position
from agoranomos.kernel.store import metadata

intake_events = sa.Table(
    "intake_events",
    metadata,
    # Given out under a lock, so that positions become visible in their order; a reader needs no more than the last
    # one that it has seen.
    sa.Column("position", Position, primary_key=True, autoincrement=False),
    sa.Column("source", Key, nullable=False),
    sa.Column("id", Key, nullable=False),
    sa.Column("type", Key, nullable=False),
    sa.Column("time", Moment, nullable=False),
    sa.Column("subject", Key),
    # With tokens in the place of personal data.
    sa.Column("data", Json, nullable=False),
    # Further fields of the envelope; null when there are none but the usual specversion.
    sa.Column("extensions", Json),
    sa.Column("received_at", Moment, nullable=False),
    sa.Column("late", sa.Boolean, nullable=False),
    sa.UniqueConstraint("source", "id"),
    sa.Index(None, "subject", "position"),
    # What happened lately, for whoever counts it anew.
    sa.Index(None, "type", "time"),
)

intake_streams = sa.Table(
    "intake_streams",
    metadata,
    sa.Column("source", Key, primary_key=True),
    # The newest time of an event, but never later than the moment it came in: one clock that runs ahead must not
    # make everything after it late.
    sa.Column("newest_at", Moment, nullable=False),
)

intake_files = sa.Table(
    "intake_files",
    metadata,
    # A hash of all files of one call, with their sizes and times of change.
    sa.Column("run_id", Key, primary_key=True),
    sa.Column("number", sa.Integer, primary_key=True),
    sa.Column("file", sa.Text, nullable=False),
    # Lines (rows of Parquet) up to here are in the log or among the rejects.
    sa.Column("line", sa.BigInteger, nullable=False),
    sa.Column("done", sa.Boolean, nullable=False),
    sa.Column("counts", Json, nullable=False),
    sa.Column("changed_at", Moment, nullable=False),
)

intake_rejects = sa.Table(
    "intake_rejects",
    metadata,
    sa.Column("run_id", Key, primary_key=True),
    sa.Column("number", sa.Integer, primary_key=True),
    sa.Column("line", sa.BigInteger, primary_key=True),
    sa.Column("reason", sa.Text, nullable=False),
    sa.Column("pointer", sa.Text, nullable=False),
    sa.ForeignKeyConstraint(["run_id", "number"], ["intake_files.run_id", "intake_files.number"], ondelete="CASCADE"),
)
