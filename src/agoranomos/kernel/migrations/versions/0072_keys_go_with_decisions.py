"""What is kept under idempotency keys is found by its decision, and goes with it."""

from __future__ import annotations

from alembic import op

revision = "0072"
down_revision = "0071"


def upgrade() -> None:
    """Creates the indexes, and forgets keys whose decisions are gone."""
    op.execute("DELETE FROM check_keys WHERE decision_id NOT IN (SELECT decision_id FROM decisions)")
    op.create_index("ix_check_keys_decision_id", "check_keys", ["decision_id"])
    op.create_index("ix_listing_checks_at", "listing_checks", ["at"])
