"""Permits to read personal data, the budgets of a day, and what values are kept for."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from agoranomos.kernel.dialects import Json, Key, Moment

revision = "0049"
down_revision = "0048"


def upgrade() -> None:
    """Creates the tables, and adds what values and reveals have to say."""
    op.create_table(
        "vault_permits",
        sa.Column("permit_id", Key, nullable=False),
        sa.Column("actor", Key, nullable=False),
        sa.Column("case_id", Key, nullable=False),
        sa.Column("purpose", Key, nullable=False),
        sa.Column("subjects", Json, nullable=False),
        sa.Column("asked_at", Moment, nullable=False),
        sa.Column("until", Moment),
        sa.Column("approval_id", Key),
        sa.Column("ended_at", Moment),
        sa.PrimaryKeyConstraint("permit_id", name="pk_vault_permits"),
    )
    op.create_index("ix_vault_permits_asked_at_permit_id", "vault_permits", ["asked_at", "permit_id"])
    op.create_table(
        "vault_budgets",
        sa.Column("who", Key, nullable=False),
        sa.Column("day", sa.Integer, nullable=False),
        sa.Column("values_shown", sa.Integer, nullable=False),
        sa.Column("searches", sa.Integer, nullable=False),
        sa.PrimaryKeyConstraint("who", "day", name="pk_vault_budgets"),
    )
    op.add_column("vault_values", sa.Column("kept_for", Key))
    op.add_column("vault_reveals", sa.Column("permit_id", Key))
    op.create_index("ix_vault_reveals_at_token", "vault_reveals", ["at", "token"])
