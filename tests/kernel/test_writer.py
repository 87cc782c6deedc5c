"""Group commit: together on disk, apart in failure."""

from __future__ import annotations

import subprocess
import sys
import threading
from collections.abc import Callable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from pathlib import Path

import pytest
import sqlalchemy as sa

from agoranomos.kernel.actors import Actor
from agoranomos.kernel.errors import Conflict, Invalid
from agoranomos.kernel.store import Store
from agoranomos.kernel.writer import GroupWriter

NOTES = sa.Table("notes", sa.MetaData(), sa.Column("number", sa.Integer, primary_key=True))


@pytest.fixture
def writer(store: Store) -> Iterator[GroupWriter]:
    with store.transaction() as connection:
        NOTES.create(connection)
    opened = GroupWriter(store)
    yield opened
    opened.close()


def noting(number: int, *, fail: bool = False) -> Callable[[sa.Connection], int]:
    """A verb that writes `number`, and then perhaps thinks better of it."""

    def verb(connection: sa.Connection) -> int:
        connection.execute(sa.insert(NOTES).values(number=number))
        if fail:
            raise Conflict(f"not {number}")
        return number

    return verb


def written(store: Store) -> list[int]:
    with store.reading() as connection:
        return list(connection.execute(sa.select(NOTES.c.number).order_by(NOTES.c.number)).scalars())


def gathered(writer: GroupWriter, verbs: list[Callable[[sa.Connection], int]]) -> tuple[list[Future[int]], int]:
    """The futures of `verbs`, all of which waited while a first verb held the writer; and how many commits it took."""
    held, go_on, commits = threading.Event(), threading.Event(), 0

    def hold(connection: sa.Connection) -> None:
        held.set()
        assert go_on.wait(30)

    def count(_: sa.Connection) -> None:
        nonlocal commits
        commits += 1

    first = writer.submit(hold)
    assert held.wait(30)
    futures = [writer.submit(verb) for verb in verbs]
    sa.event.listen(writer._store.engine, "commit", count)
    go_on.set()
    first.result(30)
    for future in futures:
        future.exception(30)
    sa.event.remove(writer._store.engine, "commit", count)
    return futures, commits


def test_a_result_comes_after_the_commit(store: Store, writer: GroupWriter) -> None:
    assert writer.call(noting(1)) == 1
    assert written(store) == [1]


def test_what_waits_together_is_committed_together(store: Store, writer: GroupWriter) -> None:
    futures, commits = gathered(writer, [noting(number) for number in range(40)])
    assert [future.result() for future in futures] == list(range(40))
    assert commits == 2, "the one that was held, and all the others"
    assert written(store) == list(range(40))


def test_who_wants_a_transaction_of_its_own_has_one(store: Store, writer: GroupWriter) -> None:
    seen: list[set[int]] = []

    def look(connection: sa.Connection) -> None:
        connection.execute(sa.insert(NOTES).values(number=9))
        seen.append(set(connection.execute(sa.select(NOTES.c.number)).scalars()))

    go_on = threading.Event()
    held = writer.submit(lambda _: go_on.wait(30))
    before = writer.submit(noting(1))
    alone = writer.submit(look, alone=True)
    after = writer.submit(noting(2))
    fails = writer.submit(noting(9, fail=True), alone=True)
    go_on.set()
    assert [held.result(), before.result(), alone.result(), after.result()] == [True, 1, None, 2]
    assert fails.exception() is not None
    assert seen == [{1, 9}]
    assert written(store) == [1, 2, 9]


def test_a_failure_takes_only_itself_along(store: Store, writer: GroupWriter) -> None:
    futures, _ = gathered(writer, [noting(1), noting(2, fail=True), noting(3), noting(1), noting(4)])
    assert [future.exception() is None for future in futures] == [True, False, True, False, True]
    with pytest.raises(Conflict, match="not 2"):
        futures[1].result()
    assert written(store) == [1, 3, 4]


def test_a_cancelled_wish_is_not_written(store: Store, writer: GroupWriter) -> None:
    held, go_on = threading.Event(), threading.Event()

    def hold(connection: sa.Connection) -> None:
        held.set()
        assert go_on.wait(30)

    first = writer.submit(hold)
    assert held.wait(30)
    unwanted, wanted = writer.submit(noting(1)), writer.submit(noting(2))
    assert unwanted.cancel()
    go_on.set()
    first.result(30)
    assert wanted.result(30) == 2
    assert written(store) == [2]


def test_many_threads_at_once(store: Store, writer: GroupWriter) -> None:
    with ThreadPoolExecutor(16) as threads:
        numbers = list(threads.map(lambda number: writer.call(noting(number)), range(300)))
    assert numbers == written(store) == list(range(300))


def test_closing_writes_what_was_submitted_and_takes_nothing_more(store: Store, writer: GroupWriter) -> None:
    futures = [writer.submit(noting(number)) for number in range(20)]
    writer.close()
    writer.close()
    assert [future.result(0) for future in futures] == written(store)
    with pytest.raises(Conflict, match="about to stop"):
        writer.submit(noting(99))


def test_a_lost_database_is_told_to_everyone(store: Store, writer: GroupWriter) -> None:
    with store.transaction() as connection:
        NOTES.drop(connection)
    futures, _ = gathered(writer, [noting(1), noting(2)])
    assert all(isinstance(future.exception(), sa.exc.DBAPIError) for future in futures)


_COUNTING = """
import sys
import sqlalchemy as sa
from agoranomos.kernel.store import open_store
from agoranomos.kernel.writer import GroupWriter
writer = GroupWriter(open_store(sys.argv[1]))
notes = sa.table("notes", sa.column("number", sa.Integer))
number = 0
while True:
    futures = [
        writer.submit(lambda c, n=n: c.execute(sa.insert(notes).values(number=n)) and n)
        for n in range(number, number + 50)
    ]
    for future in futures:
        print(future.result(), flush=True)
    number += 50
"""


@pytest.mark.slow
def test_what_was_answered_survives_a_kill(store: Store, writer: GroupWriter, tmp_path: Path) -> None:
    url = store.engine.url.render_as_string(hide_password=False)
    answered = -1
    with subprocess.Popen([sys.executable, "-c", _COUNTING, url], stdout=subprocess.PIPE) as process:
        assert process.stdout is not None
        for line in process.stdout:
            answered = int(line)
            if answered >= 120:
                process.kill()
                break
    kept = written(store)
    assert kept[: answered + 1] == list(range(answered + 1))
    assert kept == list(range(len(kept))), "a batch is kept whole or not at all"


def test_an_actor_is_an_id_and_no_free_text() -> None:
    assert str(Actor("person", "p_1")) == "person:p_1"
    with pytest.raises(Invalid, match="1 to 128"):
        Actor("key", "")
