"""The store keeps its promises on both databases."""

from __future__ import annotations

import importlib
import pkgutil
import sqlite3
import threading
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta, timezone
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa
from alembic.autogenerate import compare_metadata
from alembic.config import Config
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory

import agoranomos
from agoranomos.kernel import dialects
from agoranomos.kernel import store as store_module
from agoranomos.kernel.errors import Conflict, Invalid
from agoranomos.kernel.store import Store, metadata, newest_revision, open_store

scratch = sa.Table(
    "scratch",
    sa.MetaData(),
    sa.Column("key", dialects.Key, primary_key=True),
    sa.Column("value", dialects.Json),
    sa.Column("at", dialects.Moment),
)
"""A table of these tests only, with every type of column that differs between the databases."""


@pytest.fixture
def with_scratch(store: Store) -> Store:
    with store.transaction() as connection:
        scratch.create(connection)
    return store


def all_tables() -> sa.MetaData:
    """The metadata with the tables of every desk on it."""
    for module in pkgutil.walk_packages(agoranomos.__path__, "agoranomos."):
        if module.name.endswith(".tables"):
            importlib.import_module(module.name)
    return metadata


def shape(store: Store) -> dict[str, Any]:
    """Everything that the database can say about its tables, except Alembic's own."""
    inspector = sa.inspect(store.engine)
    tables = set(inspector.get_table_names()) - {"alembic_version"}
    return {
        table: {
            "columns": [{**column, "type": repr(column["type"])} for column in inspector.get_columns(table)],
            "key": inspector.get_pk_constraint(table),
            "references": sorted(map(repr, inspector.get_foreign_keys(table))),
            "checks": sorted(map(repr, inspector.get_check_constraints(table))),
            "unique": sorted(map(repr, inspector.get_unique_constraints(table))),
            "indexes": sorted(repr(_plain(index)) for index in inspector.get_indexes(table)),
        }
        for table in sorted(tables)
    }


def _plain(index: Any) -> dict[str, Any]:
    """`index` with its options (a condition, for one) as text: SQL objects are never equal."""
    options = {name: str(option) for name, option in index.get("dialect_options", {}).items()}
    return {**index, "dialect_options": options}


@pytest.mark.slow
def test_migrated_equals_fresh(empty_store_url: str, store: Store) -> None:
    url = empty_store_url + ("2" if store.embedded else "")
    fresh = Store(dialects.make_engine(dialects.parse_url(url)))
    with fresh.transaction() as connection:
        all_tables().create_all(connection)
    assert shape(fresh) == shape(store)
    assert set(shape(store)) == set(metadata.tables)
    fresh.close()


def test_alembic_finds_no_difference(store: Store) -> None:
    with store.reading() as connection:
        assert compare_metadata(MigrationContext.configure(connection), all_tables()) == []


def test_newest_revision_is_alembics_head() -> None:
    config = Config()
    config.set_main_option("script_location", "agoranomos.kernel:migrations")
    assert ScriptDirectory.from_config(config).get_heads() == [newest_revision()]


def test_upgrade_is_repeatable_and_needed_once(empty_store_url: str) -> None:
    store = open_store(empty_store_url)
    if not store.embedded:
        assert store.revision() is None
        with pytest.raises(Conflict, match="agora db upgrade"):
            store.require_current()
    assert store.upgrade() == store.upgrade() == store.revision() == newest_revision()
    store.require_current()
    store.close()


@pytest.mark.slow
def test_several_may_upgrade_at_once(empty_store_url: str) -> None:
    stores = [Store(dialects.make_engine(dialects.parse_url(empty_store_url))) for _ in range(3)]
    with ThreadPoolExecutor(len(stores)) as pool:
        assert set(pool.map(Store.upgrade, stores)) == {newest_revision()}
    for store in stores:
        assert store.revision() == newest_revision()
        store.close()


def test_a_file_that_another_process_writes_is_set_up_after_it(tmp_path: Path) -> None:
    other = sqlite3.connect(tmp_path / "agora.db", isolation_level=None)
    other.execute("BEGIN IMMEDIATE")
    other.execute("CREATE TABLE written_by_the_other (x)")
    said: list[str] = []

    class Waiting(sqlite3.Connection):
        def execute(self, sql: str, *more: Any) -> sqlite3.Cursor:
            said.append(sql)
            if sql == "BEGIN IMMEDIATE":  # here it waits, until the other has written
                other.execute("COMMIT")
            return super().execute(sql, *more)

    one = sqlite3.connect(tmp_path / "agora.db", isolation_level=None, timeout=0, factory=Waiting)
    dialects._write_ahead(one)
    mode = "PRAGMA journal_mode=WAL"
    assert said == [mode, "BEGIN IMMEDIATE", "ROLLBACK", mode]
    assert one.execute("PRAGMA journal_mode").fetchone() == ("wal",)
    one.close()
    other.close()


def test_a_failed_upgrade_leaves_nothing_behind(empty_store_url: str, monkeypatch: pytest.MonkeyPatch) -> None:
    store = Store(dialects.make_engine(dialects.parse_url(empty_store_url)))

    def fail(*_: object, **__: object) -> None:
        raise RuntimeError("the power went out")

    monkeypatch.setattr("alembic.operations.ops.CreateIndexOp.create_index", classmethod(fail))
    with pytest.raises(RuntimeError, match="power"):
        store.upgrade()
    assert shape(store) == {}
    assert store.revision() is None
    store.close()


def test_a_newer_store_is_refused(store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(store_module, "newest_revision", lambda: "0000")
    for act in (store.upgrade, store.require_current):
        with pytest.raises(Conflict, match="newer version"):
            act()


def test_a_transaction_is_all_or_nothing(with_scratch: Store) -> None:
    def half() -> None:
        with with_scratch.transaction() as connection:
            connection.execute(scratch.insert(), {"key": "a"})
            raise LookupError

    with pytest.raises(LookupError):
        half()
    with with_scratch.reading() as connection:
        assert connection.execute(sa.select(scratch)).all() == []


def test_reading_refuses_to_write(with_scratch: Store) -> None:
    with with_scratch.reading() as connection, pytest.raises(sa.exc.DBAPIError):
        connection.execute(scratch.insert(), {"key": "a"})
    with with_scratch.transaction() as connection:
        connection.execute(scratch.insert(), {"key": "a"})


def test_reading_sees_one_state(with_scratch: Store) -> None:
    count = sa.select(sa.func.count()).select_from(scratch)
    with with_scratch.reading() as reader:
        assert reader.execute(count).scalar_one() == 0
        with with_scratch.transaction() as writer:
            writer.execute(scratch.insert(), {"key": "a"})
        assert reader.execute(count).scalar_one() == 0


def test_writers_wait_for_each_other(with_scratch: Store) -> None:
    with with_scratch.transaction() as connection:
        connection.execute(scratch.insert(), {"key": "a", "value": 0})

    def add_one_often() -> None:
        for _ in range(20):
            with with_scratch.transaction() as connection:
                query = sa.select(scratch.c.value).where(scratch.c.key == "a").with_for_update()
                value = connection.execute(query).scalar_one()
                connection.execute(scratch.update().values(value=value + 1))

    threads = [threading.Thread(target=add_one_often) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    with with_scratch.reading() as connection:
        assert connection.execute(sa.select(scratch.c.value)).scalar_one() == 80


@pytest.mark.parametrize(
    "moment",
    [
        datetime(2026, 5, 1, 8, 0, 0, 123456, tzinfo=timezone(timedelta(hours=8))),
        datetime(1, 1, 1, tzinfo=UTC),
        datetime(9999, 12, 31, 23, 59, 59, 999999, tzinfo=UTC),
    ],
)
def test_values_come_back(with_scratch: Store, moment: datetime) -> None:
    value = {"名": ["耐克", 1.5, 2**62, None, True, "\u0000"], "a": {}}
    with with_scratch.transaction() as connection:
        connection.execute(scratch.insert(), {"key": "a", "value": value, "at": moment})
        connection.execute(scratch.insert(), {"key": "b", "value": None, "at": None})
    with with_scratch.reading() as connection:
        rows = connection.execute(sa.select(scratch).order_by(scratch.c.key)).all()
    assert [tuple(row) for row in rows] == [("a", value, moment), ("b", None, None)]


def test_a_moment_without_offset_is_refused(with_scratch: Store) -> None:
    with pytest.raises(sa.exc.StatementError), with_scratch.transaction() as connection:
        connection.execute(scratch.insert(), {"key": "a", "at": datetime(2026, 1, 1)})  # noqa: DTZ001 - the point


def test_keys_sort_by_code_point(with_scratch: Store) -> None:
    keys = ["b", "B", "a", "é", "-", "中", "ａ", "_"]
    with with_scratch.transaction() as connection:
        connection.execute(scratch.insert(), [{"key": key} for key in keys])
    with with_scratch.reading() as connection:
        found = connection.execute(sa.select(scratch.c.key).order_by(scratch.c.key)).scalars().all()
    assert list(found) == sorted(keys)


def test_upsert_and_insert_ignore(with_scratch: Store) -> None:
    many = [{"key": f"{n:05}", "value": n} for n in range(20_000)]
    with with_scratch.transaction() as connection:
        assert dialects.insert_ignore(connection, scratch, many) == 20_000
        again = [*many[:5], {"key": "new", "value": -1}]
        assert dialects.insert_ignore(connection, scratch, again) == 1
        rows = [{"key": "00000", "value": 7}, {"key": "x", "value": 8}]
        dialects.upsert(connection, scratch, rows, ["key"])
        dialects.upsert(connection, scratch, [], ["key"])
        dialects.upsert(connection, scratch, [{"key": "x"}], ["key"])
    with with_scratch.reading() as connection:
        query = sa.select(scratch.c.value).where(scratch.c.key.in_(["00000", "00001", "new", "x"]))
        assert connection.execute(query.order_by(scratch.c.key)).scalars().all() == [7, 1, -1, 8]


def test_adding_up_counts_new_keys_in_and_adds_to_those_that_are_there(with_scratch: Store) -> None:
    sums = sa.Table(
        "sums", sa.MetaData(), sa.Column("key", dialects.Key, primary_key=True),
        sa.Column("some", sa.BigInteger), sa.Column("others", sa.BigInteger),
    )  # fmt: skip
    with with_scratch.transaction() as connection:
        sums.create(connection)
        dialects.add_up(connection, sums, [], ["key"])
        dialects.add_up(connection, sums, [{"key": "a", "some": 1, "others": 10}], ["key"])
        more = [{"key": "a", "some": 2, "others": -4}, {"key": "b", "some": 5, "others": 0}]
        dialects.add_up(connection, sums, more, ["key"])
        rows = connection.execute(sa.select(sums).order_by(sums.c.key)).all()
    assert [tuple(row) for row in rows] == [("a", 3, 6), ("b", 5, 0)]


def test_many_rows_are_converted_as_few_are(with_scratch: Store) -> None:
    moment = datetime(2026, 5, 1, 8, tzinfo=UTC)
    values: list[object] = [None, 1.5, 2**62, {"b": [1], "a": "\u4e2d"}, "x", True, [], 0.1 + 0.2]
    rows = [{"at": moment, "key": f"{n:02}", "value": values[n % len(values)]} for n in range(40)]
    with with_scratch.transaction() as connection:
        assert dialects.insert_ignore(connection, scratch, rows[:3]) == 3
        assert dialects.insert_ignore(connection, scratch, rows) == 37
        assert dialects.insert_ignore(connection, scratch, [{"key": f"z{n}"} for n in range(20)]) == 20
    with with_scratch.reading() as connection:
        found = connection.execute(sa.select(scratch).order_by(scratch.c.key)).mappings().all()
    assert [dict(row) for row in found[:40]] == rows
    assert dict(found[-1]) == {"key": "z9", "value": None, "at": None}


@pytest.mark.parametrize(
    ("given", "driver"),
    [
        ("postgres://u:p@h/d", "postgresql+psycopg"),
        ("postgresql://u@h/d", "postgresql+psycopg"),
        ("postgresql+psycopg://u@h/d?sslmode=require", "postgresql+psycopg"),
        ("sqlite:////tmp/a.db", "sqlite"),
        ("folder/a.db", "sqlite"),
    ],
)
def test_urls(given: str, driver: str) -> None:
    assert dialects.parse_url(given).drivername == driver


@pytest.mark.parametrize("given", ["mysql://u@h/d", "sqlite://", "sqlite:///:memory:", "postgresql://h:port/d"])
def test_urls_that_are_refused(given: str) -> None:
    with pytest.raises(Invalid):
        dialects.parse_url(given)


def test_the_password_is_not_shown() -> None:
    assert "secret" not in repr(Store(dialects.make_engine(dialects.parse_url("postgres://u:secret@h/d"))))


def test_the_embedded_store_is_durable_and_checks_references(tmp_path: Path) -> None:
    store = open_store(str(tmp_path / "new" / "folder" / "agora.db"))
    with store.reading() as connection:
        pragmas = ("journal_mode", "synchronous", "foreign_keys", "busy_timeout")
        found = [connection.exec_driver_sql(f"PRAGMA {name}").scalar_one() for name in pragmas]
    assert found == ["wal", 2, 1, 30_000]
    store.close()
