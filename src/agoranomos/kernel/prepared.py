"""Statements that are run by the thousand: compiled once for each database, their parameters converted here.

SQLAlchemy takes as long to put together a small statement and its parameters as SQLite takes to run it. The compiled
text and the types' own conversions are the same; what is spared is looking them up again for each row.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any, NamedTuple

import sqlalchemy as sa

_Convert = Callable[[Any], Any] | None


class _Compiled(NamedTuple):
    sql: str
    converts: list[tuple[str, _Convert]]
    positional: bool


class Prepared:
    """`statement` with the parameters `names`. What it returns comes as the driver gives it, unconverted."""

    def __init__(self, statement: sa.Executable, names: Sequence[str]) -> None:
        self._statement = statement
        self._names = tuple(names)
        self._by_database: dict[str, _Compiled] = {}

    def run(self, connection: sa.Connection, row: Mapping[str, Any]) -> sa.CursorResult[*tuple[Any, ...]]:
        """Runs it for one row of parameters."""
        compiled = self._compiled(connection.dialect)
        values = [row[name] if convert is None else convert(row[name]) for name, convert in compiled.converts]
        parameters = tuple(values) if compiled.positional else dict(zip(self._names, values, strict=True))
        return connection.exec_driver_sql(compiled.sql, parameters)

    def run_many(self, connection: sa.Connection, rows: Sequence[Mapping[str, Any]]) -> int:
        """Runs it for each of `rows`; returns how many rows of the table that changed."""
        compiled = self._compiled(connection.dialect)
        columns = [
            [row[name] for row in rows] if convert is None else [convert(row[name]) for row in rows]
            for name, convert in compiled.converts
        ]
        values = zip(*columns, strict=True)
        parameters = (
            list(values) if compiled.positional else [dict(zip(self._names, each, strict=True)) for each in values]
        )
        # The option, because psycopg's count is thrown away without it.
        done = connection.exec_driver_sql(compiled.sql, parameters, execution_options={"preserve_rowcount": True})
        return int(done.rowcount)

    def _compiled(self, dialect: sa.Dialect) -> _Compiled:
        known = self._by_database.get(dialect.name)
        if known is None:
            known = self._by_database[dialect.name] = self._compile(dialect)
        return known

    def _compile(self, dialect: sa.Dialect) -> _Compiled:
        compiled: Any = self._statement.compile(dialect=dialect, column_keys=self._names)  # type: ignore[attr-defined]
        assert set(compiled.params) == set(self._names), "a statement with parameters of its own is not for this"
        types = {name: compiled.binds[name].type for name in self._names}
        order = compiled.positiontup  # None where the driver takes parameters by name
        converts = [(name, types[name].dialect_impl(dialect).bind_processor(dialect)) for name in order or self._names]
        return _Compiled(str(compiled), converts, positional=order is not None)
