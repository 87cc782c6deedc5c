"""Cases: findings that wait to be gathered, cases and what is in them, claims."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from agoranomos.kernel.dialects import Json, Key, Moment

revision = "0051"
down_revision = "0050"


def upgrade() -> None:
    """Creates the tables; what was found so far is still to be gathered."""
    op.create_table(
        "new_findings",
        sa.Column("finding_id", Key, nullable=False),
        sa.Column("revision", sa.Integer, nullable=False),
        sa.PrimaryKeyConstraint("finding_id", name="pk_new_findings"),
    )
    op.execute("INSERT INTO new_findings SELECT finding_id, revision FROM findings WHERE status = 'live'")
    _cases()
    op.create_table(
        "case_findings",
        sa.Column("case_id", Key, nullable=False),
        sa.Column("finding_id", Key, nullable=False),
        sa.Column("code", Key, nullable=False),
        sa.Column("revision", sa.Integer, nullable=False),
        sa.Column("score", sa.Double, nullable=False),
        sa.Column("subject_kind", Key, nullable=False),
        sa.Column("subject_id", Key, nullable=False),
        sa.Column("harm", sa.BigInteger, nullable=False),
        sa.Column("added_at", Moment, nullable=False),
        sa.PrimaryKeyConstraint("case_id", "finding_id", name="pk_case_findings"),
        _of_case("case_findings"),
    )
    op.create_index("ix_case_findings_finding_id", "case_findings", ["finding_id"])
    op.create_index("ix_case_findings_case_id_harm", "case_findings", ["case_id", "harm"])
    op.create_table(
        "case_steps",
        sa.Column("case_id", Key, nullable=False),
        sa.Column("number", sa.Integer, nullable=False),
        sa.Column("at", Moment, nullable=False),
        sa.Column("actor", Key, nullable=False),
        sa.Column("verb", Key, nullable=False),
        sa.Column("params", Json, nullable=False),
        sa.PrimaryKeyConstraint("case_id", "number", name="pk_case_steps"),
        _of_case("case_steps"),
    )
    op.create_index("ix_case_steps_actor_at", "case_steps", ["actor", "at"])
    op.create_table(
        "case_texts",
        sa.Column("case_id", Key, nullable=False),
        sa.Column("name", Key, nullable=False),
        sa.Column("at", Moment, nullable=False),
        sa.Column("by", Key, nullable=False),
        sa.Column("text", sa.Text, nullable=False),
        sa.PrimaryKeyConstraint("case_id", "name", name="pk_case_texts"),
        _of_case("case_texts"),
    )
    _claims()
    op.create_table(
        "case_parts",
        sa.Column("part_id", Key, nullable=False),
        sa.Column("case_id", Key, nullable=False),
        sa.Column("overturned_by", Key),
        sa.PrimaryKeyConstraint("part_id", name="pk_case_parts"),
        _of_case("case_parts"),
    )
    op.create_index("ix_case_parts_case_id", "case_parts", ["case_id"])
    op.create_table(
        "case_exclusions",
        sa.Column("case_id", Key, nullable=False),
        sa.Column("actor", Key, nullable=False),
        sa.Column("why", Key, nullable=False),
        sa.PrimaryKeyConstraint("case_id", "actor", name="pk_case_exclusions"),
        _of_case("case_exclusions"),
    )


def _of_case(table: str) -> sa.ForeignKeyConstraint:
    return sa.ForeignKeyConstraint(["case_id"], ["cases.case_id"], name=f"fk_{table}_case_id_cases")


def _cases() -> None:
    op.create_table(
        "cases",
        sa.Column("case_id", Key, nullable=False),
        sa.Column("kind", Key, nullable=False),
        sa.Column("queue", Key, nullable=False),
        sa.Column("state", Key, nullable=False),
        sa.Column("level", sa.Integer, nullable=False),
        sa.Column("priority", sa.BigInteger, nullable=False),
        sa.Column("subject_kind", Key, nullable=False),
        sa.Column("subject_id", Key, nullable=False),
        sa.Column("seller_id", Key),
        sa.Column("ring_id", Key),
        sa.Column("gather_key", Key, nullable=False),
        sa.Column("number", sa.Integer, nullable=False),
        sa.Column("open_key", Key),
        sa.Column("ref", Key),
        sa.Column("holder", Key),
        sa.Column("claim_until", Moment),
        sa.Column("opened_at", Moment, nullable=False),
        sa.Column("due_at", Moment),
        sa.Column("wait_until", Moment),
        sa.Column("decided_at", Moment),
        sa.Column("document", Json, nullable=False),
        sa.CheckConstraint("state IN ('open', 'waiting', 'decided')", name="state"),
        sa.CheckConstraint("(state = 'decided') = (decided_at IS NOT NULL)", name="decided"),
        sa.CheckConstraint("(state = 'decided') = (open_key IS NULL)", name="open"),
        sa.CheckConstraint("(state = 'waiting') = (wait_until IS NOT NULL)", name="waits"),
        sa.CheckConstraint("(state = 'open') = (due_at IS NOT NULL)", name="due"),
        sa.CheckConstraint("(holder IS NULL) = (claim_until IS NULL)", name="holder"),
        sa.CheckConstraint("holder IS NULL OR state = 'open'", name="held"),
        sa.PrimaryKeyConstraint("case_id", name="pk_cases"),
        sa.UniqueConstraint("open_key", name="uq_cases_open_key"),
        sa.UniqueConstraint("ref", name="uq_cases_ref"),
    )
    for columns in (
        ("queue", "state", "level", "priority", "case_id"),
        ("queue", "state", "level", "due_at"),
        ("state", "priority", "case_id"),
        ("state", "due_at"),
        ("state", "wait_until"),
        ("opened_at", "case_id"),
        ("queue", "decided_at"),
        ("subject_kind", "subject_id", "opened_at"),
        ("seller_id", "opened_at"),
        ("ring_id", "opened_at"),
        ("holder",),
    ):
        op.create_index(f"ix_cases_{'_'.join(columns)}", "cases", list(columns))
    op.create_index("ix_cases_gather_key_number", "cases", ["gather_key", "number"], unique=True)


def _claims() -> None:
    op.create_table(
        "case_claims",
        sa.Column("claim_id", Key, nullable=False),
        sa.Column("case_id", Key, nullable=False),
        sa.Column("number", sa.Integer, nullable=False),
        sa.Column("queue", Key, nullable=False),
        sa.Column("actor", Key, nullable=False),
        sa.Column("why", Key, nullable=False),
        sa.Column("at", Moment, nullable=False),
        sa.Column("ended_at", Moment),
        sa.Column("ended", Key),
        sa.CheckConstraint("why IN ('harm', 'due', 'escalated', 'picked', 'assigned')", name="why"),
        sa.CheckConstraint(
            "ended IN ('decided', 'released', 'refused', 'escalated', 'waiting', 'timed_out', 'reassigned')",
            name="ended",
        ),
        sa.CheckConstraint("(ended IS NULL) = (ended_at IS NULL)", name="over"),
        sa.PrimaryKeyConstraint("claim_id", name="pk_case_claims"),
        _of_case("case_claims"),
    )
    op.create_index("ix_case_claims_case_id_number", "case_claims", ["case_id", "number"])
    op.create_index("ix_case_claims_queue_at", "case_claims", ["queue", "at"])
    op.create_index("ix_case_claims_actor_at", "case_claims", ["actor", "at"])
