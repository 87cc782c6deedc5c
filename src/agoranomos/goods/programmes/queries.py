"""All SQL that reads programmes."""

from __future__ import annotations

from datetime import datetime
from typing import Any

import sqlalchemy as sa

from agoranomos.goods.programmes.model import Enrolment, EnrolmentState, Fact
from agoranomos.goods.programmes.tables import programme_enrolments, programme_facts, programme_stores
from agoranomos.kernel.dialects import locked
from agoranomos.kernel.errors import NotFound
from agoranomos.kernel.ids import is_id

OPEN = ("asked", "active")
_T = programme_enrolments.c


def get(connection: sa.Connection, enrolment_id: str) -> Enrolment:
    """The enrolment, locked against change when the transaction writes. Raises NotFound."""
    query = sa.select(programme_enrolments).where(_T.enrolment_id == enrolment_id)
    row = connection.execute(locked(connection, query)).first() if is_id(enrolment_id) else None
    if row is None:
        raise NotFound("there is no such enrolment; see `agora programmes list`")
    return _enrolment(row)


def listed(
    connection: sa.Connection, *, state: EnrolmentState | None = None, seller_id: str | None = None, after: str = "",
    limit: int = 100,
) -> list[Enrolment]:  # fmt: skip
    """At most `limit` enrolments behind the id `after`, in the order of ids."""
    query = sa.select(programme_enrolments).where(_T.enrolment_id > after)
    for name, value in {"state": state, "seller_id": seller_id}.items():
        if value is not None:
            query = query.where(_T[name] == value)
    return [_enrolment(row) for row in connection.execute(query.order_by(_T.enrolment_id).limit(limit))]


def of_seller(connection: sa.Connection, seller_id: str) -> Enrolment | None:
    """The newest enrolment of a seller that was not refused."""
    query = sa.select(programme_enrolments).where(_T.seller_id == seller_id, _T.state != "refused")
    row = connection.execute(query.order_by(_T.asked_at.desc(), _T.enrolment_id.desc()).limit(1)).first()
    return None if row is None else _enrolment(row)


def due(connection: sa.Connection, now: datetime, limit: int) -> list[str]:
    """Ids of enrolments that somebody has to look at by `now`, the earliest first."""
    query = sa.select(_T.enrolment_id).where(_T.due_at <= now).order_by(_T.due_at, _T.enrolment_id).limit(limit)
    return list(connection.execute(query).scalars())


def asked(connection: sa.Connection) -> list[Enrolment]:
    """Those that wait for a second person."""
    query = sa.select(programme_enrolments).where(_T.state == "asked").order_by(_T.enrolment_id)
    return [_enrolment(row) for row in connection.execute(query)]


def facts_of(connection: sa.Connection, enrolment_id: str) -> list[Fact]:
    """What is known, in the order of time."""
    table = programme_facts.c
    query = sa.select(programme_facts).where(table.enrolment_id == enrolment_id)
    return [
        Fact(row.kind, row.fact_id, row.at, row.overturned)
        for row in connection.execute(query.order_by(table.at, table.kind, table.fact_id))
    ]


def seller_of(connection: sa.Connection, store_id: str) -> str | None:
    """Who holds a store, as far as it was told."""
    query = sa.select(programme_stores.c.seller_id).where(programme_stores.c.store_id == store_id)
    found: str | None = connection.execute(query).scalar()
    return found


def _enrolment(row: sa.Row[Any]) -> Enrolment:
    values = dict(row._mapping)
    return Enrolment(**{**values, "in_force": tuple(values["in_force"]), "reached": tuple(values["reached"])})
