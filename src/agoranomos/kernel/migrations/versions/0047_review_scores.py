"""Reviews as the log tells of them, for the two scores of a store."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from agoranomos.kernel.dialects import Key

revision = "0047"
down_revision = "0046"


def upgrade() -> None:
    """Creates the tables."""
    op.create_table(
        "score_reviews",
        sa.Column("review_id", Key, nullable=False),
        sa.Column("store_id", Key, nullable=False),
        sa.Column("author_id", Key, nullable=False),
        sa.Column("order_id", Key, nullable=False),
        sa.Column("told", sa.LargeBinary, nullable=False),
        sa.PrimaryKeyConstraint("review_id", name="pk_score_reviews"),
    )
    for column in ("store_id", "author_id", "order_id"):
        op.create_index(f"ix_score_reviews_{column}", "score_reviews", [column])
    op.create_table(
        "score_progress",
        sa.Column("name", Key, nullable=False),
        sa.Column("position", sa.BigInteger, nullable=False),
        sa.PrimaryKeyConstraint("name", name="pk_score_progress"),
    )
