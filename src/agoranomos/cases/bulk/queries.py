"""All SQL of decisions about many cases at once."""

from __future__ import annotations

from datetime import datetime

import msgspec
import sqlalchemy as sa

from agoranomos.cases.bulk.tables import case_bulks
from agoranomos.cases.desk.model import Outcome
from agoranomos.kernel.dialects import locked
from agoranomos.kernel.errors import NotFound
from agoranomos.kernel.ids import is_id
from agoranomos.kernel.lists import Place, newest_first

_B = case_bulks.c


class Bulk(msgspec.Struct, frozen=True, kw_only=True):
    """Cases that were decided together."""

    bulk_id: str
    outcome: Outcome
    clause: str
    by: str
    at: datetime
    case_ids: tuple[str, ...]
    undone_at: datetime | None = None
    undone_by: str | None = None


def find(connection: sa.Connection, bulk_id: str) -> Bulk | None:
    """Locked when the transaction writes; None when there is none."""
    query = sa.select(case_bulks).where(_B.bulk_id == bulk_id)
    row = connection.execute(locked(connection, query)).first() if is_id(bulk_id) else None
    return None if row is None else _bulk(row)


def get(connection: sa.Connection, bulk_id: str) -> Bulk:
    """Raises NotFound."""
    found = find(connection, bulk_id)
    if found is None:
        raise NotFound("no cases were decided together under this id; see `agora cases bulks`")
    return found


def listed(connection: sa.Connection, *, after: Place | None, limit: int) -> list[Bulk]:
    """At most `limit` behind `after`, newest first."""
    query = newest_first(sa.select(case_bulks), _B.at, _B.bulk_id, after=after, limit=limit)
    return [_bulk(row) for row in connection.execute(query)]


def add(connection: sa.Connection, bulk: Bulk) -> None:
    """Keeps one."""
    connection.execute(case_bulks.insert(), [{**msgspec.structs.asdict(bulk), "case_ids": list(bulk.case_ids)}])


def mark_undone(connection: sa.Connection, bulk_id: str, by: str, now: datetime) -> None:
    """It is undone."""
    connection.execute(sa.update(case_bulks).where(_B.bulk_id == bulk_id).values(undone_at=now, undone_by=by))


def _bulk(row: sa.Row[tuple[object, ...]]) -> Bulk:
    values = dict(row._mapping)
    return Bulk(**{**values, "case_ids": tuple(values["case_ids"])})
