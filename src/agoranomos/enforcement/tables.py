"""What actions out are kept in: actions and measures, the brake and what it takes shares of, the outbox, endpoints and
deliveries.
"""

from __future__ import annotations

import sqlalchemy as sa

from agoranomos.kernel.dialects import Json, Key, Moment
from agoranomos.kernel.store import metadata

measures = sa.Table(
    "measures",
    metadata,
    sa.Column("measure_id", Key, primary_key=True),
    sa.Column("at", Moment, nullable=False),
    sa.Column("requested_by", Key, nullable=False),
    sa.Column("actions", sa.Integer, nullable=False),
    sa.Column("undone_at", Moment),
    sa.Column("undone_by", Key),
    sa.Index(None, "at", "measure_id"),
)

actions = sa.Table(
    "actions",
    metadata,
    sa.Column("action_id", Key, primary_key=True),
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
    # What a proposed action waits for; several may wait for one approval.
    sa.Column("approval_id", Key, index=True),
    # The action that this one takes back; unique, so that nothing is taken back twice.
    sa.Column("reverses", Key, unique=True),
    # Who wants it undone as soon as it has taken effect.
    sa.Column("undo_by", Key),
    sa.CheckConstraint(
        "status IN ('proposed', 'approved', 'pending', 'done', 'failed', 'undone', 'refused')", "status"
    ),
    sa.Index(None, "at", "action_id"),
    sa.Index(None, "status", "at", "action_id"),
    sa.Index(None, "subject_kind", "subject_id", "at"),
    sa.Index(None, "measure_id", "action_id"),
    # Those of a kind, newest first; and how many of some time stand, without opening a row.
    sa.Index("ix_actions_kind_at", "kind", "at", "action_id", "status", "subject_id"),
)

joined_reasons = sa.Table(
    "joined_reasons",
    metadata,
    # What somebody asked for, under the id that it would have as an action of its own …
    sa.Column("action_id", Key, primary_key=True),
    # … and the action that stands for it: the first that was asked for, which has a row as well.
    sa.Column("owner_id", Key, sa.ForeignKey("actions.action_id"), nullable=False, index=True),
    sa.Column("because", Json, nullable=False),
    sa.Column("requested_by", Key, nullable=False),
    sa.Column("at", Moment, nullable=False),
    sa.Column("withdrawn_at", Moment),
)
"""The reasons of actions that several have asked for; an action with one reason has no row."""

action_requests = sa.Table(
    "action_requests",
    metadata,
    sa.Column("caller", Key, primary_key=True),
    sa.Column("idempotency_key", Key, primary_key=True),
    sa.Column("digest", Key, nullable=False),
    sa.Column("at", Moment, nullable=False, index=True),
)

# Only actors whose surplus is held: by which approval they are let go again.
brakes = sa.Table(
    "brakes",
    metadata,
    sa.Column("actor", Key, primary_key=True),
    sa.Column("approval_id", Key, nullable=False, unique=True),
)

brake_subjects = sa.Table(
    "brake_subjects",
    metadata,
    sa.Column("actor", Key, primary_key=True),
    sa.Column("counted", Key, primary_key=True),  # a kind of action, or "" for all
    sa.Column("subject_kind", Key, primary_key=True),
    sa.Column("subject_id", Key, primary_key=True),
    sa.Column("last_at", Moment, nullable=False),
    sa.Index(None, "actor", "counted", "last_at"),
)

# What an action rests on, to be looked up by it: an appeal takes back what rested on a case.
action_reasons = sa.Table(
    "action_reasons",
    metadata,
    sa.Column("reason", Key, primary_key=True),
    sa.Column("action_id", Key, primary_key=True),
)

# Listings and stores that are live, as far as the event log was counted.
catalogue_live = sa.Table(
    "catalogue_live",
    metadata,
    sa.Column("subject_kind", Key, primary_key=True),
    sa.Column("subject_id", Key, primary_key=True),
    # Of a listing; "" of a store.
    sa.Column("store_id", Key, nullable=False, index=True),
)

catalogue_counts = sa.Table(
    "catalogue_counts",
    metadata,
    sa.Column("subject_kind", Key, primary_key=True),
    sa.Column("live", sa.BigInteger, nullable=False),
    sa.Column("position", sa.BigInteger, nullable=False),
)

outbox_subjects = sa.Table(
    "outbox_subjects",
    metadata,
    sa.Column("subject_kind", Key, primary_key=True),
    sa.Column("subject_id", Key, primary_key=True),
    sa.Column("last_number", sa.BigInteger, nullable=False),
)

outbox = sa.Table(
    "outbox",
    metadata,
    sa.Column("message_id", Key, primary_key=True),
    sa.Column("action_id", Key, nullable=False, unique=True),
    sa.Column("subject_kind", Key, nullable=False),
    sa.Column("subject_id", Key, nullable=False),
    sa.Column("number", sa.BigInteger, nullable=False),
    sa.Column("body", sa.Text, nullable=False),
    sa.Column("at", Moment, nullable=False),
    sa.UniqueConstraint("subject_kind", "subject_id", "number"),
    sa.Index(None, "at", "message_id"),
)

webhook_endpoints = sa.Table(
    "webhook_endpoints",
    metadata,
    sa.Column("endpoint_id", Key, primary_key=True),
    sa.Column("url", sa.Text, nullable=False),
    sa.Column("state", Key, nullable=False),
    sa.Column("allow_private", sa.Boolean, nullable=False),
    sa.Column("added_at", Moment, nullable=False),
    sa.CheckConstraint("state IN ('active', 'disabled', 'removed')", "state"),
)

webhook_secrets = sa.Table(
    "webhook_secrets",
    metadata,
    sa.Column("secret_id", Key, primary_key=True),
    sa.Column("endpoint_id", Key, nullable=False, index=True),
    sa.Column("master_id", Key, nullable=False),
    sa.Column("nonce", sa.LargeBinary, nullable=False),
    sa.Column("sealed", sa.LargeBinary, nullable=False),
    sa.Column("made_at", Moment, nullable=False),
    sa.Column("ends_at", Moment),
)

webhook_deliveries = sa.Table(
    "webhook_deliveries",
    metadata,
    sa.Column("delivery_id", Key, primary_key=True),
    sa.Column("message_id", Key, nullable=False, index=True),
    sa.Column("endpoint_id", Key, nullable=False),
    sa.Column("subject_kind", Key, nullable=False),
    sa.Column("subject_id", Key, nullable=False),
    sa.Column("number", sa.BigInteger, nullable=False),
    sa.Column("state", Key, nullable=False),
    sa.Column("attempts", sa.Integer, nullable=False),
    # From when it may be tried; NULL behind an earlier one for the same subject. An attempt puts it a lease ahead.
    sa.Column("free_at", Moment),
    # Counts every attempt, also over redeliveries: who comes back from the dead has an old number.
    sa.Column("lease", sa.BigInteger, nullable=False),
    sa.Column("reason", Key),
    sa.Column("ended_at", Moment),
    sa.CheckConstraint("state IN ('waiting', 'delivered', 'dead', 'stopped')", "state"),
    sa.CheckConstraint("(state = 'waiting') = (ended_at IS NULL)", "ended_at"),
    sa.Index(None, "endpoint_id", "state", "free_at"),
    sa.Index("ix_webhook_deliveries_line", "endpoint_id", "subject_kind", "subject_id", "state", "number"),
    sa.Index(None, "state", "delivery_id"),
)
