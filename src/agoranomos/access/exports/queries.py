"""All SQL about exports."""

from __future__ import annotations

from typing import Any

import msgspec
import sqlalchemy as sa

from agoranomos.access.exports.model import Export
from agoranomos.access.exports.tables import access_exports
from agoranomos.kernel.dialects import locked, upsert
from agoranomos.kernel.errors import NotFound
from agoranomos.kernel.ids import is_id
from agoranomos.kernel.lists import Place, newest_first

_OF_ONE_MAX = 200


def find(connection: sa.Connection, export_id: str) -> Export | None:
    """The export, locked against change when the transaction writes."""
    query = sa.select(access_exports.c.document).where(access_exports.c.export_id == export_id)
    document = connection.execute(locked(connection, query)).scalar_one_or_none()
    return None if document is None else msgspec.convert(document, Export)


def get(connection: sa.Connection, export_id: str) -> Export:
    """The export. Raises NotFound."""
    found = find(connection, export_id) if is_id(export_id) else None
    if found is None:
        raise NotFound("there is no export with this id; see `agora access exports`")
    return found


def of_principal(connection: sa.Connection, principal_id: str) -> list[Export]:
    """The newest exports that a reader asked for."""
    query = sa.select(access_exports.c.document).where(access_exports.c.principal_id == principal_id)
    return _exports(connection, query.order_by(access_exports.c.requested_at.desc()).limit(_OF_ONE_MAX))


def listed(connection: sa.Connection, *, after: Place | None, limit: int) -> list[Export]:
    """Newest first, behind `after`."""
    table = access_exports
    query = sa.select(table.c.document)
    return _exports(connection, newest_first(query, table.c.requested_at, table.c.export_id, after=after, limit=limit))


def put(connection: sa.Connection, export: Export) -> None:
    """Keeps an export as it is now."""
    row = {
        "export_id": export.export_id, "principal_id": export.principal_id, "requested_at": export.requested_at,
        "document": export,
    }  # fmt: skip
    upsert(connection, access_exports, [row], ["export_id"])


def _exports(connection: sa.Connection, query: sa.Select[Any]) -> list[Export]:
    return [msgspec.convert(each, Export) for each in connection.execute(query).scalars()]
