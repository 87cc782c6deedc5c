"""Virtual numbers of orders."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from agoranomos.kernel.dialects import Json, Key, Moment

revision = "0045"
down_revision = "0044"


def upgrade() -> None:
    """Creates the table."""
    op.create_table(
        "number_bindings",
        sa.Column("binding_id", Key, nullable=False),
        sa.Column("order_id", Key, nullable=False),
        sa.Column("store_id", Key, nullable=False),
        sa.Column("account_id", Key, nullable=False),
        sa.Column("turn", sa.Integer, nullable=False),
        sa.Column("virtual_number", Key),
        sa.Column("state", Key, nullable=False),
        sa.Column("asked_at", Moment, nullable=False),
        sa.Column("expires_at", Moment, nullable=False),
        sa.Column("told_at", Moment),
        sa.Column("document", Json, nullable=False),
        sa.PrimaryKeyConstraint("binding_id", name="pk_number_bindings"),
        sa.UniqueConstraint("order_id", "turn", name="uq_number_bindings_order_id_turn"),
        sa.CheckConstraint("state IN ('asked', 'bound', 'ended')", "state"),
    )
    op.create_index(
        "ix_number_bindings_virtual_number_asked_at", "number_bindings", ["virtual_number", "asked_at"]
    )  # fmt: skip
    op.create_index("ix_number_bindings_told_at_expires_at", "number_bindings", ["told_at", "expires_at"])
    op.create_index("ix_number_bindings_account_id_store_id", "number_bindings", ["account_id", "store_id"])
    op.create_index("ix_number_bindings_asked_at_binding_id", "number_bindings", ["asked_at", "binding_id"])
