"""The tables of the audit log. Entries are only ever added, tiles lengthened; old checkpoints are thinned out."""

from __future__ import annotations

import sqlalchemy as sa

from agoranomos.kernel.dialects import Key, Moment, Position
from agoranomos.kernel.store import metadata

audit_entries = sa.Table(
    "audit_entries",
    metadata,
    sa.Column("leaf_index", Position, primary_key=True, autoincrement=False),
    sa.Column("leaf", sa.Text, nullable=False),
    sa.Column("leaf_hash", sa.LargeBinary, nullable=False),
    # Out of the leaf, to look entries up by; verifying compares them with it.
    sa.Column("actor_kind", Key, nullable=False),
    sa.Column("actor_id", Key, nullable=False),
    sa.Column("subject_kind", Key, nullable=False),
    sa.Column("subject_id", Key, nullable=False),
    sa.Index(None, "leaf_hash"),
    sa.Index(None, "actor_id", "leaf_index"),
    sa.Index(None, "subject_id", "leaf_index"),
)

audit_salts = sa.Table(
    "audit_salts",
    metadata,
    # No foreign key: a salt is erased by itself, and an entry never.
    sa.Column("leaf_index", Position, primary_key=True, autoincrement=False),
    sa.Column("name", Key, primary_key=True),
    sa.Column("salt", sa.LargeBinary, nullable=False),
)

audit_tiles = sa.Table(
    "audit_tiles",
    metadata,
    sa.Column("level", sa.Integer, primary_key=True, autoincrement=False),
    sa.Column("tile_index", sa.BigInteger, primary_key=True, autoincrement=False),
    sa.Column("hashes", sa.LargeBinary, nullable=False),
)

audit_checkpoints = sa.Table(
    "audit_checkpoints",
    metadata,
    sa.Column("size", Position, primary_key=True, autoincrement=False),
    sa.Column("at", Moment, nullable=False),
    sa.Column("note", sa.Text, nullable=False),
    sa.Index(None, "at"),
)

# Checkpoints that somebody outside keeps or has testified to: they are never thinned out.
audit_anchors = sa.Table(
    "audit_anchors",
    metadata,
    sa.Column("size", Position, sa.ForeignKey("audit_checkpoints.size"), primary_key=True, autoincrement=False),
    # `git`, or `time_stamp`.
    sa.Column("place", Key, primary_key=True),
    sa.Column("at", Moment, nullable=False),
)

audit_cosignatures = sa.Table(
    "audit_cosignatures",
    metadata,
    sa.Column("size", Position, sa.ForeignKey("audit_checkpoints.size"), primary_key=True, autoincrement=False),
    sa.Column("line", Key, primary_key=True),
)
