"""Second opinions, known cases, and curves for scores."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from agoranomos.kernel.dialects import Json, Key, Moment

revision = "0053"
down_revision = "0052"


def upgrade() -> None:
    """Creates the tables."""
    op.create_table(
        "case_opinions",
        sa.Column("case_id", Key, nullable=False),
        sa.Column("queue", Key, nullable=False),
        sa.Column("first_by", Key, nullable=False),
        sa.Column("first_outcome", Key, nullable=False),
        sa.Column("first_clause", Key, nullable=False),
        sa.Column("asked_at", Moment, nullable=False),
        sa.Column("holder", Key),
        sa.Column("claim_until", Moment),
        sa.Column("second_by", Key),
        sa.Column("second_outcome", Key),
        sa.Column("second_clause", Key),
        sa.Column("given_at", Moment),
        sa.CheckConstraint("first_by <> second_by", name="two"),
        sa.CheckConstraint("(second_by IS NULL) = (given_at IS NULL)", name="given"),
        sa.PrimaryKeyConstraint("case_id", name="pk_case_opinions"),
        sa.ForeignKeyConstraint(["case_id"], ["cases.case_id"], name="fk_case_opinions_case_id_cases"),
    )
    op.create_index("ix_case_opinions_given_at_asked_at", "case_opinions", ["given_at", "asked_at"])
    op.create_table(
        "case_seeds",
        sa.Column("case_id", Key, nullable=False),
        sa.Column("truth_outcome", Key, nullable=False),
        sa.Column("truth_clause", Key, nullable=False),
        sa.Column("planted_by", Key, nullable=False),
        sa.Column("planted_at", Moment, nullable=False),
        sa.Column("findings", Json, nullable=False),
        sa.Column("by", Key),
        sa.Column("outcome", Key),
        sa.Column("clause", Key),
        sa.Column("decided_at", Moment),
        sa.PrimaryKeyConstraint("case_id", name="pk_case_seeds"),
        sa.ForeignKeyConstraint(["case_id"], ["cases.case_id"], name="fk_case_seeds_case_id_cases"),
    )
    op.create_index("ix_case_seeds_by", "case_seeds", ["by"])
    op.create_table(
        "case_calibrations",
        sa.Column("calibration_id", Key, nullable=False),
        sa.Column("code", Key, nullable=False),
        sa.Column("state", Key, nullable=False),
        sa.Column("made_at", Moment, nullable=False),
        sa.Column("made_by", Key, nullable=False),
        sa.Column("applied_at", Moment),
        sa.Column("applied_code", Key),
        sa.Column("document", Json, nullable=False),
        sa.CheckConstraint("state IN ('proposed', 'applied', 'ended')", name="state"),
        sa.CheckConstraint("(state = 'applied') = (applied_code IS NOT NULL)", name="applied"),
        sa.PrimaryKeyConstraint("calibration_id", name="pk_case_calibrations"),
        sa.UniqueConstraint("applied_code", name="uq_case_calibrations_applied_code"),
    )
    op.create_index("ix_case_calibrations_code_made_at", "case_calibrations", ["code", "made_at"])
    op.create_index(
        "ix_case_calibrations_made_at_calibration_id", "case_calibrations", ["made_at", "calibration_id"]
    )  # fmt: skip
