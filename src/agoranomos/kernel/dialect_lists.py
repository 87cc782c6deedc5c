"""The part of `dialects` that writes many rows which stand in columns, in one statement."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import cache
from typing import Any

import msgspec
import sqlalchemy as sa

from agoranomos.kernel.dialects import Moment
from agoranomos.kernel.errors import Invalid


def insert_new(
    connection: sa.Connection, table: sa.Table, same: Mapping[str, Any], lists: Mapping[str, Sequence[Any]], key: str
) -> list[str]:
    """Inserts a row for each place of `lists` (columns of one length), all with the values of `same` as well, in one
    statement; leaves out those of which the key, or another unique value, exists. Returns `key` of those inserted.

    Values of `lists` are printable texts, whole numbers or None; those of `same` are converted by their columns' types.
    """
    length = len(next(iter(lists.values())))
    if not length:
        return []
    statement = _insert_new_sql(connection.dialect.name, table, tuple(same), tuple(lists), key)
    rows = _run_lists(connection, statement, table, same, lists)
    if connection.dialect.name != "postgresql":
        return [row[0] for row in rows]
    count, keys = rows.one()
    return list(lists[key]) if count == length else keys.split("\x1f") if keys else []


def upsert_lists(
    connection: sa.Connection, table: sa.Table, same: Mapping[str, Any], lists: Mapping[str, Sequence[Any]],
    key: Sequence[str],
) -> None:  # fmt: skip
    """Like `upsert`, for rows that stand in columns, in one statement; `same` and `lists` as for `insert_new`."""
    if not next(iter(lists.values())):
        return
    statement = _upsert_lists_sql(connection.dialect.name, table, tuple(same), tuple(lists), tuple(key))
    _run_lists(connection, statement, table, same, lists)


def _run_lists(
    connection: sa.Connection, statement: str, table: sa.Table, same: Mapping[str, Any],
    lists: Mapping[str, Sequence[Any]],
) -> sa.CursorResult[*tuple[Any, ...]]:  # fmt: skip
    dialect = connection.dialect
    converts = [
        (table.c[name].type.dialect_impl(dialect).bind_processor(dialect), value) for name, value in same.items()
    ]
    fixed = [value if convert is None else convert(value) for convert, value in converts]
    if dialect.name == "postgresql":
        parameters = (*fixed, *map(_joined, lists.values()))
    else:
        rows = [list(row) for row in zip(*lists.values(), strict=True)]
        parameters = (*fixed, msgspec.json.encode(rows).decode())
    return connection.exec_driver_sql(statement, parameters)


def _joined(values: Sequence[Any]) -> str:
    """A list as one text: the driver takes ten times as long to write an array, as it looks into each element."""
    joined = "\x1f".join("\x1e" if value is None else value if type(value) is str else str(value) for value in values)
    if joined.count("\x1f") != len(values) - 1:
        raise Invalid("what is kept by the thousand is printable text")
    return joined


@cache
def _insert_new_sql(backend: str, table: sa.Table, same: tuple[str, ...], lists: tuple[str, ...], key: str) -> str:
    insert = f"{_insert_lists_sql(backend, table, same, lists)} ON CONFLICT DO NOTHING RETURNING {key}"
    if backend != "postgresql":
        return insert
    # As one row: the driver takes longer to hand over thousands than the database to put them together.
    return f"WITH new AS ({insert}) SELECT count(*), string_agg({key}, chr(31)) FROM new"  # noqa: S608


@cache
def _upsert_lists_sql(
    backend: str, table: sa.Table, same: tuple[str, ...], lists: tuple[str, ...], key: tuple[str, ...]
) -> str:
    changed = ", ".join(f"{name} = excluded.{name}" for name in (*same, *lists) if name not in key)
    return f"{_insert_lists_sql(backend, table, same, lists)} ON CONFLICT ({', '.join(key)}) DO UPDATE SET {changed}"


def _insert_lists_sql(backend: str, table: sa.Table, same: tuple[str, ...], lists: tuple[str, ...]) -> str:
    # Names of columns and marks only: no values are in it.
    names = ", ".join((*same, *lists))
    if backend == "postgresql":
        kinds = [_array_of(table.c[name].type) for name in lists]
        marks = ["%s"] * len(same) + [f"l.v{place}" for place in range(len(lists))]
        arrays = ", ".join(f"string_to_array(%s, chr(31), chr(30))::{kind}[]" for kind in kinds)
        columns = ", ".join(f"v{place}" for place in range(len(lists)))
        rows = f"SELECT {', '.join(marks)} FROM unnest({arrays}) AS l({columns})"  # noqa: S608
    else:
        marks = ["?"] * len(same) + [f"json_extract(value, '$[{place}]')" for place in range(len(lists))]
        rows = f"SELECT {', '.join(marks)} FROM json_each(?) WHERE true"  # noqa: S608
    return f"INSERT INTO {table.name} ({names}) {rows}"


def _array_of(kind: sa.types.TypeEngine[Any]) -> str:
    if isinstance(kind, sa.Boolean):
        return "boolean"
    return "bigint" if isinstance(kind, sa.BigInteger | Moment) else "text"
