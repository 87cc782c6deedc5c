"""The verbs of webhooks, given an open transaction: where actions are delivered, under which secrets, and once more."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any, NamedTuple

import sqlalchemy as sa

from agoranomos.audit.actions import record
from agoranomos.audit.model import Entry
from agoranomos.enforcement import outbox, signing, undoing
from agoranomos.enforcement.addresses import check_url
from agoranomos.enforcement.entering import take_turn
from agoranomos.enforcement.model import Delivery, DeliveryState, Endpoint
from agoranomos.enforcement.policy import Policy
from agoranomos.enforcement.tables import outbox as messages
from agoranomos.enforcement.tables import webhook_deliveries, webhook_endpoints, webhook_secrets
from agoranomos.kernel.actors import SYSTEM, Actor
from agoranomos.kernel.errors import Conflict, NotFound
from agoranomos.kernel.ids import derived, is_id
from agoranomos.vault.keys import Vault
from agoranomos.vault.masters import use_current

REDELIVER_MAX = 1_000
_table = webhook_deliveries.c


class Target(NamedTuple):
    """An endpoint to deliver to, with the secrets that are in use, the newest first."""

    endpoint: Endpoint
    secrets: tuple[bytes, ...]


def add(
    connection: sa.Connection, vault: Vault, url: str, *, allow_private: bool, by: Actor, now: datetime
) -> tuple[Endpoint, str]:
    """Has actions delivered to `url` from now on; returns the endpoint and its secret, which is shown only here.

    Raises Invalid for a URL that cannot be used, Conflict for one that is there already.
    """
    check_url(url, allow_private=allow_private)
    take_turn(connection)
    same = (webhook_endpoints.c.url == url, webhook_endpoints.c.state == "active")
    if connection.execute(sa.select(webhook_endpoints.c.endpoint_id).where(*same)).first():
        raise Conflict("actions are delivered to this URL already; rotate its secret instead")
    endpoint_id = derived("whe", url, vault.random(8).hex())
    row = {
        "endpoint_id": endpoint_id, "url": url, "state": "active", "allow_private": allow_private, "added_at": now,
    }  # fmt: skip
    connection.execute(webhook_endpoints.insert(), row)
    secret = _new_secret(connection, vault, endpoint_id, now)
    _record(connection, "webhook.add", endpoint_id, by, now, allow_private=allow_private)
    return get(connection, endpoint_id), secret


def rotate(
    connection: sa.Connection, vault: Vault, endpoint_id: str, *, by: Actor, policy: Policy, now: datetime
) -> str:
    """A new secret, shown only here; those before it sign beside it for `rotation_overlap_s` more. Raises NotFound."""
    require_active(connection, endpoint_id)
    ends_at = now + timedelta(seconds=policy.webhooks.rotation_overlap_s)
    table = webhook_secrets.c
    old = (table.endpoint_id == endpoint_id, table.ends_at.is_(None))
    connection.execute(sa.update(webhook_secrets).where(*old).values(ends_at=ends_at))
    connection.execute(sa.delete(webhook_secrets).where(table.endpoint_id == endpoint_id, table.ends_at <= now))
    secret = _new_secret(connection, vault, endpoint_id, now)
    _record(connection, "webhook.rotate", endpoint_id, by, now)
    return secret


def remove(connection: sa.Connection, endpoint_id: str, *, by: Actor, policy: Policy, now: datetime) -> None:
    """Delivers nothing more to it; what waits is stopped, and its secrets are deleted. Raises NotFound."""
    take_turn(connection)
    get(connection, endpoint_id)
    _set_state(connection, endpoint_id, "removed")
    connection.execute(sa.delete(webhook_secrets).where(webhook_secrets.c.endpoint_id == endpoint_id))
    stopped = outbox.end_all(connection, endpoint_id, "stopped", reason="endpoint_removed", now=now)
    undoing.arrived(connection, outbox.all_delivered(connection, stopped), policy=policy, now=now)
    _record(connection, "webhook.remove", endpoint_id, by, now)


def disable(connection: sa.Connection, endpoint_id: str, *, now: datetime) -> None:
    """It said that it is gone: what waits for it is dead, until it is enabled and told to deliver again."""
    _set_state(connection, endpoint_id, "disabled")
    outbox.end_all(connection, endpoint_id, "dead", reason="endpoint_gone", now=now)
    _record(connection, "webhook.disable", endpoint_id, SYSTEM, now)


def redeliver(connection: sa.Connection, delivery_id: str, *, by: Actor, now: datetime) -> Delivery:
    """Delivers once more, at once, with all attempts; the receiver knows a repeat by its `webhook-id`.

    Raises NotFound; Conflict when it waits already or was stopped, or when its endpoint takes nothing.
    """
    found = _deliveries(connection, sa.select(webhook_deliveries).where(_table.delivery_id == delivery_id))
    if not is_id(delivery_id) or not found:
        raise NotFound("there is no such delivery; see `agora webhooks deliveries`")
    if found[0].status == "waiting":
        raise Conflict("this delivery is under way already")
    if found[0].status == "stopped":
        raise Conflict("this action was undone before it went out; ask for it anew, with new reasons")
    require_active(connection, found[0].endpoint_id)
    again = {"state": "waiting", "attempts": 0, "free_at": now, "ended_at": None, "reason": None}
    connection.execute(sa.update(webhook_deliveries).where(_table.delivery_id == delivery_id).values(**again))
    _record(connection, "webhook.redeliver", found[0].endpoint_id, by, now, delivery_id=delivery_id)
    return _deliveries(connection, sa.select(webhook_deliveries).where(_table.delivery_id == delivery_id))[0]


def redeliver_dead(connection: sa.Connection, *, by: Actor, now: datetime) -> int:
    """Delivers dead letters to endpoints in use once more, at most `REDELIVER_MAX` of them; returns how many."""
    active = sa.select(webhook_endpoints.c.endpoint_id).where(webhook_endpoints.c.state == "active")
    dead = sa.select(_table.delivery_id).where(_table.state == "dead", _table.endpoint_id.in_(active))
    ids = connection.execute(dead.order_by(_table.ended_at, _table.delivery_id).limit(REDELIVER_MAX)).scalars().all()
    for delivery_id in ids:
        redeliver(connection, delivery_id, by=by, now=now)
    return len(ids)


def listed(connection: sa.Connection) -> list[Endpoint]:
    """All endpoints but removed ones, in the order in which they were added."""
    query = sa.select(webhook_endpoints).where(webhook_endpoints.c.state != "removed")
    order = (webhook_endpoints.c.added_at, webhook_endpoints.c.endpoint_id)
    return [_endpoint(row) for row in connection.execute(query.order_by(*order))]


def targets(connection: sa.Connection, vault: Vault, *, now: datetime) -> list[Target]:
    """Where to deliver, with the secrets that are in use at `now`."""
    table = webhook_secrets.c
    live = sa.or_(table.ends_at.is_(None), table.ends_at > now)
    secrets: dict[str, list[bytes]] = {}
    for row in connection.execute(sa.select(webhook_secrets).where(live).order_by(table.made_at.desc())):
        secret = signing.opened(vault, row.secret_id, row.master_id, row.nonce, row.sealed)
        secrets.setdefault(row.endpoint_id, []).append(secret)
    active = [each for each in listed(connection) if each.state == "active"]
    return [Target(each, tuple(secrets[each.id])) for each in active]


def deliveries(
    connection: sa.Connection, *, status: DeliveryState | None = None, endpoint_id: str | None = None,
    after: str = "", limit: int = 100,
) -> list[Delivery]:  # fmt: skip
    """At most `limit` deliveries in the order of their ids, behind the id `after`."""
    query = sa.select(webhook_deliveries).where(_table.delivery_id > after)
    if status is not None:
        query = query.where(_table.state == status)
    if endpoint_id is not None:
        query = query.where(_table.endpoint_id == endpoint_id)
    return _deliveries(connection, query.order_by(_table.delivery_id).limit(limit))


def _new_secret(connection: sa.Connection, vault: Vault, endpoint_id: str, now: datetime) -> str:
    secret, row = signing.sealed(vault, use_current(connection, vault, now), endpoint_id)
    connection.execute(webhook_secrets.insert(), {**row, "made_at": now})
    return signing.shown(secret)


def get(connection: sa.Connection, endpoint_id: str) -> Endpoint:
    """The endpoint, unless it was removed. Raises NotFound."""
    query = sa.select(webhook_endpoints).where(webhook_endpoints.c.endpoint_id == endpoint_id)
    row = connection.execute(query).first() if is_id(endpoint_id) else None
    if row is None or row.state == "removed":
        raise NotFound("there is no such endpoint; see `agora webhooks list`")
    return _endpoint(row)


def require_active(connection: sa.Connection, endpoint_id: str) -> Endpoint:
    """The endpoint. Raises NotFound, and Conflict when it takes nothing."""
    endpoint = get(connection, endpoint_id)
    if endpoint.state != "active":
        raise Conflict("this endpoint said that it is gone; remove it and add it again")
    return endpoint


def _set_state(connection: sa.Connection, endpoint_id: str, state: str) -> None:
    mine = webhook_endpoints.c.endpoint_id == endpoint_id
    connection.execute(sa.update(webhook_endpoints).where(mine).values(state=state))


def _endpoint(row: sa.Row[Any]) -> Endpoint:
    return Endpoint(
        id=row.endpoint_id, url=row.url, state=row.state, allow_private=row.allow_private, added_at=row.added_at
    )  # fmt: skip


def _deliveries(connection: sa.Connection, query: sa.Select[Any]) -> list[Delivery]:
    rows: Sequence[Any] = connection.execute(query).all()
    ids = {row.message_id for row in rows}
    about = sa.select(messages.c.message_id, messages.c.action_id).where(messages.c.message_id.in_(ids))
    actions = {row.message_id: row.action_id for row in connection.execute(about)}
    return [
        Delivery(
            id=row.delivery_id, message_id=row.message_id, action_id=actions[row.message_id],
            endpoint_id=row.endpoint_id, status=row.state, attempts=row.attempts, due_at=row.free_at,
            ended_at=row.ended_at, reason=row.reason,
        )
        for row in rows
    ]  # fmt: skip


def _record(
    connection: sa.Connection, verb: str, endpoint_id: str, by: Actor, now: datetime, **params: str | int | bool
) -> None:
    # The URL is not in it: paths of webhooks hold tokens now and then, and an entry stays for ever.
    entry = Entry(at=now, actor=by, verb=verb, subject_kind="webhook", subject_id=endpoint_id, params=params)
    record(connection, entry)
