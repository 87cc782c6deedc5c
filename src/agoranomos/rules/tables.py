"""What the rule book is kept in."""

from __future__ import annotations

from typing import Final

import sqlalchemy as sa

from agoranomos.kernel.dialects import Json, Key, Moment, keep_append_only
from agoranomos.kernel.store import metadata

SNOOZE_US_MAX: Final = 180 * 86_400 * 1_000_000
"""The longest snooze in microseconds, the unit of a stored moment."""

# Never changed: what was proposed is what is approved, evaluated and shown years later.
rule_versions = sa.Table(
    "rule_versions",
    metadata,
    sa.Column("rule_id", Key, primary_key=True),
    sa.Column("version", sa.Integer, primary_key=True),
    sa.Column("digest", Key, nullable=False),
    sa.Column("document", Json, nullable=False),
    # The declarations of the features that it asks, as they were when it was proposed.
    sa.Column("features", Json, nullable=False),
    sa.Column("owner", Key, nullable=False),
    sa.Column("proposed_by", Key, nullable=False),
    sa.Column("proposed_at", Moment, nullable=False),
)
keep_append_only(rule_versions)

rule_standings = sa.Table(
    "rule_standings",
    metadata,
    sa.Column("rule_id", Key, primary_key=True),
    sa.Column("latest", sa.Integer, nullable=False),
    sa.Column("live_version", sa.Integer),
    # The approval of exactly this version: nothing is live without one, whatever the program does. Unique, because an
    # approval is good for one time.
    sa.Column("live_approval", Key, sa.ForeignKey("approvals.approval_id"), unique=True),
    sa.Column("live_since", Moment),
    sa.Column("shadow_version", sa.Integer),
    sa.Column("shadow_since", Moment),
    sa.ForeignKeyConstraint(["rule_id", "live_version"], ["rule_versions.rule_id", "rule_versions.version"]),
    sa.CheckConstraint(
        "(live_version IS NULL) = (live_approval IS NULL) AND (live_version IS NULL) = (live_since IS NULL)", "live"
    ),
    sa.CheckConstraint("(shadow_version IS NULL) = (shadow_since IS NULL)", "shadow"),
)

# What became of each rule, in order; the audit log says the same where nobody can change it.
rule_changes = sa.Table(
    "rule_changes",
    metadata,
    sa.Column("rule_id", Key, primary_key=True),
    sa.Column("number", sa.Integer, primary_key=True),
    sa.Column("at", Moment, nullable=False),
    sa.Column("by", Key, nullable=False),
    sa.Column("verb", Key, nullable=False),
    sa.Column("version", sa.Integer, nullable=False),
    sa.Column("approval_id", Key),
)
keep_append_only(rule_changes)

# Goes up with every change of what is evaluated, so that running processes need to read one row to know.
rule_book = sa.Table(
    "rule_book",
    metadata,
    sa.Column("part", Key, primary_key=True),
    sa.Column("number", sa.BigInteger, nullable=False),
)

rule_lists = sa.Table(
    "rule_lists",
    metadata,
    sa.Column("list_id", Key, primary_key=True),
    sa.Column("kind", Key, nullable=False),
    sa.Column("made_by", Key, nullable=False),
    sa.Column("made_at", Moment, nullable=False),
    sa.CheckConstraint("kind IN ('allow', 'deny', 'watch')", "kind"),
)

rule_list_entries = sa.Table(
    "rule_list_entries",
    metadata,
    sa.Column("list_id", Key, sa.ForeignKey("rule_lists.list_id"), primary_key=True),
    sa.Column("value", Key, primary_key=True),
    sa.Column("reason", sa.Text, nullable=False),
    sa.Column("added_by", Key, nullable=False),
    sa.Column("added_at", Moment, nullable=False),
    sa.Column("expires_at", Moment),
)

rule_snoozes = sa.Table(
    "rule_snoozes",
    metadata,
    sa.Column("snooze_id", Key, primary_key=True),
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
    sa.CheckConstraint(f"until > at AND until <= at + {SNOOZE_US_MAX}", "until"),
    sa.CheckConstraint("(ended_at IS NULL) = (ended_by IS NULL)", "ended"),
    sa.Index(None, "code", "subject_kind", "subject_id"),
)

# Every time a rule was true: of live ones, of candidates in shadow, and of snoozed ones.
rule_hits = sa.Table(
    "rule_hits",
    metadata,
    sa.Column("rule_id", Key, primary_key=True),
    sa.Column("version", sa.Integer, primary_key=True),
    sa.Column("said_id", Key, primary_key=True),  # the decision, or the finding with its revision
    sa.Column("at", Moment, nullable=False),
    sa.Column("standing", Key, nullable=False),
    sa.Column("subject_kind", Key, nullable=False),
    sa.Column("subject_id", Key, nullable=False),
    sa.Column("event_id", Key, nullable=False),  # what was judged; two versions are compared by it
    sa.Column("outcome", Key, nullable=False),
    sa.Column("score", sa.Double, nullable=False),
    sa.Column("facts", Json, nullable=False),
    sa.CheckConstraint("standing IN ('live', 'shadow', 'snoozed')", "standing"),
    sa.Index(None, "rule_id", "at"),
    sa.Index(None, "at"),
)

# Backtests that somebody asked for: what over which days, and what came of it.
backtests = sa.Table(
    "backtests",
    metadata,
    sa.Column("backtest_id", Key, primary_key=True),
    sa.Column("asked_by", Key, nullable=False),
    sa.Column("asked_at", Moment, nullable=False),
    sa.Column("first", sa.Date, nullable=False),
    sa.Column("last", sa.Date, nullable=False),
    sa.Column("samples", sa.Integer, nullable=False),
    # Files of rules and features as (name, text); none: the versions that run in shadow.
    sa.Column("files", Json, nullable=False),
    sa.Column("state", Key, nullable=False),
    sa.Column("ended_at", Moment),
    sa.Column("reason", sa.Text),
    sa.Column("report", Json),
    sa.CheckConstraint("state IN ('waiting', 'done', 'failed')", "state"),
    sa.CheckConstraint("(state = 'waiting') = (ended_at IS NULL)", "ended"),
    sa.CheckConstraint("(state = 'failed') = (reason IS NOT NULL)", "reason"),
    sa.Index(None, "asked_by", "state"),
    sa.Index(None, "ended_at"),
)

# How much money a finding is about, as far as what led to it says so.
finding_exposures = sa.Table(
    "finding_exposures",
    metadata,
    sa.Column("finding_id", Key, primary_key=True),
    sa.Column("amount", sa.BigInteger, nullable=False),
    sa.Column("currency", Key, nullable=False),
)

# What cases came to, as `case.decided` says: the measure of everything that was shown to people.
decided_cases = sa.Table(
    "decided_cases",
    metadata,
    sa.Column("case_id", Key, primary_key=True),
    sa.Column("subject_kind", Key, nullable=False),
    sa.Column("subject_id", Key, nullable=False),
    sa.Column("outcome", Key, nullable=False),
    sa.Column("at", Moment, nullable=False),
    sa.Column("overturns", Key),
    sa.Index(None, "subject_kind", "subject_id", "at"),
    sa.Index(None, "at"),
)
