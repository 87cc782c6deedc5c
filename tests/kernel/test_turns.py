"""Turns go to who has waited longest, and nobody waits for ever."""

from __future__ import annotations

import threading
from pathlib import Path

import sqlalchemy as sa

from agoranomos.kernel.turns import Turns
from tests.stores import make_store

PATIENCE_S = 30.0


def test_turns_come_in_the_order_of_asking() -> None:
    turns, order = Turns(), list[int]()
    threads: list[threading.Thread] = []

    def ask(number: int) -> None:
        with turns.turn(PATIENCE_S) as ours:
            assert ours
            order.append(number)

    with turns.turn(PATIENCE_S):
        for number in range(8):
            threads.append(threading.Thread(target=ask, args=(number,)))
            threads[-1].start()
            while len(turns._waiting) <= number:  # it has asked
                threading.Event().wait(0.001)
    for thread in threads:
        thread.join(PATIENCE_S)
    assert order == list(range(8))


def test_who_gives_up_holds_nothing_and_stops_nobody() -> None:
    turns = Turns()
    with turns.turn(PATIENCE_S) as first:
        assert first
        with turns.turn(0.0) as second:
            assert not second
    with turns.turn(0.0) as third:
        assert third


def test_a_turn_ends_with_an_error() -> None:
    turns = Turns()
    try:
        with turns.turn(0.0):
            raise ValueError
    except ValueError:
        pass
    with turns.turn(0.0) as ours:
        assert ours


def test_many_writers_of_one_store_all_get_through(tmp_path: Path) -> None:
    store = make_store(tmp_path)
    with store.transaction() as connection:
        connection.execute(sa.text("CREATE TABLE counted (n INTEGER)"))
        connection.execute(sa.text("INSERT INTO counted VALUES (0)"))
    done = list[int]()

    def count(number: int) -> None:
        for _ in range(20):
            with store.transaction() as connection:
                seen = connection.execute(sa.text("SELECT n FROM counted")).scalar_one()
                connection.execute(sa.text("UPDATE counted SET n = :n"), {"n": seen + 1})
        done.append(number)

    threads = [threading.Thread(target=count, args=(number,)) for number in range(12)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(PATIENCE_S)
    with store.reading() as connection:
        assert connection.execute(sa.text("SELECT n FROM counted")).scalar_one() == 240
    assert sorted(done) == list(range(12))
    store.close()
