"""All SQL of retention: holds, runs, and the rows that a schedule ends."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from datetime import datetime
from typing import Any, Final

import msgspec
import sqlalchemy as sa

from agoranomos.kernel.dialects import Moment, insert_ignore, locked, overwrite_deleted
from agoranomos.kernel.errors import NotFound
from agoranomos.kernel.ids import is_id
from agoranomos.kernel.lists import Place, newest_first
from agoranomos.kernel.retained import Kept
from agoranomos.retention.model import Hold, Run
from agoranomos.retention.tables import retention_holds, retention_runs

_H = retention_holds.c
_R = retention_runs.c
ERASED: Final = "[erased]"
"""What stands in the place of words that are gone, where an event needs some."""
Held = Mapping[str, Collection[str]]
"""Kind of subject → ids that a hold is on."""


def add_hold(connection: sa.Connection, hold: Hold) -> bool:
    """Keeps a new hold; False when it is there already."""
    return insert_ignore(connection, retention_holds, [msgspec.structs.asdict(hold)]) == 1


def lift(connection: sa.Connection, hold_id: str, by: str, now: datetime) -> None:
    """Ends a hold."""
    connection.execute(retention_holds.update().where(_H.hold_id == hold_id).values(lifted_at=now, lifted_by=by))


def get_hold(connection: sa.Connection, hold_id: str) -> Hold:
    """The hold, locked against change when the transaction writes. Raises NotFound."""
    query = locked(connection, sa.select(retention_holds).where(_H.hold_id == hold_id))
    row = connection.execute(query).one_or_none() if is_id(hold_id) else None
    if row is None:
        raise NotFound("there is no hold with this id; see `agora retention holds`")
    return Hold(**row._mapping)


def standing(connection: sa.Connection, now: datetime) -> list[Hold]:
    """The holds that stand at `now`, the oldest first."""
    open_still = sa.or_(_H.until.is_(None), _H.until > now)
    query = sa.select(retention_holds).where(_H.lifted_at.is_(None), open_still)
    rows = connection.execute(query.order_by(_H.placed_at, _H.hold_id))
    return [Hold(**row._mapping) for row in rows]


def list_holds(connection: sa.Connection, *, after: Place | None, limit: int) -> list[Hold]:
    """At most `limit` holds behind `after`, newest first, also those that were lifted."""
    query = newest_first(sa.select(retention_holds), _H.placed_at, _H.hold_id, after=after, limit=limit)
    return [Hold(**row._mapping) for row in connection.execute(query)]


def put_run(connection: sa.Connection, run: Run) -> None:
    """Keeps how far a run is."""
    row = {"ended_at": run.ended_at, "document": msgspec.to_builtins(run)}
    changed = connection.execute(retention_runs.update().where(_R.run_id == run.run_id).values(row))
    if not changed.rowcount:
        connection.execute(retention_runs.insert(), {"run_id": run.run_id, "started_at": run.started_at, **row})


def open_run(connection: sa.Connection) -> Run | None:
    """The run that has not ended, if there is one."""
    query = sa.select(_R.document).where(_R.ended_at.is_(None)).order_by(_R.started_at).limit(1)
    found = connection.execute(query).scalar_one_or_none()
    return None if found is None else msgspec.convert(found, Run)


def get_run(connection: sa.Connection, run_id: str) -> Run:
    """Raises NotFound."""
    query = sa.select(_R.document).where(_R.run_id == run_id)
    found = connection.execute(query).scalar_one_or_none() if is_id(run_id) else None
    if found is None:
        raise NotFound("there is no run with this id; see `agora retention runs`")
    return msgspec.convert(found, Run)


def list_runs(connection: sa.Connection, *, after: Place | None, limit: int) -> list[Run]:
    """At most `limit` runs behind `after`, newest first."""
    query = newest_first(sa.select(_R.document), _R.started_at, _R.run_id, after=after, limit=limit)
    return msgspec.convert(connection.execute(query).scalars().all(), list[Run])


def count(connection: sa.Connection, kept: Kept, before: datetime, held: Held) -> tuple[int, int]:
    """(rows that are due and free, rows that are due and held)."""
    due = sa.select(sa.func.count()).select_from(kept.table).where(*_due(kept, before))
    every = int(connection.execute(due).scalar_one())
    kept_back = int(connection.execute(due.where(_is_held(kept, held))).scalar_one())
    return every - kept_back, kept_back


def page(
    connection: sa.Connection, kept: Kept, before: datetime, held: Held, *, after: str | None, limit: int
) -> list[sa.Row[Any]]:
    """The first rows that are due and free, in the order of their keys; the key comes first in a row. `after`: only
    those behind this key, for kinds whose rows stay.
    """
    columns = [*kept.key] + ([kept.names] if kept.names is not None else [])
    query = sa.select(*columns).where(*_due(kept, before), sa.not_(_is_held(kept, held)))
    if after is not None:
        query = query.where(kept.key[0] > after)
    return list(connection.execute(query.order_by(*kept.key).limit(limit)))


def delete(connection: sa.Connection, kept: Kept, keys: Sequence[tuple[Any, ...]]) -> int:
    """Deletes the rows `keys` with those of the children that share their key; how many rows of the table went."""
    if not keys:
        return 0
    overwrite_deleted(connection)
    if kept.leaving is not None:
        kept.leaving(connection, keys)
    rows = [{f"k{place}": value for place, value in enumerate(key)} for key in keys]
    for table in (*kept.children, kept.table):
        marks = (table.c[column.name] == sa.bindparam(f"k{place}") for place, column in enumerate(kept.key))
        connection.execute(table.delete().where(*marks), rows)
    return len(keys)


def thin(connection: sa.Connection, kept: Kept, rows: Sequence[sa.Row[Any]]) -> int:
    """Takes the words out of `rows`, which stay; how many had any."""
    assert kept.names is not None, "words are taken out of a column of JSON"
    overwrite_deleted(connection)
    count = 0
    for row in rows:
        data = row._mapping[kept.names.name]
        thinned = thinned_data(data, kept.fields)
        if thinned != data:
            this = [column == value for column, value in zip(kept.key, row[: len(kept.key)], strict=True)]
            connection.execute(kept.table.update().where(*this).values({kept.names.name: thinned}))
            count += 1
    return count


def thinned_data(data: Mapping[str, Any], fields: Collection[str]) -> dict[str, Any]:
    """`data` without the words in `fields`: a text becomes a mark, anything else goes."""
    return {
        name: ERASED if name in fields and isinstance(value, str) else value
        for name, value in data.items()
        if name not in fields or isinstance(value, str)
    }


def _due(kept: Kept, before: datetime) -> list[sa.ColumnElement[bool]]:
    moment = sa.bindparam(None, before, type_=Moment())
    due: list[sa.ColumnElement[bool]] = [kept.at < moment]
    if kept.where is not None:
        due.append(kept.where)
    if kept.fields and kept.names is not None:  # what has no words any more is not due again
        text = sa.type_coerce(kept.names, sa.Text)
        told = (
            sa.and_(
                text.contains(f'"{name}":', autoescape=True),
                sa.not_(text.contains(f'"{name}":"{ERASED}"', autoescape=True)),
            )
            for name in kept.fields
        )
        due.append(sa.or_(sa.false(), *told))
    return due


def _is_held(kept: Kept, held: Held) -> sa.ColumnElement[bool]:
    said: list[sa.ColumnElement[bool]] = []
    for kind, column in (kept.subjects or {}).items():
        if ids := sorted(held.get(kind, ())):
            said.append(sa.and_(column.is_not(None), column.in_(ids)))  # what names nobody is not held
    if kept.names is not None and not kept.subjects:
        text = sa.type_coerce(kept.names, sa.Text)
        ids = sorted({each for names in held.values() for each in names})
        said += [text.contains(msgspec.json.encode(each).decode(), autoescape=True) for each in ids]
    return sa.or_(sa.false(), *said)
