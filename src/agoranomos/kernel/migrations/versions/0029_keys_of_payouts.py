"""The keys under which payouts were checked go to the table of all checks; those of before are forgotten."""

from __future__ import annotations

from alembic import op

revision = "0029"
down_revision = "0028"


def upgrade() -> None:
    """Drops a table: a key lives for as long as its request is repeated, which is minutes."""
    op.drop_table("freeze_checks")
