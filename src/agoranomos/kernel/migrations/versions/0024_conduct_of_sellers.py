"""Penalty points, and how far the rooms about conduct have heard."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from agoranomos.kernel.dialects import Json, Key, Moment

revision = "0024"
down_revision = "0022"


def upgrade() -> None:
    """Creates the tables."""
    op.create_table(
        "conduct_progress",
        sa.Column("name", Key, nullable=False),
        sa.Column("position", sa.BigInteger, nullable=False),
        sa.Column("heard_until", Moment),
        sa.Column("received_at", Moment),
        sa.PrimaryKeyConstraint("name", name="pk_conduct_progress"),
    )
    op.create_table(
        "points_sheets",
        sa.Column("seller_id", Key, nullable=False),
        sa.Column("points", sa.BigInteger, nullable=False),
        sa.Column("offences", sa.Integer, nullable=False),
        sa.Column("closed", sa.Boolean, nullable=False),
        sa.Column("due_at", Moment),
        sa.Column("document", Json, nullable=False),
        sa.PrimaryKeyConstraint("seller_id", name="pk_points_sheets"),
    )
    op.create_index("ix_points_sheets_due_at", "points_sheets", ["due_at"])
    op.create_index("ix_points_sheets_points_seller_id", "points_sheets", ["points", "seller_id"])
    op.create_table(
        "points_stores",
        sa.Column("store_id", Key, nullable=False),
        sa.Column("seller_id", Key, nullable=False),
        sa.PrimaryKeyConstraint("store_id", name="pk_points_stores"),
    )
    op.create_index("ix_points_stores_seller_id", "points_stores", ["seller_id"])
    op.create_table(
        "points_cases",
        sa.Column("case_id", Key, nullable=False),
        sa.Column("seller_id", Key, nullable=False),
        sa.PrimaryKeyConstraint("case_id", name="pk_points_cases"),
    )
    op.create_table(
        "points_waiting",
        sa.Column("waits_for", Key, nullable=False),
        sa.Column("case_id", Key, nullable=False),
        sa.Column("at", Moment, nullable=False),
        sa.Column("outcome", Key, nullable=False),
        sa.Column("document", Json, nullable=False),
        sa.PrimaryKeyConstraint("waits_for", "case_id", "at", "outcome", name="pk_points_waiting"),
    )
