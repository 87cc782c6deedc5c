"""Orders are found by their age, so that those of no more use can be forgotten; actions have several reasons."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from agoranomos.kernel.dialects import Json, Key, Moment

revision = "0027"
down_revision = "0026"


def upgrade() -> None:
    """Creates an index and a table."""
    op.create_index("ix_trade_orders_placed_at", "trade_orders", ["placed_at"])
    op.create_table(
        "joined_reasons",
        sa.Column("action_id", Key, nullable=False),
        sa.Column("owner_id", Key, nullable=False),
        sa.Column("because", Json, nullable=False),
        sa.Column("requested_by", Key, nullable=False),
        sa.Column("at", Moment, nullable=False),
        sa.Column("withdrawn_at", Moment),
        sa.ForeignKeyConstraint(["owner_id"], ["actions.action_id"], name="fk_joined_reasons_owner_id_actions"),
        sa.PrimaryKeyConstraint("action_id", name="pk_joined_reasons"),
    )
    op.create_index("ix_joined_reasons_owner_id", "joined_reasons", ["owner_id"])
