"""Forgets deliveries and messages that are done, and idempotency keys; the actions they are about stay for good."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Final

import sqlalchemy as sa

from agoranomos.enforcement.entering import take_turn
from agoranomos.enforcement.policy import Policy
from agoranomos.enforcement.tables import (
    action_requests,
    outbox,
    outbox_subjects,
    webhook_deliveries,
    webhook_endpoints,
)

MESSAGES_MAX: Final = 500
"""How many messages are forgotten in one transaction: others wait for their turn meanwhile."""
REQUESTS_MAX: Final = 5_000
"""How many idempotency keys are forgotten in one transaction."""
_delivery = webhook_deliveries.c


def prune(connection: sa.Connection, *, policy: Policy, now: datetime) -> int:
    """Forgets up to MESSAGES_MAX messages that are older than the policy keeps them; returns how many.

    A message is kept as long as any of its deliveries waits, is a dead letter to an endpoint that was not removed, or
    ended within that time.
    """
    take_turn(connection)
    before = now - timedelta(seconds=policy.kept.deliveries_s)
    there = sa.select(webhook_endpoints.c.endpoint_id).where(webhook_endpoints.c.state != "removed")
    needed = (
        sa.select(_delivery.delivery_id)
        .where(
            _delivery.message_id == outbox.c.message_id,
            sa.or_(
                _delivery.state == "waiting",
                sa.and_(_delivery.state == "dead", _delivery.endpoint_id.in_(there)),
                _delivery.ended_at >= before,
            ),
        )
        .exists()
    )
    old = sa.select(outbox.c.message_id, outbox.c.subject_kind, outbox.c.subject_id).where(
        outbox.c.at < before, ~needed
    )
    rows = connection.execute(old.order_by(outbox.c.at, outbox.c.message_id).limit(MESSAGES_MAX)).all()
    if not rows:
        return 0
    ids = [row.message_id for row in rows]
    connection.execute(sa.delete(webhook_deliveries).where(_delivery.message_id.in_(ids)))
    connection.execute(sa.delete(outbox).where(outbox.c.message_id.in_(ids)))
    _forget_numbers(connection, sorted({row.subject_id for row in rows}))
    return len(rows)


def prune_requests(connection: sa.Connection, *, policy: Policy, now: datetime) -> int:
    """Forgets about REQUESTS_MAX idempotency keys that are older than the policy keeps them; returns how many.

    A repeat that comes still later asks for actions that are known by their ids, and changes nothing.
    """
    at = action_requests.c.at
    old = at < now - timedelta(seconds=policy.kept.requests_s)
    last = connection.execute(sa.select(at).where(old).order_by(at).offset(REQUESTS_MAX - 1).limit(1)).scalar()
    done = connection.execute(sa.delete(action_requests).where(old if last is None else at <= last))
    return done.rowcount


def _forget_numbers(connection: sa.Connection, subject_ids: list[str]) -> None:
    """Where no message is left, the next may be the first again."""
    table = outbox_subjects.c
    left = (
        sa.select(outbox.c.message_id)
        .where(outbox.c.subject_kind == table.subject_kind, outbox.c.subject_id == table.subject_id)
        .exists()
    )
    connection.execute(sa.delete(outbox_subjects).where(table.subject_id.in_(subject_ids), ~left))
