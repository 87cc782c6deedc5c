"""What speaks against a batch, each by itself, so that it can be taken back; orders by batch and by buyer."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from agoranomos.kernel.dialects import Json

revision = "0065"
down_revision = "0060"


def upgrade() -> None:
    """Adds the column and the indexes."""
    op.add_column("batches", sa.Column("against", Json))
    op.create_index("ix_trade_orders_batch_id", "trade_orders", ["batch_id"])
    op.create_index("ix_trade_orders_buyer_id", "trade_orders", ["buyer_id"])
