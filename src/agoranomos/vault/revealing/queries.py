"""All SQL about permits."""

from __future__ import annotations

from datetime import datetime
from typing import Any

import sqlalchemy as sa

from agoranomos.kernel.dialects import insert_ignore, locked
from agoranomos.kernel.errors import NotFound
from agoranomos.kernel.ids import is_id
from agoranomos.kernel.lists import Place, newest_first
from agoranomos.staff.tables import sessions
from agoranomos.vault.revealing.model import Permit
from agoranomos.vault.revealing.tables import vault_permits

_table = vault_permits.c


def get(connection: sa.Connection, permit_id: str) -> Permit:
    """The permit, locked against change when the transaction writes. Raises NotFound."""
    query = sa.select(vault_permits).where(_table.permit_id == permit_id)
    row = connection.execute(locked(connection, query)).first() if is_id(permit_id) else None
    if row is None:
        raise NotFound("there is no such permit; see `agora vault permits`")
    return _permit(row)


def listed(
    connection: sa.Connection, *, actor: str | None = None, after: Place | None = None, limit: int
) -> list[Permit]:
    """Newest first, behind `after`; those of `actor` only, when there is one."""
    query = sa.select(vault_permits)
    if actor is not None:
        query = query.where(_table.actor == actor)
    found = newest_first(query, _table.asked_at, _table.permit_id, after=after, limit=limit)
    return [_permit(row) for row in connection.execute(found)]


def add(connection: sa.Connection, permit: Permit) -> None:
    """Keeps a permit; the same again is one."""
    insert_ignore(connection, vault_permits, [_row(permit)])


def change(connection: sa.Connection, permit_id: str, **values: Any) -> None:
    """Sets columns of a permit."""
    connection.execute(sa.update(vault_permits).where(_table.permit_id == permit_id).values(**values))


def signed_in_at(connection: sa.Connection, person_id: str, now: datetime) -> datetime | None:
    """When the person last proved who they are, in a browser whose session still lasts."""
    began = sa.select(sa.func.max(sessions.c.began_at)).where(
        sessions.c.person_id == person_id, sessions.c.ends_at > now
    )
    found: datetime | None = connection.execute(began).scalar_one()
    return found


def _row(permit: Permit) -> dict[str, Any]:
    row = {name: getattr(permit, name) for name in Permit.__struct_fields__}
    return row | {"subjects": list(permit.subjects)}


def _permit(row: sa.Row[Any]) -> Permit:
    return Permit(**{**row._asdict(), "subjects": tuple(row.subjects)})
