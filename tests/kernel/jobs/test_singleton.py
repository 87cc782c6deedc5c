"""One holder at a time, and an old one cannot write."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

import pytest

from agoranomos.kernel.errors import Conflict, Invalid
from agoranomos.kernel.jobs import queue, singleton
from agoranomos.kernel.jobs.singleton import Holding
from agoranomos.kernel.store import Store
from tests.builders import NOW


def take(store: Store, holder_id: str, at: float = 0, name: str = "monitor") -> Holding | None:
    with store.transaction() as connection:
        return singleton.take(connection, name, holder_id, now=NOW + timedelta(seconds=at), lease_s=10)


def taken(store: Store, holder_id: str, at: float = 0) -> Holding:
    holding = take(store, holder_id, at)
    assert holding is not None
    return holding


def test_one_at_a_time_and_the_next_after_the_end(store: Store) -> None:
    first = taken(store, "p1")
    assert take(store, "p2", 9.9) is None
    assert take(store, "p1", 9.9) is None, "a restarted process cannot tell itself from its past"
    assert take(store, "p2", 0, name="another") is not None
    second = taken(store, "p2", 10)
    assert second.token > first.token


def test_an_old_holder_can_neither_write_nor_renew_nor_give_back(store: Store) -> None:
    first = taken(store, "p1")
    second = taken(store, "p2", 10)

    def write(holding: Holding, key: str) -> None:
        with store.transaction() as connection:
            queue.enqueue(connection, "effect", key, due_at=NOW, now=NOW)
            singleton.require(connection, holding)

    with pytest.raises(Conflict, match="lost"):
        write(first, "stale")
    write(second, "fresh")
    with store.transaction() as connection:
        assert [job.key for job in queue.listed(connection)] == ["fresh"]
        with pytest.raises(Conflict, match="lost"):
            singleton.renew(connection, first, now=NOW, lease_s=10)
        with pytest.raises(Conflict, match="lost"):
            singleton.give_back(connection, first)


def test_a_late_holder_may_write_while_nobody_has_taken_over(store: Store) -> None:
    first = taken(store, "p1")
    with store.transaction() as connection:
        singleton.require(connection, first)
        renewed = singleton.renew(connection, first, now=NOW + timedelta(seconds=99), lease_s=10)
    assert take(store, "p2", 108) is None
    assert renewed.token == first.token


def test_what_is_given_back_is_free_at_once(store: Store) -> None:
    first = taken(store, "p1")
    with store.transaction() as connection:
        singleton.give_back(connection, first)
    second = taken(store, "p2")
    assert second.token == first.token + 1
    with pytest.raises(Conflict), store.transaction() as connection:
        singleton.require(connection, first)


def test_nobody_takes_over_while_the_holder_commits(store: Store) -> None:
    first = taken(store, "p1")
    with store.transaction() as connection:
        singleton.require(connection, first)
        with ThreadPoolExecutor(1) as pool:
            second = pool.submit(take, store, "p2", 10)
            with pytest.raises(TimeoutError):
                second.result(0.2)
            connection.commit()
            assert second.result() is not None


def test_many_ask_one_gets_it(store: Store) -> None:
    with ThreadPoolExecutor(8) as pool:
        answers = list(pool.map(lambda n: take(store, f"p{n}"), range(8)))
    assert sum(answer is not None for answer in answers) == 1


@pytest.mark.parametrize("name", ["", "\x00", "x" * 129])
def test_names_that_cannot_be(store: Store, name: str) -> None:
    with pytest.raises(Invalid):
        take(store, "p1", name=name)
    with pytest.raises(Invalid):
        take(store, name)
