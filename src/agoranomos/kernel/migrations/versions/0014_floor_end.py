"""When an idempotency key of a request for actions was used, so that it can be forgotten."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from agoranomos.kernel.dialects import Key, Moment

revision = "0014"
down_revision = "0013"


def upgrade() -> None:
    """Makes the table anew, as SQLite adds no column that must be filled.

    Keys of before count from the newest action. One that is forgotten early does no harm: its actions are known.
    """
    connection = op.get_bind()
    newest = connection.execute(sa.text("SELECT max(at) FROM actions")).scalar() or 0
    op.execute(
        sa.text("CREATE TEMPORARY TABLE kept_requests AS SELECT caller, idempotency_key, digest FROM action_requests")
    )
    op.drop_table("action_requests")
    op.create_table(
        "action_requests",
        sa.Column("caller", Key, nullable=False),
        sa.Column("idempotency_key", Key, nullable=False),
        sa.Column("digest", Key, nullable=False),
        sa.Column("at", Moment, nullable=False),
        sa.PrimaryKeyConstraint("caller", "idempotency_key", name="pk_action_requests"),
    )
    op.create_index("ix_action_requests_at", "action_requests", ["at"])
    connection.execute(
        sa.text(
            "INSERT INTO action_requests (caller, idempotency_key, digest, at) "
            "SELECT caller, idempotency_key, digest, :newest FROM kept_requests"
        ),
        {"newest": newest},
    )
    op.execute(sa.text("DROP TABLE kept_requests"))
