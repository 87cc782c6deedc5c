"""Findings and decisions of all desks."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from agoranomos.kernel.dialects import Json, Key, Moment

revision = "0007"
down_revision = "0006"


def upgrade() -> None:
    """Creates the tables, and takes over the decisions that were made so far."""
    op.create_table(
        "findings",
        sa.Column("finding_id", Key, nullable=False),
        sa.Column("revision", sa.Integer, nullable=False),
        sa.Column("at", Moment, nullable=False),
        sa.Column("code", Key, nullable=False),
        sa.Column("subject_kind", Key, nullable=False),
        sa.Column("subject_id", Key, nullable=False),
        sa.Column("score", sa.Double, nullable=False),
        sa.Column("ring_id", Key),
        sa.Column("status", Key, nullable=False),
        sa.Column("document", Json, nullable=False),
        sa.Column("recorded_at", Moment, nullable=False),
        sa.PrimaryKeyConstraint("finding_id", name="pk_findings"),
    )
    op.create_index("ix_findings_ring_id", "findings", ["ring_id"])
    op.create_index("ix_findings_at_finding_id", "findings", ["at", "finding_id"])
    op.create_index("ix_findings_code_at_finding_id", "findings", ["code", "at", "finding_id"])
    op.create_index("ix_findings_subject_kind_subject_id_at", "findings", ["subject_kind", "subject_id", "at"])
    op.create_table(
        "decisions",
        sa.Column("decision_id", Key, nullable=False),
        sa.Column("at", Moment, nullable=False),
        sa.Column("check", Key, nullable=False),
        sa.Column("subject_kind", Key, nullable=False),
        sa.Column("subject_id", Key, nullable=False),
        sa.Column("outcome", Key, nullable=False),
        sa.Column("score", sa.Double, nullable=False),
        sa.Column("document", Json, nullable=False),
        sa.Column("recorded_at", Moment, nullable=False),
        sa.PrimaryKeyConstraint("decision_id", name="pk_decisions"),
    )
    op.create_index("ix_decisions_at_decision_id", "decisions", ["at", "decision_id"])
    op.create_index("ix_decisions_check_at_decision_id", "decisions", ["check", "at", "decision_id"])
    op.create_index("ix_decisions_subject_kind_subject_id_at", "decisions", ["subject_kind", "subject_id", "at"])
    op.execute(
        'INSERT INTO decisions (decision_id, at, "check", subject_kind, subject_id, outcome, score, document, '
        "recorded_at) SELECT decision_id, at, 'listing', 'listing', listing_id, outcome, score, decision, at "
        "FROM listing_checks"
    )
