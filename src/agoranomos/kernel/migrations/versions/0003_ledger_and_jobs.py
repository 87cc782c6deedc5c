"""The ledger, and background work."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from agoranomos.kernel.dialects import Json, Key, Moment, append_only

revision = "0003"
down_revision = "0002"


def upgrade() -> None:
    """Creates the tables."""
    _ledger()
    _jobs()


def _ledger() -> None:
    op.create_table(
        "ledger_accounts",
        sa.Column("id", Key, nullable=False),
        sa.Column("unit", Key, nullable=False),
        sa.Column("kind", Key, nullable=False),
        sa.Column("opened_at", Moment, nullable=False),
        sa.Column("floor", sa.BigInteger),
        sa.Column("ceiling", sa.BigInteger),
        sa.Column("debits_posted", sa.BigInteger, nullable=False),
        sa.Column("credits_posted", sa.BigInteger, nullable=False),
        sa.Column("debits_pending", sa.BigInteger, nullable=False),
        sa.Column("credits_pending", sa.BigInteger, nullable=False),
        sa.CheckConstraint(
            "debits_posted >= 0 AND credits_posted >= 0 AND debits_pending >= 0 AND credits_pending >= 0", "totals"
        ),
        sa.CheckConstraint("floor IS NULL OR credits_posted - debits_posted - debits_pending >= floor", "floor"),
        sa.CheckConstraint("ceiling IS NULL OR credits_posted - debits_posted + credits_pending <= ceiling", "ceiling"),
        sa.PrimaryKeyConstraint("id", name="pk_ledger_accounts"),
    )
    op.create_table(
        "ledger_transfers",
        sa.Column("id", Key, nullable=False),
        sa.Column("kind", Key, nullable=False),
        sa.Column("debit", Key, nullable=False),
        sa.Column("credit", Key, nullable=False),
        sa.Column("amount", sa.BigInteger, nullable=False),
        sa.Column("held", sa.BigInteger, nullable=False),
        sa.Column("at", Moment, nullable=False),
        sa.Column("recorded_at", Moment, nullable=False),
        sa.Column("expires_at", Moment),
        sa.Column("reason", Key, nullable=False),
        sa.Column("because", Json, nullable=False),
        sa.Column("refers_to", Key),
        sa.CheckConstraint("amount > 0", "amount"),
        sa.CheckConstraint("debit <> credit", "two_accounts"),
        sa.CheckConstraint("kind IN ('transfer', 'reserve', 'settle', 'release', 'expire', 'reverse')", "kind"),
        sa.CheckConstraint("(kind IN ('transfer', 'reserve')) = (refers_to IS NULL)", "refers_to"),
        sa.CheckConstraint(
            "CASE WHEN kind = 'reserve' THEN held = amount WHEN kind IN ('settle', 'release', 'expire') "
            "THEN held <= -amount ELSE held = 0 END",
            "held",
        ),
        sa.PrimaryKeyConstraint("id", name="pk_ledger_transfers"),
        sa.ForeignKeyConstraint(["debit"], ["ledger_accounts.id"], "fk_ledger_transfers_debit_ledger_accounts"),
        sa.ForeignKeyConstraint(["credit"], ["ledger_accounts.id"], "fk_ledger_transfers_credit_ledger_accounts"),
        sa.ForeignKeyConstraint(
            ["refers_to"], ["ledger_transfers.id"], "fk_ledger_transfers_refers_to_ledger_transfers"
        ),
    )
    op.create_index("ix_ledger_transfers_debit_at", "ledger_transfers", ["debit", "at"])
    op.create_index("ix_ledger_transfers_credit_at", "ledger_transfers", ["credit", "at"])
    op.create_index(
        "ix_ledger_transfers_refers_to",
        "ledger_transfers",
        ["refers_to"],
        unique=True,
        sqlite_where=sa.text("refers_to IS NOT NULL"),
        postgresql_where=sa.text("refers_to IS NOT NULL"),
    )
    op.create_table(
        "ledger_reservations",
        sa.Column("transfer_id", Key, nullable=False),
        sa.Column("expires_at", Moment),
        sa.PrimaryKeyConstraint("transfer_id", name="pk_ledger_reservations"),
        sa.ForeignKeyConstraint(
            ["transfer_id"], ["ledger_transfers.id"], "fk_ledger_reservations_transfer_id_ledger_transfers"
        ),
    )
    op.create_index("ix_ledger_reservations_expires_at", "ledger_reservations", ["expires_at"])
    append_only(op.get_bind(), "ledger_accounts", ("id", "unit", "kind", "opened_at", "floor", "ceiling"))
    append_only(op.get_bind(), "ledger_transfers")


def _jobs() -> None:
    op.create_table(
        "jobs",
        sa.Column("kind", Key, nullable=False),
        sa.Column("key", Key, nullable=False),
        sa.Column("payload", Json, nullable=False),
        sa.Column("state", Key, nullable=False),
        sa.Column("due_at", Moment, nullable=False),
        sa.Column("free_at", Moment, nullable=False),
        sa.Column("every_s", sa.Integer),
        sa.Column("attempts", sa.Integer, nullable=False),
        sa.Column("attempts_max", sa.Integer, nullable=False),
        sa.Column("lease", sa.BigInteger, nullable=False),
        sa.Column("worker_id", Key),
        sa.Column("reason", Key),
        sa.Column("enqueued_at", Moment, nullable=False),
        sa.Column("ended_at", Moment),
        sa.CheckConstraint("state IN ('waiting', 'done', 'dead')", "state"),
        sa.CheckConstraint("(state = 'waiting') = (ended_at IS NULL)", "ended_at"),
        sa.CheckConstraint("attempts >= 0 AND attempts_max > 0 AND (every_s IS NULL OR every_s > 0)", "numbers"),
        sa.PrimaryKeyConstraint("kind", "key", name="pk_jobs"),
    )
    op.create_index("ix_jobs_state_free_at", "jobs", ["state", "free_at"])
    op.create_table(
        "job_holders",
        sa.Column("name", Key, nullable=False),
        sa.Column("holder_id", Key),
        sa.Column("token", sa.BigInteger, nullable=False),
        sa.Column("until", Moment, nullable=False),
        sa.PrimaryKeyConstraint("name", name="pk_job_holders"),
    )
