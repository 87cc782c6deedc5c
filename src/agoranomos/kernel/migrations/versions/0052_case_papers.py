"""What is attached to cases, and decisions about many at once."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from agoranomos.kernel.dialects import Json, Key, Moment

revision = "0052"
down_revision = "0051"


def upgrade() -> None:
    """Creates the tables."""
    op.create_table(
        "case_papers",
        sa.Column("paper_id", Key, nullable=False),
        sa.Column("case_id", Key, nullable=False),
        sa.Column("name", sa.Text, nullable=False),
        sa.Column("media_type", Key, nullable=False),
        sa.Column("size", sa.Integer, nullable=False),
        sa.Column("sha256", Key, nullable=False),
        sa.Column("at", Moment, nullable=False),
        sa.Column("by", Key, nullable=False),
        sa.PrimaryKeyConstraint("paper_id", name="pk_case_papers"),
        sa.ForeignKeyConstraint(["case_id"], ["cases.case_id"], name="fk_case_papers_case_id_cases"),
    )
    op.create_index("ix_case_papers_case_id_at", "case_papers", ["case_id", "at"])
    op.create_table(
        "case_bulks",
        sa.Column("bulk_id", Key, nullable=False),
        sa.Column("outcome", Key, nullable=False),
        sa.Column("clause", Key, nullable=False),
        sa.Column("by", Key, nullable=False),
        sa.Column("at", Moment, nullable=False),
        sa.Column("case_ids", Json, nullable=False),
        sa.Column("undone_at", Moment),
        sa.Column("undone_by", Key),
        sa.PrimaryKeyConstraint("bulk_id", name="pk_case_bulks"),
    )
    op.create_index("ix_case_bulks_at_bulk_id", "case_bulks", ["at", "bulk_id"])
