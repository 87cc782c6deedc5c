"""Write-behind: kept a moment later, together, and seen by whoever waits."""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable, Iterator, Sequence

import pytest
import sqlalchemy as sa

from agoranomos.kernel.behind import WriteBehind
from agoranomos.kernel.errors import Conflict
from agoranomos.kernel.store import Store
from agoranomos.kernel.writer import GroupWriter

NOTES = sa.Table("notes", sa.MetaData(), sa.Column("number", sa.Integer, primary_key=True))
NEVER_S = 3_600.0
"""Until somebody waits: what is written, and when, is then for the test to say."""

Make = Callable[..., WriteBehind[int]]


def keep(connection: sa.Connection, numbers: Sequence[int]) -> None:
    connection.execute(sa.insert(NOTES), [{"number": number} for number in numbers])


@pytest.fixture
def make(store: Store) -> Iterator[Make]:
    """Makes write-behinds on one writer; all are closed in the end."""
    with store.transaction() as connection:
        NOTES.create(connection)
    writer, made = GroupWriter(store), []

    def behind(keeping: Callable[..., object] = keep, **settings: float) -> WriteBehind[int]:
        opened: WriteBehind[int] = WriteBehind(writer, keeping, **{"gather_s": NEVER_S, **settings})  # type: ignore[arg-type]
        made.append(opened)
        return opened

    yield behind
    for each in made:
        each.close()
    writer.close()


def kept(store: Store) -> list[int]:
    with store.reading() as connection:
        return list(connection.execute(sa.select(NOTES.c.number).order_by(NOTES.c.number)).scalars())


def test_what_was_added_is_there_for_whoever_waits(store: Store, make: Make) -> None:
    behind, commits = make(), 0

    def count(_: sa.Connection) -> None:
        nonlocal commits
        commits += 1

    assert behind.settle(), "nothing to wait for"
    assert all(behind.add(number) for number in range(50))
    assert (kept(store), behind.waiting) == ([], 50)
    sa.event.listen(store.engine, "commit", count)
    assert behind.settle()
    sa.event.remove(store.engine, "commit", count)
    assert (kept(store), behind.waiting, commits) == (list(range(50)), 0, 1)
    assert behind.add(50)
    assert behind.settle()
    assert kept(store)[-1] == 50


def test_nobody_needs_to_wait(store: Store, make: Make) -> None:
    writing = threading.Event()

    def keeping(connection: sa.Connection, numbers: Sequence[int]) -> None:
        keep(connection, numbers)
        writing.set()

    behind = make(keeping, gather_s=0.0)
    assert behind.add(1)
    assert writing.wait(30), "it begins by itself"
    assert behind.settle()
    assert kept(store) == [1]


def test_when_there_is_no_room_nothing_is_taken(store: Store, make: Make) -> None:
    behind = make(room=2)
    assert [behind.add(number) for number in range(3)] == [True, True, False]
    assert behind.settle()
    assert kept(store) == [0, 1]
    assert behind.add(3), "there is room again"


def test_closing_writes_what_was_added_and_takes_nothing_more(store: Store, make: Make) -> None:
    behind = make()
    assert behind.add(1)
    behind.close()
    assert kept(store) == [1]
    assert not behind.add(2)
    behind.close()


def test_what_the_store_refuses_is_told_and_the_rest_is_kept(
    store: Store, make: Make, caplog: pytest.LogCaptureFixture
) -> None:
    with store.transaction() as connection:
        keep(connection, [2])  # whose key is taken
    behind = make()
    assert all(behind.add(number) for number in (1, 2, 3))
    with caplog.at_level(logging.ERROR):
        assert behind.settle()
    assert kept(store) == [1, 2, 3]
    assert "1 values were not kept" in caplog.text


def test_a_store_that_comes_back_gets_everything(store: Store, make: Make) -> None:
    away = True

    def keeping(connection: sa.Connection, numbers: Sequence[int]) -> None:
        if away:
            raise Conflict("not now")
        keep(connection, numbers)

    behind = make(keeping, retry_s=NEVER_S)
    assert all(behind.add(number) for number in (1, 2))
    assert not behind.settle(), "tried, and not kept"
    assert behind.waiting == 2
    assert behind.add(3)
    away = False
    assert behind.settle()
    assert kept(store) == [1, 2, 3]


@pytest.mark.parametrize("number", [1, 2])
def test_what_is_lost_when_the_program_stops_is_told(
    store: Store, make: Make, caplog: pytest.LogCaptureFixture, number: int
) -> None:
    def keeping(connection: sa.Connection, numbers: Sequence[int]) -> None:
        raise Conflict("never")

    behind = make(keeping)
    assert all(behind.add(each) for each in range(number))
    with caplog.at_level(logging.ERROR):
        behind.close()
    assert f"{number} values were not kept" in caplog.text
    assert kept(store) == []
