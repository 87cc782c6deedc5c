"""Whom readers were shown, who has business with whom, exports, and what was planted."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from agoranomos.kernel.dialects import Json, Key, Moment

revision = "0040"
down_revision = "0034"


def upgrade() -> None:
    """Creates the tables."""
    _exposure()
    _exports_and_canaries()


def _exposure() -> None:
    op.create_table(
        "access_readers",
        sa.Column("principal_id", Key, nullable=False),
        sa.Column("document", Json, nullable=False),
        sa.PrimaryKeyConstraint("principal_id", name="pk_access_readers"),
    )
    op.create_table(
        "access_seen",
        sa.Column("principal_id", Key, nullable=False),
        sa.Column("subject_id", Key, nullable=False),
        sa.Column("hour", sa.BigInteger, nullable=False),
        sa.Column("stranger", sa.Boolean, nullable=False),
        sa.PrimaryKeyConstraint("principal_id", "subject_id", name="pk_access_seen"),
    )
    op.create_index("ix_access_seen_hour", "access_seen", ["hour"])
    op.create_table(
        "access_business",
        sa.Column("subject_id", Key, nullable=False),
        sa.Column("owner_id", Key, nullable=False),
        sa.Column("day", sa.BigInteger, nullable=False),
        sa.PrimaryKeyConstraint("subject_id", "owner_id", name="pk_access_business"),
    )
    op.create_index("ix_access_business_day", "access_business", ["day"])
    op.create_table(
        "access_orders",
        sa.Column("order_id", Key, nullable=False),
        sa.Column("buyer_id", Key, nullable=False),
        sa.Column("day", sa.BigInteger, nullable=False),
        sa.PrimaryKeyConstraint("order_id", name="pk_access_orders"),
    )
    op.create_index("ix_access_orders_day", "access_orders", ["day"])
    op.create_table(
        "access_progress",
        sa.Column("name", Key, nullable=False),
        sa.Column("position", sa.BigInteger, nullable=False),
        sa.PrimaryKeyConstraint("name", name="pk_access_progress"),
    )
    op.create_table(
        "access_checks",
        sa.Column("idempotency_key", Key, nullable=False),
        sa.Column("digest", Key, nullable=False),
        sa.Column("decision_id", Key, nullable=False),
        sa.Column("day", sa.BigInteger, nullable=False),
        sa.PrimaryKeyConstraint("idempotency_key", name="pk_access_checks"),
    )
    op.create_index("ix_access_checks_day", "access_checks", ["day"])


def _exports_and_canaries() -> None:
    op.create_table(
        "access_exports",
        sa.Column("export_id", Key, nullable=False),
        sa.Column("principal_id", Key, nullable=False),
        sa.Column("requested_at", Moment, nullable=False),
        sa.Column("document", Json, nullable=False),
        sa.PrimaryKeyConstraint("export_id", name="pk_access_exports"),
    )
    op.create_index("ix_access_exports_principal_id", "access_exports", ["principal_id"])
    op.create_index("ix_access_exports_requested_at_export_id", "access_exports", ["requested_at", "export_id"])
    op.create_table(
        "access_canaries",
        sa.Column("canary_id", Key, nullable=False),
        sa.Column("kind", Key, nullable=False),
        sa.Column("value", Key, nullable=False),
        sa.Column("planted_at", Moment, nullable=False),
        sa.Column("export_id", Key),
        sa.Column("principal_id", Key),
        sa.PrimaryKeyConstraint("canary_id", name="pk_access_canaries"),
        sa.UniqueConstraint("value", name="uq_access_canaries_value"),
        sa.CheckConstraint("kind IN ('record', 'number', 'account')", "kind"),
    )
    op.create_index("ix_access_canaries_kind_export_id", "access_canaries", ["kind", "export_id"])
