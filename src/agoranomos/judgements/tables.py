"""The tables of findings and decisions."""

from __future__ import annotations

from typing import Final

import sqlalchemy as sa

from agoranomos.kernel.dialects import Json, Key, Moment
from agoranomos.kernel.store import metadata

SURE: Final = 0.9
"""From this score a policy may act by itself."""
STOPPED: Final = ("decline", "hold", "review", "warn")
"""Outcomes of a check that did not simply let something through."""
_SURE: Final = sa.text("score >= 0.9")

findings = sa.Table(
    "findings",
    metadata,
    sa.Column("finding_id", Key, primary_key=True),
    sa.Column("revision", sa.Integer, nullable=False),  # of `document`, the latest
    sa.Column("at", Moment, nullable=False),
    sa.Column("code", Key, nullable=False),
    sa.Column("subject_kind", Key, nullable=False),
    sa.Column("subject_id", Key, nullable=False),
    sa.Column("score", sa.Double, nullable=False),
    sa.Column("ring_id", Key, index=True),
    sa.Column("status", Key, nullable=False),
    sa.Column("document", Json, nullable=False),
    sa.Column("recorded_at", Moment, nullable=False),
    sa.Index(None, "at", "finding_id"),
    sa.Index(None, "code", "at", "finding_id"),
    sa.Index(None, "subject_kind", "subject_id", "at"),
    # The newest of those that are sure, however rare they are.
    sa.Index("ix_findings_sure", "at", "finding_id", "status", sqlite_where=_SURE, postgresql_where=_SURE),
)

# How many live findings there are of each day of the house's calendar, as `findings` has them: changed with them, in
# one transaction, so that nobody has to count a million rows. Retention takes what is not live, and changes nothing.
finding_days = sa.Table(
    "finding_days",
    metadata,
    sa.Column("day", sa.Integer, primary_key=True, autoincrement=False),
    sa.Column("code", Key, primary_key=True),
    sa.Column("found", sa.BigInteger, nullable=False),
    sa.Column("sure", sa.BigInteger, nullable=False),  # of these, those with a score of SURE or more
)

# What was found about the staff: apart, so that no list, case, queue, search or number shows it to a colleague.
staff_findings = sa.Table(
    "staff_findings",
    metadata,
    sa.Column("finding_id", Key, primary_key=True),
    sa.Column("revision", sa.Integer, nullable=False),  # of `document`, the latest
    sa.Column("at", Moment, nullable=False),
    sa.Column("code", Key, nullable=False),
    sa.Column("staff_id", Key, nullable=False),
    sa.Column("score", sa.Double, nullable=False),
    sa.Column("document", Json, nullable=False),
    sa.Column("recorded_at", Moment, nullable=False),
    sa.Index(None, "at", "finding_id"),
    sa.Index(None, "staff_id", "at"),
)

# Findings, or revisions of them, that nobody has gathered into a case yet: written with them, in one transaction.
new_findings = sa.Table(
    "new_findings",
    metadata,
    sa.Column("finding_id", Key, primary_key=True),
    sa.Column("revision", sa.Integer, nullable=False),
)

decisions = sa.Table(
    "decisions",
    metadata,
    sa.Column("decision_id", Key, primary_key=True),
    sa.Column("at", Moment, nullable=False),
    sa.Column("check", Key, nullable=False),
    sa.Column("subject_kind", Key, nullable=False),
    sa.Column("subject_id", Key, nullable=False),
    sa.Column("outcome", Key, nullable=False),
    sa.Column("score", sa.Double, nullable=False),
    sa.Column("document", Json, nullable=False),
    sa.Column("recorded_at", Moment, nullable=False),
    sa.Index(None, "at", "decision_id"),
    sa.Index(None, "check", "at", "decision_id"),
    sa.Index(None, "subject_kind", "subject_id", "at"),
    # How checks came out over some time, without opening a row.
    sa.Index(None, "at", "outcome"),
)

# How many decisions of checks there are of each day of the house's calendar, as `decisions` has them: changed with
# them, in one transaction. Every check that answers writes here, so each writer has rows of its own (`slot`) and waits
# for nobody; a day is the sum of its slots, of which one alone means nothing: who takes decisions away counts them out
# of his own.
decision_days = sa.Table(
    "decision_days",
    metadata,
    sa.Column("day", sa.Integer, primary_key=True, autoincrement=False),
    sa.Column("slot", sa.Integer, primary_key=True, autoincrement=False),
    sa.Column("made", sa.BigInteger, nullable=False),
    sa.Column("stopped", sa.BigInteger, nullable=False),  # of these, those with an outcome of STOPPED
)

check_keys = sa.Table(
    "check_keys",
    metadata,
    sa.Column("check", Key, primary_key=True),
    sa.Column("idempotency_key", Key, primary_key=True),
    sa.Column("digest", Key, nullable=False),  # of what was asked about
    sa.Column("decision_id", Key, nullable=False, index=True),
)
