"""How far each monitor has come in the log."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from agoranomos.kernel.dialects import Key, Moment

revision = "0008"
down_revision = "0007"


def upgrade() -> None:
    """Creates the table."""
    op.create_table(
        "stream_checkpoints",
        sa.Column("monitor", Key, nullable=False),
        sa.Column("version", Key, nullable=False),
        sa.Column("position", sa.BigInteger, nullable=False),
        sa.Column("held_from", sa.BigInteger, nullable=False),
        sa.Column("watermark", Moment),
        sa.Column("newest", Moment),
        sa.Column("received_at", Moment),
        sa.Column("heard_until", Moment),
        sa.Column("late", sa.BigInteger, nullable=False),
        sa.Column("state", sa.LargeBinary, nullable=False),
        sa.Column("taken_at", Moment, nullable=False),
        sa.PrimaryKeyConstraint("monitor", name="pk_stream_checkpoints"),
    )
