"""Decisions of checks counted by day, so that the overview need not."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0071"
down_revision = "0070"

_AT = '("at" + 28800000000)'
# Days of Asia/Shanghai, eight hours ahead. Dividing rounds towards zero, which before 1970 is not down.
COUNT = f"""
    INSERT INTO decision_days (day, slot, made, stopped)
    SELECT {_AT} / 86400000000 - CASE WHEN {_AT} % 86400000000 < 0 THEN 1 ELSE 0 END, 0, count(*),
      sum(CASE WHEN outcome IN ('decline', 'hold', 'review', 'warn') THEN 1 ELSE 0 END)
    FROM decisions GROUP BY 1
"""  # noqa: S608 - no values


def upgrade() -> None:
    """Creates the table and counts what is there."""
    op.create_table(
        "decision_days",
        sa.Column("day", sa.Integer, autoincrement=False, nullable=False),
        sa.Column("slot", sa.Integer, autoincrement=False, nullable=False),
        sa.Column("made", sa.BigInteger, nullable=False),
        sa.Column("stopped", sa.BigInteger, nullable=False),
        sa.PrimaryKeyConstraint("day", "slot", name="pk_decision_days"),
    )
    op.execute(COUNT)
