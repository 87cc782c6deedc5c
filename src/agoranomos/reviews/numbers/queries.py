"""All SQL about virtual numbers."""

from __future__ import annotations

from datetime import datetime
from typing import Any

import msgspec
import sqlalchemy as sa

from agoranomos.kernel.dialects import locked, upsert
from agoranomos.kernel.errors import NotFound
from agoranomos.kernel.ids import is_id
from agoranomos.kernel.lists import Place, newest_first
from agoranomos.reviews.numbers.model import Binding
from agoranomos.reviews.numbers.tables import number_bindings

_of = number_bindings.c


def of_order(connection: sa.Connection, order_id: str) -> Binding | None:
    """The newest binding of an order, locked against change when the transaction writes."""
    query = sa.select(_of.document).where(_of.order_id == order_id).order_by(_of.turn.desc()).limit(1)
    return _one(connection, query) if is_id(order_id) else None


def get(connection: sa.Connection, order_id: str) -> Binding:
    """The newest binding of an order. Raises NotFound."""
    found = of_order(connection, order_id)
    if found is None:
        raise NotFound("no number was ever bound for this order; see `agora reviews numbers list`")
    return found


def by_id(connection: sa.Connection, binding_id: str) -> Binding:
    """The binding. Raises NotFound."""
    found = _one(connection, sa.select(_of.document).where(_of.binding_id == binding_id))
    if found is None:
        raise NotFound("there is no such binding")
    return found


def of_number(connection: sa.Connection, number: str) -> Binding | None:
    """Who has a number, or had it last, locked like `of_order`."""
    query = sa.select(_of.document).where(_of.virtual_number == number).order_by(_of.asked_at.desc(), _of.turn.desc())
    return _one(connection, query.limit(1))


def between(connection: sa.Connection, store_id: str, account_id: str, now: datetime) -> list[Binding]:
    """The numbers that are alive by which a store reaches a buyer."""
    query = sa.select(_of.document).where(_of.state == "bound", _of.expires_at > now, _of.told_at.is_(None))
    of_both = (_of.store_id == store_id, _of.account_id == account_id)
    return _bindings(connection, query.where(*of_both).order_by(_of.binding_id))


def untold(connection: sa.Connection, now: datetime, limit: int) -> list[Binding]:
    """What has ended or expired without the provider knowing."""
    over = sa.or_(_of.state == "ended", sa.and_(_of.state == "bound", _of.expires_at <= now))
    query = sa.select(_of.document).where(_of.told_at.is_(None), over)
    return _bindings(connection, query.order_by(_of.expires_at, _of.binding_id).limit(limit))


def unfinished(connection: sa.Connection, before: datetime, limit: int) -> list[Binding]:
    """What was asked for before a moment, and has no number yet."""
    query = sa.select(_of.document).where(_of.state == "asked", _of.asked_at < before)
    return _bindings(connection, query.order_by(_of.asked_at, _of.binding_id).limit(limit))


def listed(connection: sa.Connection, *, after: Place | None, limit: int) -> list[Binding]:
    """Newest first, behind `after`."""
    return _bindings(
        connection, newest_first(sa.select(_of.document), _of.asked_at, _of.binding_id, after=after, limit=limit)
    )


def put(connection: sa.Connection, binding: Binding) -> None:
    """Keeps a binding as it is now."""
    names = (
        "binding_id", "order_id", "store_id", "account_id", "turn", "virtual_number", "state", "asked_at",
        "expires_at", "told_at",
    )  # fmt: skip
    row = {name: getattr(binding, name) for name in names} | {"document": binding}
    upsert(connection, number_bindings, [row], ["binding_id"])


def _one(connection: sa.Connection, query: sa.Select[Any]) -> Binding | None:
    document = connection.execute(locked(connection, query)).scalar_one_or_none()
    return None if document is None else msgspec.convert(document, Binding)


def _bindings(connection: sa.Connection, query: sa.Select[Any]) -> list[Binding]:
    return [msgspec.convert(each, Binding) for each in connection.execute(query).scalars()]
