"""The audit log: entries, salts, tiles, checkpoints."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from agoranomos.kernel.dialects import Key, Moment, Position

revision = "0004"
down_revision = "0003"


def upgrade() -> None:
    """Creates the tables."""
    op.create_table(
        "audit_entries",
        sa.Column("leaf_index", Position, autoincrement=False, nullable=False),
        sa.Column("leaf", sa.Text, nullable=False),
        sa.Column("leaf_hash", sa.LargeBinary, nullable=False),
        sa.Column("actor_kind", Key, nullable=False),
        sa.Column("actor_id", Key, nullable=False),
        sa.Column("subject_kind", Key, nullable=False),
        sa.Column("subject_id", Key, nullable=False),
        sa.PrimaryKeyConstraint("leaf_index", name="pk_audit_entries"),
    )
    op.create_index("ix_audit_entries_leaf_hash", "audit_entries", ["leaf_hash"])
    op.create_index("ix_audit_entries_actor_id_leaf_index", "audit_entries", ["actor_id", "leaf_index"])
    op.create_index("ix_audit_entries_subject_id_leaf_index", "audit_entries", ["subject_id", "leaf_index"])
    op.create_table(
        "audit_salts",
        sa.Column("leaf_index", Position, autoincrement=False, nullable=False),
        sa.Column("name", Key, nullable=False),
        sa.Column("salt", sa.LargeBinary, nullable=False),
        sa.PrimaryKeyConstraint("leaf_index", "name", name="pk_audit_salts"),
    )
    op.create_table(
        "audit_tiles",
        sa.Column("level", sa.Integer, autoincrement=False, nullable=False),
        sa.Column("tile_index", sa.BigInteger, autoincrement=False, nullable=False),
        sa.Column("hashes", sa.LargeBinary, nullable=False),
        sa.PrimaryKeyConstraint("level", "tile_index", name="pk_audit_tiles"),
    )
    op.create_table(
        "audit_checkpoints",
        sa.Column("size", Position, autoincrement=False, nullable=False),
        sa.Column("at", Moment, nullable=False),
        sa.Column("note", sa.Text, nullable=False),
        sa.PrimaryKeyConstraint("size", name="pk_audit_checkpoints"),
    )
    op.create_table(
        "audit_cosignatures",
        sa.Column("size", Position, autoincrement=False, nullable=False),
        sa.Column("line", Key, nullable=False),
        sa.PrimaryKeyConstraint("size", "line", name="pk_audit_cosignatures"),
        sa.ForeignKeyConstraint(["size"], ["audit_checkpoints.size"], "fk_audit_cosignatures_size_audit_checkpoints"),
    )
