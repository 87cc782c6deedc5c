"""The log of the embedded store is emptied while requests go on, and closing the store leaves nothing in it."""

from __future__ import annotations

import threading
from pathlib import Path

import sqlalchemy as sa

from agoranomos.kernel.emptying import Emptying
from agoranomos.kernel.store import Store
from tests.stores import make_store

ROWS = sa.table("access_progress", sa.column("name"), sa.column("position"))
PATIENCE_S = 30.0


def put(store: Store, count: int) -> None:
    for number in range(count):
        with store.transaction() as connection:
            connection.execute(ROWS.insert().values(name=f"n{number}", position=number))


def in_the_file_alone(store: Store) -> int:
    """Rows that somebody finds who has the file without its log."""
    path = Path(str(store.engine.url.database))
    alone = path.with_name("alone.db")
    alone.write_bytes(path.read_bytes())
    found = sa.create_engine(f"sqlite:///{alone}")
    with found.connect() as connection:
        counted = connection.execute(sa.select(sa.func.count()).select_from(ROWS)).scalar_one()
    found.dispose()
    return int(counted)


def test_what_is_written_goes_into_the_file_without_waiting_for_a_full_log(tmp_path: Path) -> None:
    store = make_store(tmp_path)
    put(store, 20)
    assert in_the_file_alone(store) == 0, "it is in the log, which is not full yet"
    waited = threading.Event()
    with Emptying(store, every_s=0.001):
        for _ in range(int(PATIENCE_S / 0.01)):
            if in_the_file_alone(store) == 20 or waited.wait(0.01):
                break
    assert in_the_file_alone(store) == 20
    store.close()


def test_a_reader_keeps_what_it_sees_and_nobody_is_held_up(tmp_path: Path) -> None:
    store = make_store(tmp_path)
    with Emptying(store, every_s=0.001), store.reading() as before:
        count = sa.select(sa.func.count()).select_from(ROWS)
        assert before.execute(count).scalar_one() == 0
        put(store, 20)
        assert before.execute(count).scalar_one() == 0
        with store.reading() as now:
            assert now.execute(count).scalar_one() == 20
    store.close()
    assert not (tmp_path / "agora.db-wal").exists(), "the last one out leaves no log behind"
