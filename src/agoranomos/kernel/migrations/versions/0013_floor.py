"""What is live of the catalogue, where checkpoints were anchored, and which master keys the vault knows."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from agoranomos.kernel.dialects import Key, Moment, Position

revision = "0013"
down_revision = "0012"


def upgrade() -> None:
    """Creates the tables, and an index over the age of messages."""
    op.create_table(
        "catalogue_live",
        sa.Column("subject_kind", Key, nullable=False),
        sa.Column("subject_id", Key, nullable=False),
        sa.Column("store_id", Key, nullable=False),
        sa.PrimaryKeyConstraint("subject_kind", "subject_id", name="pk_catalogue_live"),
    )
    op.create_index("ix_catalogue_live_store_id", "catalogue_live", ["store_id"])
    op.create_table(
        "catalogue_counts",
        sa.Column("subject_kind", Key, nullable=False),
        sa.Column("live", sa.BigInteger, nullable=False),
        sa.Column("position", sa.BigInteger, nullable=False),
        sa.PrimaryKeyConstraint("subject_kind", name="pk_catalogue_counts"),
    )
    op.create_index("ix_outbox_at_message_id", "outbox", ["at", "message_id"])
    op.create_table(
        "audit_anchors",
        sa.Column("size", Position, autoincrement=False, nullable=False),
        sa.Column("place", Key, nullable=False),
        sa.Column("at", Moment, nullable=False),
        sa.ForeignKeyConstraint(["size"], ["audit_checkpoints.size"], name="fk_audit_anchors_size_audit_checkpoints"),
        sa.PrimaryKeyConstraint("size", "place", name="pk_audit_anchors"),
    )
    op.create_index("ix_audit_checkpoints_at", "audit_checkpoints", ["at"])
    op.create_table(
        "vault_masters",
        sa.Column("master_id", Key, nullable=False),
        sa.Column("known_at", Moment, nullable=False),
        sa.Column("retired_at", Moment),
        sa.PrimaryKeyConstraint("master_id", name="pk_vault_masters"),
    )
    op.create_index("ix_vault_keys_master_id_subject", "vault_keys", ["master_id", "subject"])
