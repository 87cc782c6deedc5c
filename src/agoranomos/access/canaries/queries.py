"""All SQL about canaries."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Final

import msgspec
import sqlalchemy as sa

from agoranomos.access.canaries.tables import access_canaries
from agoranomos.kernel.dialects import insert_ignore, locked

PREFIX: Final = "cn"
"""Of the ids of canaries that were planted here."""


class Canary(msgspec.Struct, frozen=True, kw_only=True):
    """Something planted: `value` is an account id or a number; `export_id` and `principal_id` where it lies in an
    export.
    """

    canary_id: str
    kind: str
    value: str
    planted_at: datetime
    export_id: str | None = None
    principal_id: str | None = None


def add(connection: sa.Connection, canaries: Sequence[Canary]) -> list[Canary]:
    """Keeps those that are not known; returns them."""
    return [each for each in canaries if insert_ignore(connection, access_canaries, [msgspec.structs.asdict(each)])]


def of_export(connection: sa.Connection, export_id: str) -> list[Canary]:
    """Those that lie in an export."""
    query = sa.select(access_canaries).where(access_canaries.c.export_id == export_id)
    return [_canary(row) for row in connection.execute(query.order_by(access_canaries.c.kind))]


def free(connection: sa.Connection, kind: str) -> Canary | None:
    """One of a kind that was planted here and lies in no export, locked until the transaction ends; the first in order.

    What the marketplace planted itself lies where anybody may read it, and would name nobody.
    """
    table = access_canaries
    spare = sa.and_(table.c.export_id.is_(None), table.c.canary_id.startswith(f"{PREFIX}_", autoescape=True))
    query = sa.select(table).where(table.c.kind == kind, spare).order_by(table.c.value)
    row = connection.execute(locked(connection, query.limit(1))).first()
    return None if row is None else _canary(row)


def give(connection: sa.Connection, canary: Canary) -> None:
    """Notes whose export it lies in."""
    where = access_canaries.c.canary_id == canary.canary_id
    values = {"export_id": canary.export_id, "principal_id": canary.principal_id}
    connection.execute(sa.update(access_canaries).where(where).values(values))


def listed(connection: sa.Connection, *, after: str = "", limit: int = 100) -> list[Canary]:
    """In the order of ids, behind `after`."""
    table = access_canaries
    query = sa.select(table).where(table.c.canary_id > after).order_by(table.c.canary_id).limit(limit)
    return [_canary(row) for row in connection.execute(query)]


def _canary(row: sa.Row[tuple[object, ...]]) -> Canary:
    return Canary(**{name: row._mapping[name] for name in Canary.__struct_fields__})
