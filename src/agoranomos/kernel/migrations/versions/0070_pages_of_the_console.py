"""What lets the pages of the console answer over a million findings: live findings counted by day, and indexes."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from agoranomos.kernel.dialects import Key

revision = "0070"
down_revision = "0066"

_SURE = sa.text("score >= 0.9")
_AT = '("at" + 28800000000)'
# Days of Asia/Shanghai, eight hours ahead. Dividing rounds towards zero, which before 1970 is not down.
COUNT = f"""
    INSERT INTO finding_days (day, code, found, sure)
    SELECT {_AT} / 86400000000 - CASE WHEN {_AT} % 86400000000 < 0 THEN 1 ELSE 0 END, code, count(*),
      sum(CASE WHEN score >= 0.9 THEN 1 ELSE 0 END)
    FROM findings WHERE status = 'live' GROUP BY 1, 2
"""  # noqa: S608 - no values


def upgrade() -> None:
    """Creates the table, counts what is there, and creates the indexes."""
    op.create_table(
        "finding_days",
        sa.Column("day", sa.Integer, autoincrement=False, nullable=False),
        sa.Column("code", Key, nullable=False),
        sa.Column("found", sa.BigInteger, nullable=False),
        sa.Column("sure", sa.BigInteger, nullable=False),
        sa.PrimaryKeyConstraint("day", "code", name="pk_finding_days"),
    )
    op.execute(COUNT)
    op.create_index(
        "ix_findings_sure", "findings", ["at", "finding_id", "status"], sqlite_where=_SURE, postgresql_where=_SURE
    )
    op.create_index("ix_decisions_at_outcome", "decisions", ["at", "outcome"])
    op.create_index("ix_notices_state_filed_at_notice_id", "notices", ["state", "filed_at", "notice_id"])
    op.create_index("ix_actions_kind_at", "actions", ["kind", "at", "action_id", "status", "subject_id"])
    op.create_index("ix_cases_queue_claim_until", "cases", ["queue", "claim_until"])
