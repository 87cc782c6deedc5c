"""Appeals and complainants, what actions rest on, courses, credit, and certificates."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from agoranomos.kernel.dialects import Json, Key, Moment

revision = "0026"
down_revision = "0025"


def upgrade() -> None:
    """Creates the tables; what the actions of before rest on is entered."""
    _reasons()
    _appeals()
    _courses_and_certificates()
    _credit()


def _reasons() -> None:
    reasons = op.create_table(
        "action_reasons",
        sa.Column("reason", Key, nullable=False),
        sa.Column("action_id", Key, nullable=False),
        sa.PrimaryKeyConstraint("reason", "action_id", name="pk_action_reasons"),
    )
    actions = sa.table("actions", sa.column("action_id", Key), sa.column("because", Json))
    found = op.get_bind().execute(sa.select(actions.c.action_id, actions.c.because))
    rows = [{"reason": each, "action_id": row.action_id} for row in found for each in sorted(set(row.because))]
    if rows:
        op.bulk_insert(reasons, rows)


def _appeals() -> None:
    op.create_table(
        "appeals",
        sa.Column("appeal_id", Key, nullable=False),
        sa.Column("case_id", Key, nullable=False),
        sa.Column("state", Key, nullable=False),
        sa.Column("filed_at", Moment, nullable=False),
        sa.Column("alarm_at", Moment),
        sa.Column("document", Json, nullable=False),
        sa.PrimaryKeyConstraint("appeal_id", name="pk_appeals"),
        sa.CheckConstraint("state IN ('filed', 'granted', 'rejected')", "state"),
    )
    op.create_index("ix_appeals_case_id", "appeals", ["case_id"])
    op.create_index("ix_appeals_alarm_at", "appeals", ["alarm_at"])
    op.create_index("ix_appeals_filed_at_appeal_id", "appeals", ["filed_at", "appeal_id"])
    op.create_table(
        "complaint_claims",
        sa.Column("claim_id", Key, nullable=False),
        sa.Column("account_id", Key, nullable=False),
        sa.Column("listing_id", Key, nullable=False),
        sa.Column("at", Moment, nullable=False),
        sa.PrimaryKeyConstraint("claim_id", name="pk_complaint_claims"),
    )
    op.create_index("ix_complaint_claims_account_id", "complaint_claims", ["account_id"])
    op.create_index("ix_complaint_claims_listing_id", "complaint_claims", ["listing_id"])
    op.create_table(
        "complaint_verdicts",
        sa.Column("verdict_id", Key, nullable=False),
        sa.Column("listing_id", Key, nullable=False),
        sa.Column("at", Moment, nullable=False),
        sa.Column("fake", sa.Boolean, nullable=False),
        sa.Column("stands", sa.Boolean, nullable=False),
        sa.PrimaryKeyConstraint("verdict_id", name="pk_complaint_verdicts"),
    )
    op.create_index("ix_complaint_verdicts_listing_id", "complaint_verdicts", ["listing_id"])


def _courses_and_certificates() -> None:
    op.create_table(
        "education_attempts",
        sa.Column("attempt_id", Key, nullable=False),
        sa.Column("seller_id", Key, nullable=False),
        sa.Column("course_id", Key, nullable=False),
        sa.Column("at", Moment, nullable=False),
        sa.Column("right_answers", sa.Integer, nullable=False),
        sa.Column("asked", sa.Integer, nullable=False),
        sa.Column("passed", sa.Boolean, nullable=False),
        sa.PrimaryKeyConstraint("attempt_id", name="pk_education_attempts"),
    )
    op.create_index(
        "ix_education_attempts_seller_id_course_id_at", "education_attempts", ["seller_id", "course_id", "at"]
    )
    op.create_table(
        "certification_sellers",
        sa.Column("seller_id", Key, nullable=False),
        sa.Column("region", Key, nullable=False),
        sa.PrimaryKeyConstraint("seller_id", name="pk_certification_sellers"),
    )
    op.create_index("ix_certification_sellers_region", "certification_sellers", ["region"])
    op.create_table(
        "certification_held",
        sa.Column("seller_id", Key, nullable=False),
        sa.Column("at", Moment, nullable=False),
        sa.Column("region", Key, nullable=False),
        sa.Column("outcome", Key, nullable=False),
        sa.PrimaryKeyConstraint("seller_id", "at", name="pk_certification_held"),
    )
    op.create_table(
        "certification_appointments",
        sa.Column("appointment_id", Key, nullable=False),
        sa.Column("seller_id", Key, nullable=False),
        sa.Column("region", Key, nullable=False),
        sa.Column("at", Moment, nullable=False),
        sa.Column("state", Key, nullable=False),
        sa.PrimaryKeyConstraint("appointment_id", name="pk_certification_appointments"),
        sa.CheckConstraint("state IN ('booked', 'held', 'cancelled')", "state"),
    )
    op.create_index("ix_certification_appointments_seller_id", "certification_appointments", ["seller_id"])
    op.create_index("ix_certification_appointments_region_at", "certification_appointments", ["region", "at"])


def _credit() -> None:
    op.create_table(
        "credit_days",
        sa.Column("store_id", Key, nullable=False),
        sa.Column("day", Key, nullable=False),
        sa.Column("orders", sa.BigInteger, nullable=False),
        sa.Column("late", sa.BigInteger, nullable=False),
        sa.Column("returns", sa.BigInteger, nullable=False),
        sa.Column("complaints", sa.BigInteger, nullable=False),
        sa.Column("harassed", sa.BigInteger, nullable=False),
        sa.PrimaryKeyConstraint("store_id", "day", name="pk_credit_days"),
    )
    op.create_table(
        "credit_consents",
        sa.Column("seller_id", Key, nullable=False),
        sa.Column("purpose", Key, nullable=False),
        sa.Column("recipient", Key, nullable=False),
        sa.Column("given_at", Moment, nullable=False),
        sa.Column("ends_at", Moment, nullable=False),
        sa.PrimaryKeyConstraint("seller_id", "purpose", "recipient", "given_at", name="pk_credit_consents"),
    )
