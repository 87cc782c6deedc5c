"""The outbox: what is to be delivered, written with the action, and taken out in the order of each subject.

A message has a number within its subject. Of the deliveries to one endpoint about one subject, only the first that
waits has a time (`free_at`); when it has ended, the next is given one. Whoever calls `put`, `stop` or `end` holds the
turn of all actions (`entering.take_turn`); `claim` needs none.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from datetime import datetime, timedelta
from typing import Any, NamedTuple, Protocol

import msgspec
import sqlalchemy as sa

from agoranomos.enforcement.queries import AT_A_TIME
from agoranomos.enforcement.tables import outbox, outbox_subjects, webhook_deliveries, webhook_endpoints
from agoranomos.kernel.actions import Action
from agoranomos.kernel.clock import rfc3339
from agoranomos.kernel.dialects import upsert
from agoranomos.kernel.ids import derived

_Subject = tuple[str, str]
_table = webhook_deliveries.c


class Claimed(NamedTuple):
    """A delivery that may be tried now, by whoever has this `lease`."""

    delivery_id: str
    message_id: str
    action_id: str
    endpoint_id: str
    subject_kind: str
    subject_id: str
    body: bytes
    attempts: int
    lease: int


def message_id(action_id: str) -> str:
    """The `webhook-id` of an action."""
    return derived("msg", action_id)


def put(connection: sa.Connection, actions: Sequence[Action], *, now: datetime) -> None:
    """Has `actions` delivered to every active endpoint, behind what is on its way about the same subject."""
    for start in range(0, len(actions), AT_A_TIME):
        _put(connection, actions[start : start + AT_A_TIME], now)


def stop(connection: sa.Connection, action_ids: Collection[str], *, now: datetime) -> set[str]:
    """Takes back those of `action_ids` that nobody has tried to deliver; the ids of those that will not go out."""
    stopped: set[str] = set()
    wanted = sorted(message_id(each) for each in action_ids)
    for start in range(0, len(wanted), AT_A_TIME):
        stopped |= _stop(connection, wanted[start : start + AT_A_TIME], now)
    return {each for each in action_ids if message_id(each) in stopped}


def claim(connection: sa.Connection, endpoint_id: str, n: int, *, now: datetime, lease_s: float) -> list[Claimed]:
    """Up to `n` deliveries to an endpoint that are due, to be tried within `lease_s` seconds."""
    due = (
        sa.select(webhook_deliveries)
        .where(_table.endpoint_id == endpoint_id, _table.state == "waiting", _table.free_at <= now)
        .order_by(_table.free_at, _table.delivery_id)
        .limit(n)
        .with_for_update(skip_locked=True)
    )
    rows = connection.execute(due).all()
    if not rows:
        return []
    leased = {"attempts": _table.attempts + 1, "lease": _table.lease + 1, "free_at": now + timedelta(seconds=lease_s)}
    ids = [row.delivery_id for row in rows]
    connection.execute(sa.update(webhook_deliveries).where(_table.delivery_id.in_(ids)).values(**leased))
    bodies = _messages(connection, [row.message_id for row in rows])
    return [
        Claimed(
            row.delivery_id, row.message_id, bodies[row.message_id].action_id, endpoint_id,
            row.subject_kind, row.subject_id,
            bodies[row.message_id].body.encode(), row.attempts + 1, row.lease + 1,
        )
        for row in rows
    ]  # fmt: skip


def any_due(connection: sa.Connection, endpoint_id: str, now: datetime) -> bool:
    """Whether there is something to claim; writes and locks nothing."""
    due = (_table.endpoint_id == endpoint_id, _table.state == "waiting", _table.free_at <= now)
    return connection.execute(sa.select(_table.delivery_id).where(*due).limit(1)).first() is not None


def put_off(connection: sa.Connection, one: Claimed, *, until: datetime, reason: str) -> bool:
    """Has `one` tried again at `until`; False when its lease is lost."""
    return _change(connection, one, free_at=until, reason=reason)


def end(connection: sa.Connection, one: Claimed, state: str, *, reason: str | None, now: datetime) -> bool:
    """Ends `one` (`delivered` or `dead`) and lets the next one about its subject go; False when its lease is lost."""
    if not _change(connection, one, state=state, ended_at=now, free_at=None, reason=reason):
        return False
    _let_next_go(connection, one, now)
    return True


def end_all(connection: sa.Connection, endpoint_id: str, state: str, *, reason: str, now: datetime) -> list[str]:
    """Ends all that waits for an endpoint, which takes nothing any more; the ids of the messages."""
    waiting = (_table.endpoint_id == endpoint_id, _table.state == "waiting")
    messages = connection.execute(sa.select(_table.message_id).where(*waiting)).scalars().all()
    changed = {"state": state, "ended_at": now, "free_at": None, "reason": reason, "lease": _table.lease + 1}
    connection.execute(sa.update(webhook_deliveries).where(*waiting).values(**changed))
    return list(messages)


def all_delivered(connection: sa.Connection, message_ids: Collection[str]) -> list[str]:
    """The actions whose messages have arrived wherever they were to go."""
    ids = sorted(set(message_ids))
    undelivered = sa.func.sum(sa.case((_table.state.in_(("waiting", "dead")), 1), else_=0))
    delivered = sa.func.sum(sa.case((_table.state == "delivered", 1), else_=0))
    query = (
        sa.select(outbox.c.action_id)
        .join(webhook_deliveries, _table.message_id == outbox.c.message_id)
        .where(outbox.c.message_id.in_(ids))
        .group_by(outbox.c.action_id)
        .having(undelivered == 0, delivered > 0)
    )
    return sorted(connection.execute(query).scalars())


def _put(connection: sa.Connection, actions: Sequence[Action], now: datetime) -> None:
    numbers = _numbers(connection, actions)
    messages = []
    for action in actions:
        subject = (action.subject.kind, action.subject.id)
        numbers[subject] += 1
        messages.append(
            {
                "message_id": message_id(action.id),
                "action_id": action.id,
                "subject_kind": action.subject.kind,
                "subject_id": action.subject.id,
                "number": numbers[subject],
                "body": _body(action, now),
                "at": now,
            }
        )
    if not messages:
        return
    rows = [
        {"subject_kind": kind, "subject_id": subject_id, "last_number": number}
        for (kind, subject_id), number in sorted(numbers.items())
    ]
    upsert(connection, outbox_subjects, rows, ["subject_kind", "subject_id"])
    connection.execute(outbox.insert(), messages)
    _address(connection, messages, now)


def _body(action: Action, now: datetime) -> str:
    """Type, time and data: the payload that Standard Webhooks recommends."""
    return msgspec.json.encode({"type": action.kind, "timestamp": rfc3339(now), "data": action}).decode()


def _address(connection: sa.Connection, messages: Sequence[dict[str, Any]], now: datetime) -> None:
    active = sa.select(webhook_endpoints.c.endpoint_id).where(webhook_endpoints.c.state == "active")
    endpoints = connection.execute(active.order_by(webhook_endpoints.c.endpoint_id)).scalars().all()
    busy = _busy(connection, {message["subject_id"] for message in messages})
    rows = []
    for message in messages:
        for endpoint_id in endpoints:
            line = (endpoint_id, message["subject_kind"], message["subject_id"])
            rows.append(_delivery(message, endpoint_id, None if line in busy else now))
            busy.add(line)
    if rows:
        connection.execute(webhook_deliveries.insert(), rows)


def _delivery(message: dict[str, Any], endpoint_id: str, free_at: datetime | None) -> dict[str, Any]:
    return {
        "delivery_id": derived("dlv", message["message_id"], endpoint_id),
        "message_id": message["message_id"],
        "endpoint_id": endpoint_id,
        "subject_kind": message["subject_kind"],
        "subject_id": message["subject_id"],
        "number": message["number"],
        "state": "waiting",
        "attempts": 0,
        "lease": 0,
        "free_at": free_at,
    }


def _numbers(connection: sa.Connection, actions: Sequence[Action]) -> dict[_Subject, int]:
    numbers: dict[_Subject, int] = {(action.subject.kind, action.subject.id): 0 for action in actions}
    ids = sorted({subject_id for _, subject_id in numbers})
    for row in connection.execute(sa.select(outbox_subjects).where(outbox_subjects.c.subject_id.in_(ids))):
        if (row.subject_kind, row.subject_id) in numbers:
            numbers[row.subject_kind, row.subject_id] = row.last_number
    return numbers


def _busy(connection: sa.Connection, subject_ids: Collection[str]) -> set[tuple[str, str, str]]:
    """(endpoint, kind, id) of the subjects about which something is under way to an endpoint."""
    query = sa.select(_table.endpoint_id, _table.subject_kind, _table.subject_id).distinct()
    waiting = query.where(_table.state == "waiting", _table.subject_id.in_(sorted(subject_ids)))
    return {(row.endpoint_id, row.subject_kind, row.subject_id) for row in connection.execute(waiting)}


def _stop(connection: sa.Connection, message_ids: Sequence[str], now: datetime) -> set[str]:
    query = sa.select(webhook_deliveries).where(_table.message_id.in_(message_ids))
    rows = connection.execute(query.order_by(_table.delivery_id).with_for_update()).all()
    tried = {row.message_id for row in rows if row.lease > 0}
    untried = [row for row in rows if row.message_id not in tried and row.state == "waiting"]
    ids = [row.delivery_id for row in untried]
    changed = {"state": "stopped", "ended_at": now, "free_at": None}
    connection.execute(sa.update(webhook_deliveries).where(_table.delivery_id.in_(ids)).values(**changed))
    for row in untried:
        _let_next_go(connection, row, now)
    return {row.message_id for row in untried}


def _messages(connection: sa.Connection, message_ids: Sequence[str]) -> dict[str, sa.Row[Any]]:
    query = sa.select(outbox).where(outbox.c.message_id.in_(sorted(set(message_ids))))
    return {row.message_id: row for row in connection.execute(query)}


def _change(connection: sa.Connection, one: Claimed, **values: Any) -> bool:
    mine = (_table.delivery_id == one.delivery_id, _table.lease == one.lease, _table.state == "waiting")
    update = sa.update(webhook_deliveries).where(*mine).values(**values)
    return connection.execute(update, execution_options={"preserve_rowcount": True}).rowcount == 1


class _Line(Protocol):
    """What goes to one endpoint about one subject."""

    @property
    def endpoint_id(self) -> str: ...

    @property
    def subject_kind(self) -> str: ...

    @property
    def subject_id(self) -> str: ...


_FIRST_OF_LINE = (
    sa.select(_table.delivery_id)
    .where(
        _table.endpoint_id == sa.bindparam("endpoint"),
        _table.subject_kind == sa.bindparam("kind"),
        _table.subject_id == sa.bindparam("subject"),
        _table.state == "waiting",
    )
    .order_by(_table.number)
    .limit(1)
)


def _let_next_go(connection: sa.Connection, ended: _Line | sa.Row[Any], now: datetime) -> None:
    """Gives a time to the first that waits behind `ended`."""
    line = {"endpoint": ended.endpoint_id, "kind": ended.subject_kind, "subject": ended.subject_id}
    next_id = connection.execute(_FIRST_OF_LINE, line).scalar_one_or_none()
    if next_id is not None:
        freed = (_table.delivery_id == next_id, _table.free_at.is_(None))
        connection.execute(sa.update(webhook_deliveries).where(*freed).values(free_at=now))
