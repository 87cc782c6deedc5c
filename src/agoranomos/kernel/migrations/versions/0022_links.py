"""Links between sellers: what each has said as digests, who came back, stores, and how far the log was heard."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from agoranomos.kernel.dialects import Json, Key, Moment

revision = "0022"
down_revision = "0020"


def upgrade() -> None:
    """Creates the tables."""
    op.create_table(
        "link_sellers",
        sa.Column("seller_id", Key, nullable=False),
        sa.Column("state", Key, nullable=False),
        sa.Column("closed_at", Moment),
        sa.Column("because", Key, nullable=False),
        sa.Column("returns", Key, nullable=False),
        sa.Column("returned_with", Key, nullable=False),
        sa.Column("stores", Json, nullable=False),
        sa.Column("facts", sa.LargeBinary, nullable=False),
        sa.Column("step", sa.BigInteger, nullable=False),
        sa.PrimaryKeyConstraint("seller_id", name="pk_link_sellers"),
        sa.CheckConstraint("state IN ('open', 'closed')", "state"),
        sa.CheckConstraint("(state = 'closed') = (closed_at IS NOT NULL)", "closed"),
    )
    op.create_index("ix_link_sellers_step", "link_sellers", ["step"])
    op.create_table(
        "link_stores",
        sa.Column("store_id", Key, nullable=False),
        sa.Column("seller_id", Key, nullable=False),
        sa.Column("state", Key, nullable=False),
        sa.Column("told_at", Key, nullable=False),
        sa.Column("revision", sa.Integer, nullable=False),
        sa.Column("sources", Json, nullable=False),
        sa.Column("step", sa.BigInteger, nullable=False),
        sa.PrimaryKeyConstraint("store_id", name="pk_link_stores"),
        sa.CheckConstraint("state IN ('open', 'closed')", "state"),
    )
    op.create_index("ix_link_stores_step", "link_stores", ["step"])
    op.create_table(
        "link_progress",
        sa.Column("name", Key, nullable=False),
        sa.Column("step", sa.BigInteger, nullable=False),
        sa.Column("position", sa.BigInteger, nullable=False),
        sa.Column("model", Json),
        sa.Column("fitted_at", sa.BigInteger, nullable=False),
        sa.PrimaryKeyConstraint("name", name="pk_link_progress"),
    )
