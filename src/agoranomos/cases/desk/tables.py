"""The tables of cases. `document` is `model.Case`; the columns beside it are what is looked for and ordered by."""

from __future__ import annotations

import sqlalchemy as sa

from agoranomos.kernel.dialects import Json, Key, Moment
from agoranomos.kernel.store import metadata

cases = sa.Table(
    "cases",
    metadata,
    sa.Column("case_id", Key, primary_key=True),
    sa.Column("kind", Key, nullable=False),
    sa.Column("queue", Key, nullable=False),
    sa.Column("state", Key, nullable=False),
    sa.Column("level", sa.Integer, nullable=False),  # 1: escalated
    sa.Column("priority", sa.BigInteger, nullable=False),  # expected harm, minor units
    sa.Column("subject_kind", Key, nullable=False),
    sa.Column("subject_id", Key, nullable=False),
    sa.Column("seller_id", Key),
    sa.Column("ring_id", Key),
    # What it gathers about, and which case of that it is; `open_key` is the same while it is not decided, so that the
    # database itself keeps a second open one away.
    sa.Column("gather_key", Key, nullable=False),
    sa.Column("number", sa.Integer, nullable=False),
    sa.Column("open_key", Key, unique=True),
    # Where it came from, when that is no finding: `appeal:` with the id. One case for each.
    sa.Column("ref", Key, unique=True),
    sa.Column("holder", Key),
    sa.Column("claim_until", Moment),
    sa.Column("opened_at", Moment, nullable=False),
    sa.Column("due_at", Moment),  # None while the clock stands still, and when it is decided
    sa.Column("wait_until", Moment),
    sa.Column("decided_at", Moment),
    sa.Column("document", Json, nullable=False),
    sa.CheckConstraint("state IN ('open', 'waiting', 'decided')", "state"),
    sa.CheckConstraint("(state = 'decided') = (decided_at IS NOT NULL)", "decided"),
    sa.CheckConstraint("(state = 'decided') = (open_key IS NULL)", "open"),
    sa.CheckConstraint("(state = 'waiting') = (wait_until IS NOT NULL)", "waits"),
    sa.CheckConstraint("(state = 'open') = (due_at IS NOT NULL)", "due"),
    sa.CheckConstraint("(holder IS NULL) = (claim_until IS NULL)", "holder"),
    sa.CheckConstraint("holder IS NULL OR state = 'open'", "held"),
    sa.Index(None, "queue", "state", "level", "priority", "case_id"),
    sa.Index(None, "queue", "state", "level", "due_at"),
    sa.Index(None, "state", "priority", "case_id"),
    sa.Index(None, "state", "due_at"),
    sa.Index(None, "state", "wait_until"),
    sa.Index(None, "opened_at", "case_id"),
    sa.Index(None, "queue", "decided_at"),
    sa.Index(None, "queue", "claim_until"),
    sa.Index(None, "subject_kind", "subject_id", "opened_at"),
    sa.Index(None, "seller_id", "opened_at"),
    sa.Index(None, "ring_id", "opened_at"),
    sa.Index(None, "holder"),
    sa.Index(None, "gather_key", "number", unique=True),
)

case_findings = sa.Table(
    "case_findings",
    metadata,
    sa.Column("case_id", Key, sa.ForeignKey("cases.case_id"), primary_key=True),
    sa.Column("finding_id", Key, primary_key=True, index=True),
    sa.Column("code", Key, nullable=False),
    sa.Column("revision", sa.Integer, nullable=False),
    sa.Column("score", sa.Double, nullable=False),
    sa.Column("subject_kind", Key, nullable=False),
    sa.Column("subject_id", Key, nullable=False),
    sa.Column("harm", sa.BigInteger, nullable=False),
    sa.Column("added_at", Moment, nullable=False),
    sa.Index(None, "case_id", "harm"),
)
"""What gathers in a case. A finding is in one open case at most; a decided one keeps what it was decided on."""

case_steps = sa.Table(
    "case_steps",
    metadata,
    sa.Column("case_id", Key, sa.ForeignKey("cases.case_id"), primary_key=True),
    sa.Column("number", sa.Integer, primary_key=True),
    sa.Column("at", Moment, nullable=False),
    sa.Column("actor", Key, nullable=False),
    sa.Column("verb", Key, nullable=False),
    sa.Column("params", Json, nullable=False),  # ids, codes and numbers, as in the audit log
    sa.Index(None, "actor", "at"),
)
"""What was done with a case, in order."""

case_texts = sa.Table(
    "case_texts",
    metadata,
    sa.Column("case_id", Key, sa.ForeignKey("cases.case_id"), primary_key=True),
    sa.Column("name", Key, primary_key=True),
    sa.Column("at", Moment, nullable=False),
    sa.Column("by", Key, nullable=False),
    sa.Column("text", sa.Text, nullable=False),
)
"""Words of people, without personal data as far as that can be seen: reasons (`decision`), comments (`comment-3`)."""

case_claims = sa.Table(
    "case_claims",
    metadata,
    sa.Column("claim_id", Key, primary_key=True),
    sa.Column("case_id", Key, sa.ForeignKey("cases.case_id"), nullable=False),
    sa.Column("number", sa.Integer, nullable=False),  # of the step in the case
    sa.Column("queue", Key, nullable=False),
    sa.Column("actor", Key, nullable=False),
    sa.Column("why", Key, nullable=False),
    sa.Column("at", Moment, nullable=False),
    sa.Column("ended_at", Moment),
    sa.Column("ended", Key),
    sa.CheckConstraint("why IN ('harm', 'due', 'escalated', 'picked', 'assigned')", "why"),
    sa.CheckConstraint(
        "ended IN ('decided', 'released', 'refused', 'escalated', 'waiting', 'timed_out', 'reassigned')", "ended"
    ),
    sa.CheckConstraint("(ended IS NULL) = (ended_at IS NULL)", "over"),
    sa.Index(None, "case_id", "number"),
    sa.Index(None, "queue", "at"),
    sa.Index(None, "actor", "at"),
)
"""Who took which case, why that one, and how it ended."""

case_parts = sa.Table(
    "case_parts",
    metadata,
    sa.Column("part_id", Key, primary_key=True),
    sa.Column("case_id", Key, sa.ForeignKey("cases.case_id"), nullable=False, index=True),
    sa.Column("overturned_by", Key),
)
"""Under which id each part of a decision is told, so that its case is found."""

case_exclusions = sa.Table(
    "case_exclusions",
    metadata,
    sa.Column("case_id", Key, sa.ForeignKey("cases.case_id"), primary_key=True),
    sa.Column("actor", Key, primary_key=True),
    sa.Column("why", Key, nullable=False),
)
"""Who does not work on which case: whoever decided what is appealed, or gave it back as not for them."""
