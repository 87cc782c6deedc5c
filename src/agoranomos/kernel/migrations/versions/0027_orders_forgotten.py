"""Orders are found by their age, so that those of no more use can be forgotten."""

from __future__ import annotations

from alembic import op

revision = "0027"
down_revision = "0025"


def upgrade() -> None:
    """Creates the index."""
    op.create_index("ix_trade_orders_placed_at", "trade_orders", ["placed_at"])
