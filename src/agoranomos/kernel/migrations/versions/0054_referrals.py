"""Referrals: their packages, the chain of custody, and what came of them."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from agoranomos.kernel.dialects import Json, Key, Moment, append_only

revision = "0054"
down_revision = "0053"


def upgrade() -> None:
    """Creates the tables."""
    _referrals()
    op.create_table(
        "referral_packages",
        sa.Column("referral_id", Key, nullable=False),
        sa.Column("number", sa.Integer, nullable=False, autoincrement=False),
        sa.Column("document", Json, nullable=False),
        sa.PrimaryKeyConstraint("referral_id", "number", name="pk_referral_packages"),
        _of_referral("referral_packages"),
    )
    op.create_table(
        "referral_custody",
        sa.Column("referral_id", Key, nullable=False),
        sa.Column("number", sa.Integer, nullable=False, autoincrement=False),
        sa.Column("at", Moment, nullable=False),
        sa.Column("actor", Key, nullable=False),
        sa.Column("verb", Key, nullable=False),
        sa.Column("package", sa.Integer, nullable=False),
        sa.Column("sha256", Key),
        sa.Column("audit_index", sa.BigInteger, nullable=False),
        sa.PrimaryKeyConstraint("referral_id", "number", name="pk_referral_custody"),
        _of_referral("referral_custody"),
    )
    op.create_index("ix_referral_custody_verb_at", "referral_custody", ["verb", "at"])
    op.create_table(
        "referral_outcomes",
        sa.Column("referral_id", Key, nullable=False),
        sa.Column("number", sa.Integer, nullable=False, autoincrement=False),
        sa.Column("at", Moment, nullable=False),
        *(sa.Column(name, sa.Integer, nullable=False) for name in ("cases", "suspects", "detained", "convicted")),
        *(sa.Column(name, sa.BigInteger, nullable=False) for name in ("involved", "recovered")),
        sa.Column("currency", Key, nullable=False),
        sa.PrimaryKeyConstraint("referral_id", "number", name="pk_referral_outcomes"),
        _of_referral("referral_outcomes"),
    )
    op.create_index("ix_referral_outcomes_at", "referral_outcomes", ["at"])
    for table in ("referral_packages", "referral_custody", "referral_outcomes"):
        append_only(op.get_bind(), table)


def _of_referral(table: str) -> sa.ForeignKeyConstraint:
    name = f"fk_{table}_referral_id_referrals"
    return sa.ForeignKeyConstraint(["referral_id"], ["referrals.referral_id"], name=name)


def _referrals() -> None:
    op.create_table(
        "referrals",
        sa.Column("referral_id", Key, nullable=False),
        sa.Column("about_kind", Key, nullable=False),
        sa.Column("about_id", Key, nullable=False),
        sa.Column("authority", Key, nullable=False),
        sa.Column("because", Key),
        sa.Column("state", Key, nullable=False),
        sa.Column("opened_at", Moment, nullable=False),
        sa.Column("opened_by", Key, nullable=False),
        sa.Column("package", sa.Integer, nullable=False),
        sa.Column("sent", sa.Integer, nullable=False),
        sa.Column("reference", Key),
        sa.Column("changed_at", Moment, nullable=False),
        sa.CheckConstraint(
            "state IN ('open', 'sent', 'received', 'accepted', 'rejected', 'closed', 'withdrawn')",
            name="state",
        ),
        sa.CheckConstraint("sent <= package", name="sent"),
        sa.PrimaryKeyConstraint("referral_id", name="pk_referrals"),
    )
    for columns in (
        ("opened_at", "referral_id"),
        ("state", "opened_at", "referral_id"),
        ("about_kind", "about_id"),
        ("because",),
    ):
        op.create_index(f"ix_referrals_{'_'.join(columns)}", "referrals", list(columns))
