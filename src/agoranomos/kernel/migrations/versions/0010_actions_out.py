"""Actions out: actions and measures, the brake, the outbox, endpoints and deliveries."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from agoranomos.kernel.dialects import Json, Key, Moment

revision = "0010"
down_revision = "0008"


def upgrade() -> None:
    """Creates the tables."""
    op.create_table(
        "measures",
        sa.Column("measure_id", Key, nullable=False),
        sa.Column("at", Moment, nullable=False),
        sa.Column("requested_by", Key, nullable=False),
        sa.Column("actions", sa.Integer, nullable=False),
        sa.Column("undone_at", Moment),
        sa.Column("undone_by", Key),
        sa.PrimaryKeyConstraint("measure_id", name="pk_measures"),
    )
    op.create_index("ix_measures_at_measure_id", "measures", ["at", "measure_id"])
    op.create_table(
        "actions",
        sa.Column("action_id", Key, nullable=False),
        sa.Column("at", Moment, nullable=False),
        sa.Column("kind", Key, nullable=False),
        sa.Column("subject_kind", Key, nullable=False),
        sa.Column("subject_id", Key, nullable=False),
        sa.Column("params", Json, nullable=False),
        sa.Column("because", Json, nullable=False),
        sa.Column("requested_by", Key, nullable=False),
        sa.Column("approved_by", Key),
        sa.Column("status", Key, nullable=False),
        sa.Column("measure_id", Key),
        sa.Column("approval_id", Key),
        sa.Column("reverses", Key),
        sa.Column("undo_by", Key),
        sa.CheckConstraint(
            "status IN ('proposed', 'approved', 'pending', 'done', 'failed', 'undone', 'refused')", "status"
        ),
        sa.UniqueConstraint("reverses", name="uq_actions_reverses"),
        sa.PrimaryKeyConstraint("action_id", name="pk_actions"),
    )
    op.create_index("ix_actions_approval_id", "actions", ["approval_id"])
    op.create_index("ix_actions_at_action_id", "actions", ["at", "action_id"])
    op.create_index("ix_actions_status_at_action_id", "actions", ["status", "at", "action_id"])
    op.create_index("ix_actions_subject_kind_subject_id_at", "actions", ["subject_kind", "subject_id", "at"])
    op.create_index("ix_actions_measure_id_action_id", "actions", ["measure_id", "action_id"])
    op.create_table(
        "action_requests",
        sa.Column("caller", Key, nullable=False),
        sa.Column("idempotency_key", Key, nullable=False),
        sa.Column("digest", Key, nullable=False),
        sa.PrimaryKeyConstraint("caller", "idempotency_key", name="pk_action_requests"),
    )
    op.create_table(
        "brakes",
        sa.Column("actor", Key, nullable=False),
        sa.Column("approval_id", Key, nullable=False),
        sa.UniqueConstraint("approval_id", name="uq_brakes_approval_id"),
        sa.PrimaryKeyConstraint("actor", name="pk_brakes"),
    )
    op.create_table(
        "brake_subjects",
        sa.Column("actor", Key, nullable=False),
        sa.Column("counted", Key, nullable=False),
        sa.Column("subject_kind", Key, nullable=False),
        sa.Column("subject_id", Key, nullable=False),
        sa.Column("last_at", Moment, nullable=False),
        sa.PrimaryKeyConstraint("actor", "counted", "subject_kind", "subject_id", name="pk_brake_subjects"),
    )
    op.create_index("ix_brake_subjects_actor_counted_last_at", "brake_subjects", ["actor", "counted", "last_at"])
    op.create_table(
        "outbox_subjects",
        sa.Column("subject_kind", Key, nullable=False),
        sa.Column("subject_id", Key, nullable=False),
        sa.Column("last_number", sa.BigInteger, nullable=False),
        sa.PrimaryKeyConstraint("subject_kind", "subject_id", name="pk_outbox_subjects"),
    )
    op.create_table(
        "outbox",
        sa.Column("message_id", Key, nullable=False),
        sa.Column("action_id", Key, nullable=False),
        sa.Column("subject_kind", Key, nullable=False),
        sa.Column("subject_id", Key, nullable=False),
        sa.Column("number", sa.BigInteger, nullable=False),
        sa.Column("body", sa.Text, nullable=False),
        sa.Column("at", Moment, nullable=False),
        sa.UniqueConstraint("action_id", name="uq_outbox_action_id"),
        sa.UniqueConstraint("subject_kind", "subject_id", "number", name="uq_outbox_subject_kind_subject_id_number"),
        sa.PrimaryKeyConstraint("message_id", name="pk_outbox"),
    )
    op.create_table(
        "webhook_endpoints",
        sa.Column("endpoint_id", Key, nullable=False),
        sa.Column("url", sa.Text, nullable=False),
        sa.Column("state", Key, nullable=False),
        sa.Column("allow_private", sa.Boolean, nullable=False),
        sa.Column("added_at", Moment, nullable=False),
        sa.CheckConstraint("state IN ('active', 'disabled', 'removed')", "state"),
        sa.PrimaryKeyConstraint("endpoint_id", name="pk_webhook_endpoints"),
    )
    op.create_table(
        "webhook_secrets",
        sa.Column("secret_id", Key, nullable=False),
        sa.Column("endpoint_id", Key, nullable=False),
        sa.Column("master_id", Key, nullable=False),
        sa.Column("nonce", sa.LargeBinary, nullable=False),
        sa.Column("sealed", sa.LargeBinary, nullable=False),
        sa.Column("made_at", Moment, nullable=False),
        sa.Column("ends_at", Moment),
        sa.PrimaryKeyConstraint("secret_id", name="pk_webhook_secrets"),
    )
    op.create_index("ix_webhook_secrets_endpoint_id", "webhook_secrets", ["endpoint_id"])
    op.create_table(
        "webhook_deliveries",
        sa.Column("delivery_id", Key, nullable=False),
        sa.Column("message_id", Key, nullable=False),
        sa.Column("endpoint_id", Key, nullable=False),
        sa.Column("subject_kind", Key, nullable=False),
        sa.Column("subject_id", Key, nullable=False),
        sa.Column("number", sa.BigInteger, nullable=False),
        sa.Column("state", Key, nullable=False),
        sa.Column("attempts", sa.Integer, nullable=False),
        sa.Column("free_at", Moment),
        sa.Column("lease", sa.BigInteger, nullable=False),
        sa.Column("reason", Key),
        sa.Column("ended_at", Moment),
        sa.CheckConstraint("state IN ('waiting', 'delivered', 'dead', 'stopped')", "state"),
        sa.CheckConstraint("(state = 'waiting') = (ended_at IS NULL)", "ended_at"),
        sa.PrimaryKeyConstraint("delivery_id", name="pk_webhook_deliveries"),
    )
    op.create_index("ix_webhook_deliveries_message_id", "webhook_deliveries", ["message_id"])
    op.create_index(
        "ix_webhook_deliveries_endpoint_id_state_free_at", "webhook_deliveries", ["endpoint_id", "state", "free_at"]
    )
    op.create_index(
        "ix_webhook_deliveries_line",
        "webhook_deliveries",
        ["endpoint_id", "subject_kind", "subject_id", "state", "number"],
    )
    op.create_index("ix_webhook_deliveries_state_delivery_id", "webhook_deliveries", ["state", "delivery_id"])
