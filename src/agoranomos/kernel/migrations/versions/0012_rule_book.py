"""The rule book: versions of rules, lists, snoozes, hits, and what cases came to."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from agoranomos.kernel.dialects import Json, Key, Moment, append_only

revision = "0012"
down_revision = "0010"

_SNOOZE_US_MAX = 180 * 86_400 * 1_000_000


def upgrade() -> None:
    """Creates the tables; takes over what cases came to from the event log."""
    _rules()
    _lists_and_snoozes()
    _hits()
    _cases()
    op.create_index("ix_intake_events_type_time", "intake_events", ["type", "time"])


def _rules() -> None:
    op.create_table(
        "rule_versions",
        sa.Column("rule_id", Key, nullable=False),
        sa.Column("version", sa.Integer, nullable=False),
        sa.Column("digest", Key, nullable=False),
        sa.Column("document", Json, nullable=False),
        sa.Column("features", Json, nullable=False),
        sa.Column("owner", Key, nullable=False),
        sa.Column("proposed_by", Key, nullable=False),
        sa.Column("proposed_at", Moment, nullable=False),
        sa.PrimaryKeyConstraint("rule_id", "version", name="pk_rule_versions"),
    )
    append_only(op.get_bind(), "rule_versions")
    op.create_table(
        "rule_standings",
        sa.Column("rule_id", Key, nullable=False),
        sa.Column("latest", sa.Integer, nullable=False),
        sa.Column("live_version", sa.Integer),
        sa.Column("live_approval", Key),
        sa.Column("live_since", Moment),
        sa.Column("shadow_version", sa.Integer),
        sa.Column("shadow_since", Moment),
        sa.CheckConstraint(
            "(live_version IS NULL) = (live_approval IS NULL) AND (live_version IS NULL) = (live_since IS NULL)",
            "live",
        ),
        sa.CheckConstraint("(shadow_version IS NULL) = (shadow_since IS NULL)", "shadow"),
        sa.ForeignKeyConstraint(
            ["live_approval"], ["approvals.approval_id"], name="fk_rule_standings_live_approval_approvals"
        ),
        sa.ForeignKeyConstraint(
            ["rule_id", "live_version"],
            ["rule_versions.rule_id", "rule_versions.version"],
            name="fk_rule_standings_rule_id_rule_versions",
        ),
        sa.UniqueConstraint("live_approval", name="uq_rule_standings_live_approval"),
        sa.PrimaryKeyConstraint("rule_id", name="pk_rule_standings"),
    )
    op.create_table(
        "rule_changes",
        sa.Column("rule_id", Key, nullable=False),
        sa.Column("number", sa.Integer, nullable=False),
        sa.Column("at", Moment, nullable=False),
        sa.Column("by", Key, nullable=False),
        sa.Column("verb", Key, nullable=False),
        sa.Column("version", sa.Integer, nullable=False),
        sa.Column("approval_id", Key),
        sa.PrimaryKeyConstraint("rule_id", "number", name="pk_rule_changes"),
    )
    append_only(op.get_bind(), "rule_changes")
    op.create_table(
        "rule_book",
        sa.Column("part", Key, nullable=False),
        sa.Column("number", sa.BigInteger, nullable=False),
        sa.PrimaryKeyConstraint("part", name="pk_rule_book"),
    )


def _lists_and_snoozes() -> None:
    op.create_table(
        "rule_lists",
        sa.Column("list_id", Key, nullable=False),
        sa.Column("kind", Key, nullable=False),
        sa.Column("made_by", Key, nullable=False),
        sa.Column("made_at", Moment, nullable=False),
        sa.CheckConstraint("kind IN ('allow', 'deny', 'watch')", "kind"),
        sa.PrimaryKeyConstraint("list_id", name="pk_rule_lists"),
    )
    op.create_table(
        "rule_list_entries",
        sa.Column("list_id", Key, nullable=False),
        sa.Column("value", Key, nullable=False),
        sa.Column("reason", sa.Text, nullable=False),
        sa.Column("added_by", Key, nullable=False),
        sa.Column("added_at", Moment, nullable=False),
        sa.Column("expires_at", Moment),
        sa.ForeignKeyConstraint(
            ["list_id"], ["rule_lists.list_id"], name="fk_rule_list_entries_list_id_rule_lists"
        ),
        sa.PrimaryKeyConstraint("list_id", "value", name="pk_rule_list_entries"),
    )  # fmt: skip
    op.create_table(
        "rule_snoozes",
        sa.Column("snooze_id", Key, nullable=False),
        sa.Column("code", Key, nullable=False),
        sa.Column("subject_kind", Key, nullable=False),
        sa.Column("subject_id", Key, nullable=False),
        sa.Column("reason", sa.Text, nullable=False),
        sa.Column("case_id", Key),
        sa.Column("by", Key, nullable=False),
        sa.Column("at", Moment, nullable=False),
        sa.Column("until", Moment, nullable=False),
        sa.Column("ended_at", Moment),
        sa.Column("ended_by", Key),
        sa.CheckConstraint(f"until > at AND until <= at + {_SNOOZE_US_MAX}", "until"),
        sa.CheckConstraint("(ended_at IS NULL) = (ended_by IS NULL)", "ended"),
        sa.PrimaryKeyConstraint("snooze_id", name="pk_rule_snoozes"),
    )
    op.create_index(
        "ix_rule_snoozes_code_subject_kind_subject_id", "rule_snoozes", ["code", "subject_kind", "subject_id"]
    )


def _hits() -> None:
    op.create_table(
        "rule_hits",
        sa.Column("rule_id", Key, nullable=False),
        sa.Column("version", sa.Integer, nullable=False),
        sa.Column("said_id", Key, nullable=False),
        sa.Column("at", Moment, nullable=False),
        sa.Column("standing", Key, nullable=False),
        sa.Column("subject_kind", Key, nullable=False),
        sa.Column("subject_id", Key, nullable=False),
        sa.Column("event_id", Key, nullable=False),
        sa.Column("outcome", Key, nullable=False),
        sa.Column("score", sa.Double, nullable=False),
        sa.Column("facts", Json, nullable=False),
        sa.CheckConstraint("standing IN ('live', 'shadow', 'snoozed')", "standing"),
        sa.PrimaryKeyConstraint("rule_id", "version", "said_id", name="pk_rule_hits"),
    )
    op.create_index("ix_rule_hits_rule_id_at", "rule_hits", ["rule_id", "at"])
    op.create_index("ix_rule_hits_at", "rule_hits", ["at"])
    op.create_table(
        "finding_exposures",
        sa.Column("finding_id", Key, nullable=False),
        sa.Column("amount", sa.BigInteger, nullable=False),
        sa.Column("currency", Key, nullable=False),
        sa.PrimaryKeyConstraint("finding_id", name="pk_finding_exposures"),
    )


def _cases() -> None:
    cases = op.create_table(
        "decided_cases",
        sa.Column("case_id", Key, nullable=False),
        sa.Column("subject_kind", Key, nullable=False),
        sa.Column("subject_id", Key, nullable=False),
        sa.Column("outcome", Key, nullable=False),
        sa.Column("at", Moment, nullable=False),
        sa.Column("overturns", Key),
        sa.PrimaryKeyConstraint("case_id", name="pk_decided_cases"),
    )
    op.create_index(
        "ix_decided_cases_subject_kind_subject_id_at", "decided_cases", ["subject_kind", "subject_id", "at"]
    )
    op.create_index("ix_decided_cases_at", "decided_cases", ["at"])
    log = sa.table("intake_events", sa.column("type"), sa.column("time", Moment), sa.column("data", Json))
    query = sa.select(log.c.time, log.c.data).where(log.c.type == "case.decided").order_by(log.c.time)
    decided = {row.data["case_id"]: row for row in op.get_bind().execute(query)}
    rows = [
        {
            "case_id": case_id,
            "subject_kind": row.data["subject"]["kind"],
            "subject_id": row.data["subject"]["id"],
            "outcome": row.data["outcome"],
            "at": row.time,
            "overturns": row.data.get("overturns"),
        }
        for case_id, row in decided.items()
    ]
    if rows:
        op.bulk_insert(cases, rows)
