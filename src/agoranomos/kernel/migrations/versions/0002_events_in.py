"""The event log, the progress of files into it, and the vault for personal data."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from agoranomos.kernel.dialects import Json, Key, Moment, Position

revision = "0002"
down_revision = "0001"


def upgrade() -> None:
    """Creates the tables, room by room."""
    _vault()
    _intake()


def _vault() -> None:
    op.create_table(
        "vault_keys",
        sa.Column("subject", Key, nullable=False),
        sa.Column("master_id", Key, nullable=False),
        sa.Column("nonce", sa.LargeBinary, nullable=False),
        sa.Column("wrapped", sa.LargeBinary, nullable=False),
        sa.Column("made_at", Moment, nullable=False),
        sa.PrimaryKeyConstraint("subject", name="pk_vault_keys"),
    )
    op.create_table(
        "vault_values",
        sa.Column("token", Key, nullable=False),
        sa.Column("subject", Key, nullable=False),
        sa.Column("nonce", sa.LargeBinary, nullable=False),
        sa.Column("sealed", sa.LargeBinary, nullable=False),
        sa.Column("kept_at", Moment, nullable=False),
        sa.PrimaryKeyConstraint("token", "subject", name="pk_vault_values"),
        sa.ForeignKeyConstraint(
            ["subject"], ["vault_keys.subject"], "fk_vault_values_subject_vault_keys", ondelete="CASCADE"
        ),
    )
    op.create_index("ix_vault_values_subject", "vault_values", ["subject"])
    op.create_table(
        "vault_reveals",
        sa.Column("token", Key, nullable=False),
        sa.Column("at", Moment, nullable=False),
        sa.Column("actor", Key, nullable=False),
        sa.Column("purpose", sa.Text, nullable=False),
        sa.PrimaryKeyConstraint("token", "at", "actor", name="pk_vault_reveals"),
    )


def _intake() -> None:
    op.create_table(
        "intake_events",
        sa.Column("position", Position, nullable=False, autoincrement=False),
        sa.Column("source", Key, nullable=False),
        sa.Column("id", Key, nullable=False),
        sa.Column("type", Key, nullable=False),
        sa.Column("time", Moment, nullable=False),
        sa.Column("subject", Key),
        sa.Column("data", Json, nullable=False),
        sa.Column("extensions", Json),
        sa.Column("received_at", Moment, nullable=False),
        sa.Column("late", sa.Boolean, nullable=False),
        sa.PrimaryKeyConstraint("position", name="pk_intake_events"),
        sa.UniqueConstraint("source", "id", name="uq_intake_events_source_id"),
    )
    op.create_index("ix_intake_events_subject_position", "intake_events", ["subject", "position"])
    op.create_table(
        "intake_streams",
        sa.Column("source", Key, nullable=False),
        sa.Column("newest_at", Moment, nullable=False),
        sa.PrimaryKeyConstraint("source", name="pk_intake_streams"),
    )
    op.create_table(
        "intake_files",
        sa.Column("run_id", Key, nullable=False),
        sa.Column("number", sa.Integer, nullable=False),
        sa.Column("file", sa.Text, nullable=False),
        sa.Column("line", sa.BigInteger, nullable=False),
        sa.Column("done", sa.Boolean, nullable=False),
        sa.Column("counts", Json, nullable=False),
        sa.Column("changed_at", Moment, nullable=False),
        sa.PrimaryKeyConstraint("run_id", "number", name="pk_intake_files"),
    )
    op.create_table(
        "intake_rejects",
        sa.Column("run_id", Key, nullable=False),
        sa.Column("number", sa.Integer, nullable=False),
        sa.Column("line", sa.BigInteger, nullable=False),
        sa.Column("reason", sa.Text, nullable=False),
        sa.Column("pointer", sa.Text, nullable=False),
        sa.PrimaryKeyConstraint("run_id", "number", "line", name="pk_intake_rejects"),
        sa.ForeignKeyConstraint(
            ["run_id", "number"],
            ["intake_files.run_id", "intake_files.number"],
            "fk_intake_rejects_run_id_intake_files",
            ondelete="CASCADE",
        ),
    )
