"""All SQL over known pictures."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from typing import Any

import sqlalchemy as sa

from agoranomos.goods.pictures.model import Reference, Role
from agoranomos.goods.pictures.tables import picture_references
from agoranomos.kernel.dialects import insert_ignore

_CHUNK = 500
_ABOUT = [each for each in picture_references.c if each.name != "packed"]


def state(connection: sa.Connection) -> tuple[int, int]:
    """How many are known and the number of the newest: equal as long as nothing was added or removed."""
    table = picture_references.c
    found = connection.execute(sa.select(sa.func.count(), sa.func.max(table.number))).one()
    return int(found[0]), int(found[1] or 0)


def known(connection: sa.Connection, role: Role, contents: Iterable[str]) -> dict[str, Reference]:
    """Those of `contents` that are known in this role."""
    return {each.content: each for each in _among(connection, contents, picture_references.c.role == role)}


def roles_of(connection: sa.Connection, contents: Iterable[str]) -> dict[str, set[Role]]:
    """The roles in which each of `contents` is known."""
    found: dict[str, set[Role]] = {}
    for each in _among(connection, contents, sa.true()):
        found.setdefault(each.content, set()).add(each.role)
    return found


def _among(connection: sa.Connection, contents: Iterable[str], also: sa.ColumnElement[bool]) -> Iterator[Reference]:
    wanted = sorted(set(contents))
    for start in range(0, len(wanted), _CHUNK):
        part = picture_references.c.content.in_(wanted[start : start + _CHUNK])
        for row in connection.execute(sa.select(*_ABOUT).where(part, also)):
            yield _reference(row)


def references(connection: sa.Connection) -> list[Reference]:
    """All that is known, in the order in which it was added."""
    rows = connection.execute(sa.select(*_ABOUT).order_by(picture_references.c.number))
    return [_reference(row) for row in rows]


def page(
    connection: sa.Connection, *, role: Role | None, brand_id: str | None, after: int, limit: int
) -> list[Reference]:
    """Known pictures after the number `after`, in the order in which they were added."""
    table = picture_references.c
    query = sa.select(*_ABOUT).where(table.number > after).order_by(table.number).limit(limit)
    if role is not None:
        query = query.where(table.role == role)
    if brand_id is not None:
        query = query.where(table.brand_id == brand_id)
    return [_reference(row) for row in connection.execute(query)]


def named(connection: sa.Connection, name: str, role: Role | None) -> list[Reference]:
    """The known pictures of this name, or with this content."""
    table = picture_references.c
    query = sa.select(*_ABOUT).where(sa.or_(table.name == name, table.content == name)).order_by(table.number)
    if role is not None:
        query = query.where(table.role == role)
    return [_reference(row) for row in connection.execute(query)]


def packed_after(connection: sa.Connection, number: int) -> Iterator[tuple[Reference, bytes]]:
    """The known pictures after `number` with their signatures, in the order in which they were added."""
    table = picture_references.c
    while True:
        query = sa.select(*_ABOUT, table.packed).where(table.number > number).order_by(table.number).limit(_CHUNK)
        rows = connection.execute(query).all()
        for row in rows:
            yield _reference(row), row.packed
        if len(rows) < _CHUNK:
            return
        number = rows[-1].number


def add(connection: sa.Connection, rows: Sequence[dict[str, Any]]) -> None:
    """Inserts rows whose keys are new."""
    insert_ignore(connection, picture_references, rows)


def set_brand(connection: sa.Connection, reference: Reference, brand_id: str) -> None:
    """Says whose picture it is."""
    table = picture_references.c
    update = picture_references.update().where(table.role == reference.role, table.content == reference.content)
    connection.execute(update.values(brand_id=brand_id))


def remove(connection: sa.Connection, references: Iterable[Reference]) -> None:
    """Forgets these."""
    table = picture_references.c
    for each in references:
        gone = picture_references.delete().where(table.role == each.role, table.content == each.content)
        connection.execute(gone)


def _reference(row: Any) -> Reference:
    return Reference(
        role=row.role, content=row.content, name=row.name, brand_id=row.brand_id, source=row.source,
        number=row.number, added_at=row.added_at,
    )  # fmt: skip
