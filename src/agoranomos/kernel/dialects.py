"""Every difference between SQLite and PostgreSQL, and nothing else (rows that stand in columns: `dialect_lists`).

Values look the same in both databases:

- a moment is a bigint of microseconds since 1970 in UTC (`Moment`). RFC 3339 text with optional
  fractions does not sort by time, a database's own timestamp type is another type in each of the
  two, and windows and ages are subtractions of integers;
- JSON is text with sorted keys (`Json`): equal values are equal bytes, so that "unchanged" can be
  seen, and no database reorders keys or rounds numbers behind our back;
- keys compare by code point (`Key`): PostgreSQL would otherwise sort them by the locale of its
  host, and a page cursor would mean something else on each machine.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime, timedelta
from functools import cache
from pathlib import Path
from typing import Any

import msgspec
import sqlalchemy as sa
from sqlalchemy import event
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.ext.compiler import compiles
from sqlalchemy.sql.visitors import InternalTraversal

from agoranomos.kernel.errors import Conflict, Invalid
from agoranomos.kernel.prepared import Prepared

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_MICROSECOND = timedelta(microseconds=1)
BUSY_TIMEOUT_S = 30.0
_WAL_TRIES = 100  # each time somebody else was first, and there are far fewer processes than that
_WAL_PAGES_MAX = 4_000  # 16 MB: four times the usual, as `kernel.emptying` empties it before, beside the requests
_POOL_CONNECTIONS_MAX = 16  # more clients on one hot row make PostgreSQL slower, not faster
_UPGRADE_LOCK = 0x61676F7261  # "agora": the advisory lock that one upgrade holds


class Moment(sa.types.TypeDecorator[datetime]):
    """An aware datetime, stored as microseconds since 1970-01-01T00:00Z; refuses one without an
    offset.
    """

    impl = sa.BigInteger
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: sa.Dialect) -> int | None:  # noqa: ARG002
        if value is None:
            return None
        if value.tzinfo is None:
            raise Invalid("a moment without an offset cannot be stored; pass an aware datetime")
        return (value - _EPOCH) // _MICROSECOND

    def process_result_value(self, value: int | None, dialect: sa.Dialect) -> datetime | None:  # noqa: ARG002
        return None if value is None else _EPOCH + value * _MICROSECOND


class Json(sa.types.TypeDecorator[Any]):
    """Any JSON value, stored as text with sorted keys; None is SQL NULL."""

    impl = sa.Text
    cache_ok = True

    def process_bind_param(self, value: Any, dialect: sa.Dialect) -> str | None:  # noqa: ARG002
        return None if value is None else msgspec.json.encode(value, order="sorted").decode()

    def process_result_value(self, value: str | None, dialect: sa.Dialect) -> Any:  # noqa: ARG002
        return None if value is None else msgspec.json.decode(value)


Key = sa.Text().with_variant(sa.Text(collation="C"), "postgresql")
"""Text that is looked up, sorted or paged by: ids, codes, folded names. Compares by code point."""


Position = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
"""A 64-bit row number that is given, not drawn. SQLite's INTEGER PRIMARY KEY is the row's own number and
needs no second index; its integers have 64 bits whatever they are called.
"""


class _KeyList(sa.types.TypeDecorator[Sequence[str]]):
    """A list of keys as one parameter: an array on PostgreSQL, JSON on SQLite."""

    impl = sa.Text
    cache_ok = True

    def load_dialect_impl(self, dialect: sa.Dialect) -> sa.types.TypeEngine[Any]:
        return dialect.type_descriptor(postgresql.ARRAY(sa.Text()) if dialect.name == "postgresql" else sa.Text())

    def process_bind_param(self, value: Sequence[str] | None, dialect: sa.Dialect) -> Any:
        keys = list(value or ())
        return keys if dialect.name == "postgresql" else msgspec.json.encode(keys).decode()


class among(sa.ColumnElement[bool]):  # noqa: N801 - reads as the function that it is in a query
    """`column IN (…)` over a bound list of keys, given under `name` when the query is run.

    The statement is the same for any number of keys, so that it is compiled and planned once.
    """

    inherit_cache = True
    _traverse_internals = [  # noqa: RUF012 - SQLAlchemy's protocol
        ("column", InternalTraversal.dp_clauseelement),
        ("keys", InternalTraversal.dp_clauseelement),
    ]
    type = sa.Boolean()

    def __init__(self, column: sa.ColumnElement[str], name: str) -> None:
        self.column = column
        self.keys = sa.bindparam(name, type_=_KeyList())

    def self_group(self, against: Any = None) -> among:  # noqa: ARG002 - SQLAlchemy's signature
        return self  # a condition already; SQLAlchemy would make it "… = 1" on SQLite, which no index answers


@compiles(among, "postgresql")
def _among_on_postgresql(element: among, compiler: Any, **options: Any) -> str:
    return f"{compiler.process(element.column, **options)} = ANY ({compiler.process(element.keys, **options)})"


@compiles(among, "sqlite")
def _among_on_sqlite(element: among, compiler: Any, **options: Any) -> str:
    keys = compiler.process(element.keys, **options)
    return f"{compiler.process(element.column, **options)} IN (SELECT value FROM json_each({keys}))"  # noqa: S608 - no values


class json_text(sa.ColumnElement[str]):  # noqa: N801 - reads as the function that it is in a query
    """The text at a place in a column of JSON, by the names that lead there; NULL where nothing is."""

    inherit_cache = True
    _traverse_internals = [  # noqa: RUF012 - SQLAlchemy's protocol
        ("column", InternalTraversal.dp_clauseelement),
        ("path", InternalTraversal.dp_string),
    ]
    type = sa.Text()

    def __init__(self, column: sa.ColumnElement[Any], *names: str) -> None:
        assert names, "a place has a name"
        assert all(name.isidentifier() for name in names), "names of fields; values never stand in a statement"
        self.column = column
        self.path = ".".join(names)


@compiles(json_text, "postgresql")
def _json_text_on_postgresql(element: json_text, compiler: Any, **options: Any) -> str:
    column = compiler.process(element.column, **options)
    return f"({column}::json #>> '{{{element.path.replace('.', ',')}}}')"


@compiles(json_text, "sqlite")
def _json_text_on_sqlite(element: json_text, compiler: Any, **options: Any) -> str:
    return f"json_extract({compiler.process(element.column, **options)}, '$.{element.path}')"


def parse_url(url: str) -> sa.URL:
    """`url` for SQLAlchemy: `postgres://`, `postgresql://` (psycopg 3), `sqlite:///file`, or the
    path of a file.

    Raises Invalid for another database, or for SQLite without a file: what is kept in memory is a
    second database for every connection.
    """
    if "://" not in url:
        return sa.URL.create("sqlite", database=url)
    try:
        parsed = sa.make_url(url)
    except (sa.exc.ArgumentError, ValueError) as error:
        raise Invalid("the database URL cannot be read; write postgresql://user@host/name or sqlite:///file") from error
    backend = parsed.drivername.split("+")[0]
    if backend in ("postgres", "postgresql"):
        return parsed.set(drivername="postgresql+psycopg")
    if backend != "sqlite":
        raise Invalid(f"the database must be PostgreSQL or SQLite, not {backend[:20]}")
    if parsed.database in (None, "", ":memory:"):
        raise Invalid("SQLite needs a file: write sqlite:////path/to/agora.db")
    return parsed


def make_engine(url: sa.URL) -> sa.Engine:
    """A pooled engine for `url`; for SQLite the folder of the file is made."""
    if url.get_backend_name() == "postgresql":
        size = _POOL_CONNECTIONS_MAX // 2
        return sa.create_engine(url, pool_size=size, max_overflow=size, pool_pre_ping=True, hide_parameters=True)
    Path(str(url.database)).parent.mkdir(parents=True, exist_ok=True)
    # Parameters are personal data now and then; an error that quotes them would carry them into the log.
    engine = sa.create_engine(url, connect_args={"timeout": BUSY_TIMEOUT_S}, hide_parameters=True)
    event.listen(engine, "connect", _on_sqlite_connect)
    event.listen(engine, "begin", _on_sqlite_begin)
    return engine


def is_embedded(engine: sa.Engine) -> bool:
    """Whether the store is the embedded SQLite file."""
    return engine.dialect.name == "sqlite"


def _on_sqlite_connect(connection: Any, record: Any) -> None:  # noqa: ARG001 - the event's signature
    # None: the driver starts no transactions of its own; `_on_sqlite_begin` does.
    connection.isolation_level = None
    connection.execute(f"PRAGMA busy_timeout={BUSY_TIMEOUT_S * 1000:.0f}").close()
    _write_ahead(connection)
    for pragma in (
        "synchronous=FULL",
        "foreign_keys=ON",
        "recursive_triggers=ON",  # without it, INSERT OR REPLACE deletes behind the back of `append_only`
        f"wal_autocheckpoint={_WAL_PAGES_MAX}",
    ):
        connection.execute(f"PRAGMA {pragma}").close()


def _write_ahead(connection: sqlite3.Connection) -> None:
    """Puts the file into WAL mode. SQLite waits for nobody there, but refuses when another process writes the new file
    or sets the mode as well: so we wait for our turn to write, and ask again.
    """
    for _ in range(_WAL_TRIES):
        try:
            connection.execute("PRAGMA journal_mode=WAL").close()
        except sqlite3.OperationalError as error:
            if not error.sqlite_errorname.startswith(("SQLITE_BUSY", "SQLITE_LOCKED")):
                raise
            connection.execute("BEGIN IMMEDIATE").close()  # waits, for as long as the busy timeout says
            connection.execute("ROLLBACK").close()
        else:
            return
    raise Conflict("the store is being opened by too many processes at once; try again")


def empty_log(engine: sa.Engine) -> None:
    """Moves what SQLite's write-ahead log holds into the file, as far as no reader needs it there; nobody waits."""
    connection = engine.raw_connection()
    try:
        connection.cursor().execute("PRAGMA wal_checkpoint(PASSIVE)").close()
    finally:
        connection.close()


def _on_sqlite_begin(connection: sa.Connection) -> None:
    # IMMEDIATE: a transaction that reads first and writes later would else fail half-way, "locked".
    reading = connection.get_execution_options().get("agora_reading", False)
    connection.exec_driver_sql(f"PRAGMA query_only={'ON' if reading else 'OFF'}")
    connection.exec_driver_sql("BEGIN" if reading else "BEGIN IMMEDIATE")


def for_reading(connection: sa.Connection) -> sa.Connection:
    """`connection` set, before its transaction begins, to see one consistent state and to refuse
    writes.
    """
    if connection.dialect.name == "postgresql":
        return connection.execution_options(isolation_level="REPEATABLE READ", postgresql_readonly=True)
    return connection.execution_options(agora_reading=True)


def locked(connection: sa.Connection, rows: sa.Select[Any]) -> sa.Select[Any]:
    """`rows`, locked against change until the transaction ends; as they are where it only reads."""
    reading = connection.get_execution_options().get("postgresql_readonly", False)
    return rows if reading else rows.with_for_update()


def lock_for_upgrade(connection: sa.Connection) -> None:
    """Waits until no other process upgrades; SQLite's write transaction is that lock already."""
    if connection.dialect.name == "postgresql":
        connection.execute(sa.select(sa.func.pg_advisory_xact_lock(_UPGRADE_LOCK)))


def overwrite_deleted(connection: sa.Connection) -> None:
    """Has SQLite overwrite what this transaction deletes, which else stays in the file until its place is needed.

    PostgreSQL gives the place free when it vacuums, and cannot be told to overwrite it.
    """
    if connection.dialect.name == "sqlite":
        connection.exec_driver_sql("PRAGMA secure_delete=ON")


def take_turn(connection: sa.Connection, lock: int) -> None:
    """Waits until no other transaction holds `lock`, and holds it until this one ends; SQLite's write transaction is
    that lock already.
    """
    if connection.dialect.name == "postgresql":
        connection.execute(_TAKE_TURN, {"lock": lock})


_TAKE_TURN = sa.select(sa.func.pg_advisory_xact_lock(sa.bindparam("lock", type_=sa.BigInteger)))


def writer_number(connection: sa.Connection) -> int:
    """A number that no other open connection of the same database has, where several may write at once; else 0."""
    if connection.dialect.name != "postgresql":
        return 0  # writers take turns
    driver: Any = connection.connection.driver_connection
    return int(driver.info.backend_pid)


def insert_ignore(connection: sa.Connection, table: sa.Table, rows: Sequence[Mapping[str, Any]]) -> int:
    """Inserts `rows` (all with the same keys), leaving out those whose key exists; returns how
    many were new.
    """
    if not rows:
        return 0
    # One statement for each row, prepared once: a statement with all rows in it takes longer to put together than
    # to run.
    return _insert_ignore_prepared(connection.dialect.name, table, tuple(rows[0])).run_many(connection, rows)


@cache
def _insert_ignore_prepared(backend: str, table: sa.Table, names: tuple[str, ...]) -> Prepared:
    insert = (postgresql if backend == "postgresql" else sqlite).insert(table).on_conflict_do_nothing()
    return Prepared(insert, names)


def upsert(
    connection: sa.Connection,
    table: sa.Table,
    rows: Sequence[Mapping[str, Any]],
    key: Sequence[str],
    *,
    keep: Sequence[str] = (),
) -> None:
    """Inserts `rows` (all with the same columns, `key` unique among them); where `key` exists,
    overwrites all other columns but those in `keep`.
    """
    if not rows:
        return
    changed = tuple(name for name in rows[0] if name not in {*key, *keep})
    _upsert_prepared(connection.dialect.name, table, tuple(rows[0]), tuple(key), changed).run_many(connection, rows)


@cache
def _upsert_prepared(
    backend: str, table: sa.Table, names: tuple[str, ...], key: tuple[str, ...], changed: tuple[str, ...]
) -> Prepared:
    insert = (postgresql if backend == "postgresql" else sqlite).insert(table)
    if not changed:
        return Prepared(insert.on_conflict_do_nothing(index_elements=list(key)), names)
    overwritten = {name: insert.excluded[name] for name in changed}
    return Prepared(insert.on_conflict_do_update(index_elements=list(key), set_=overwritten), names)


def add_up(connection: sa.Connection, table: sa.Table, rows: Sequence[Mapping[str, Any]], key: Sequence[str]) -> None:
    """Inserts `rows` (all with the same columns, `key` unique among them); where `key` exists, adds all other columns
    to what is there.
    """
    if rows:
        _add_up_prepared(connection.dialect.name, table, tuple(rows[0]), tuple(key)).run_many(connection, rows)


@cache
def _add_up_prepared(backend: str, table: sa.Table, names: tuple[str, ...], key: tuple[str, ...]) -> Prepared:
    insert = (postgresql if backend == "postgresql" else sqlite).insert(table)
    sums = {name: table.c[name] + insert.excluded[name] for name in names if name not in key}
    return Prepared(insert.on_conflict_do_update(index_elements=list(key), set_=sums), names)


def is_repeat(error: sa.exc.IntegrityError) -> bool:
    """Whether the database refused a row because its key, or another unique value of it, is there already."""
    return getattr(error.orig, "sqlstate", None) == "23505" or getattr(error.orig, "sqlite_errorname", "") in (
        "SQLITE_CONSTRAINT_PRIMARYKEY",
        "SQLITE_CONSTRAINT_UNIQUE",
    )


def append_only(connection: sa.Connection, table: str, columns: Sequence[str] = ()) -> None:
    """Has the database itself refuse to delete rows of `table`, and to change them (with `columns`: only those).

    Called by the step that makes the table, and by `keep_append_only` for tables that are made without steps.
    """
    of = f"UPDATE OF {', '.join(columns)}" if columns else "UPDATE"
    for statement in (_refuse_on_postgresql if connection.dialect.name == "postgresql" else _refuse_on_sqlite)(
        table, of
    ):
        connection.exec_driver_sql(statement)


def keep_append_only(table: sa.Table, columns: Sequence[str] = ()) -> None:
    """Puts `append_only` on `table` whenever SQLAlchemy creates it."""

    def created(_: sa.Table, connection: sa.Connection, **__: Any) -> None:
        append_only(connection, table.name, columns)

    event.listen(table, "after_create", created)


def _refuse_on_postgresql(table: str, update: str) -> list[str]:
    function = (
        "CREATE OR REPLACE FUNCTION agora_append_only() RETURNS trigger LANGUAGE plpgsql AS "
        "$$ BEGIN RAISE EXCEPTION USING MESSAGE = TG_TABLE_NAME || ' is append-only'; END $$"
    )
    refuse = "EXECUTE FUNCTION agora_append_only()"
    return [
        function,
        f"CREATE TRIGGER {table}_append_only BEFORE {update} OR DELETE ON {table} FOR EACH ROW {refuse}",
        f"CREATE TRIGGER {table}_not_truncated BEFORE TRUNCATE ON {table} FOR EACH STATEMENT {refuse}",
    ]


def _refuse_on_sqlite(table: str, update: str) -> list[str]:
    return [
        f"CREATE TRIGGER {table}_no_{verb.split()[0].lower()} BEFORE {verb} ON {table} "
        f"BEGIN SELECT RAISE(ABORT, '{table} is append-only'); END"
        for verb in (update, "DELETE")
    ]
