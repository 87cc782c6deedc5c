"""The audit log on the embedded store: what recording, signing, proving and verifying cost.

The floor beside it is SQLite alone: the same bytes put into a table by the plain driver, under the same durability.
"""

from __future__ import annotations

import random
import sqlite3
import statistics
import tempfile
import threading
import time
import tracemalloc
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from datetime import UTC, datetime, timedelta
from functools import partial
from pathlib import Path
from typing import Final

import sqlalchemy as sa

from agoranomos.audit import actions, proving, verifying
from agoranomos.audit.model import Entry
from agoranomos.audit.notes import SigningKey
from agoranomos.kernel.actors import Actor
from agoranomos.kernel.store import Store, open_store
from agoranomos.kernel.writer import GroupWriter
from benchmarks.materials import Materials
from benchmarks.measuring import Size, Table, megabytes, spread

GOAL_PER_S: Final = 5_000
"""Entries a second in group commit, each on disk before its caller goes on."""
THREADS: Final = 64
BATCH: Final = 1_000
_BEGUN = datetime(2026, 5, 1, tzinfo=UTC)
_KEY = SigningKey("benchmark.example/audit", b"benchmark key, known to everyone")


def entry(number: int) -> Entry:
    """A decision of a case, about 220 bytes."""
    return Entry(
        at=_BEGUN + timedelta(milliseconds=number),
        actor=Actor("person", f"p-{number % 97}"),
        verb="case.decide",
        subject_kind="case",
        subject_id=f"c-{number}",
        params={"outcome": "upheld", "clause": "4.2", "points": number % 12},
    )


class Turn:
    """Rates of one way of doing it, over its rounds."""

    def __init__(self) -> None:
        self.wall: list[float] = []
        self.cpu: list[float] = []

    def time(self, count: int, call: Callable[[], object]) -> None:
        cpu, wall = time.process_time(), time.perf_counter()
        call()
        self.wall.append(count / (time.perf_counter() - wall))
        self.cpu.append(count / max(time.process_time() - cpu, 1e-9))


@contextmanager
def _store() -> Iterator[Store]:
    with tempfile.TemporaryDirectory(prefix="agora-audit-") as folder:
        store = open_store(f"{folder}/agora.db")
        try:
            yield store
        finally:
            store.close()


def run(_: Materials, size: Size) -> list[Table]:
    """Appending, and what is done with the log afterwards."""
    return [_appending(size), _reading(size)]


def _appending(size: Size) -> Table:
    few, many = max(20, size.entries // 100), size.entries
    ways: dict[str, tuple[int, Callable[[Store, int], None]]] = {
        "one by one": (few, _one_by_one),
        f"group commit, {THREADS} threads": (max(THREADS, many // 5), _grouped),
        f"batches of {BATCH:,}": (many, _batches),
        "SQLite alone, one by one": (few, _plain(1)),
        f"SQLite alone, batches of {BATCH:,}": (many, _plain(BATCH)),
    }
    turns = {name: Turn() for name in ways}
    for _ in range(size.rounds):
        for name, (count, way) in ways.items():
            with _store() as store:
                turns[name].time(count, partial(way, store, count))
    floors = {"one by one": "SQLite alone, one by one", f"batches of {BATCH:,}": f"SQLite alone, batches of {BATCH:,}"}
    rows = []
    for name, turn in turns.items():
        floor = turns[floors[name]].cpu if name in floors else None
        ratio = f"{statistics.median(floor) / statistics.median(turn.cpu):.1f}" if floor else ""
        rows.append((name, f"{ways[name][0]:,}", spread(turn.wall), spread(turn.cpu), ratio))
    return Table(
        f"Audit log, entries a second (goal in group commit: {GOAL_PER_S:,})",
        ("way", "entries", "a second", "a CPU-second", "times the floor"),
        tuple(rows),
        ("SQLite with WAL and synchronous=FULL: every commit is an fsync.",),
    )


def _one_by_one(store: Store, count: int) -> None:
    for number in range(count):
        with store.transaction() as connection:
            actions.record(connection, entry(number))


def _grouped(store: Store, count: int) -> None:
    with closing(GroupWriter(store)) as writer:

        def act(who: int) -> None:
            for number in range(who, count, THREADS):
                writer.call(partial(actions.record, entry=entry(number)))

        threads = [threading.Thread(target=act, args=(who,)) for who in range(THREADS)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()


def _batches(store: Store, count: int) -> None:
    for begin in range(0, count, BATCH):
        with store.transaction() as connection:
            actions.record_all(connection, map(entry, range(begin, min(begin + BATCH, count))))


def _plain(batch: int) -> Callable[[Store, int], None]:
    def insert(_: Store, count: int) -> None:
        with tempfile.TemporaryDirectory() as folder, closing(sqlite3.connect(Path(folder) / "plain.db")) as database:
            database.isolation_level = None
            database.execute("PRAGMA journal_mode=WAL")
            database.execute("PRAGMA synchronous=FULL")
            database.execute("CREATE TABLE entries (leaf_index INTEGER PRIMARY KEY, leaf TEXT NOT NULL)")
            for begin in range(0, count, batch):
                numbers = range(begin, min(begin + batch, count))
                database.execute("BEGIN IMMEDIATE")
                database.executemany(
                    "INSERT INTO entries VALUES (?, ?)", ((number, entry(number).leaf().decode()) for number in numbers)
                )
                database.execute("COMMIT")

    return insert


def _reading(size: Size) -> Table:
    count = size.entries
    sign, grow, prove, check, verify = (Turn() for _ in range(5))
    peak = 0
    for _ in range(size.rounds):
        with _store() as store:
            _batches(store, count)
            sign.time(count, lambda: _sign(store))
            with store.transaction() as connection:
                actions.record(connection, entry(count))
            grow.time(1, lambda: _sign(store))
            peak = max(peak, _read(store, count, min(200, count), prove, check, verify))
    rows = [
        ("sign: hash all entries into the tree", f"{count:,}", spread(sign.wall), spread(sign.cpu)),
        (f"sign: one more behind {count:,}", "1", spread(grow.wall), spread(grow.cpu)),
        ("prove an entry", f"{min(200, count):,}", spread(prove.wall), spread(prove.cpu)),
        ("check a proof", f"{min(200, count):,}", spread(check.wall), spread(check.cpu)),
        ("verify the whole log", f"{count:,}", spread(verify.wall), spread(verify.cpu)),
    ]
    return Table(
        "Audit log, what is done with it",
        ("what", "entries", "a second", "a CPU-second"),
        tuple(rows),
        (f"Verifying takes {megabytes(peak)} of memory at most (Python's own count).",),
    )


def _sign(store: Store) -> None:
    with store.transaction() as connection:
        actions.checkpoint(connection, _KEY, _BEGUN)


def _read(store: Store, count: int, proofs: int, prove: Turn, check: Turn, verify: Turn) -> int:
    draw = random.Random(1)
    with store.reading() as connection:
        made: list[bytes] = []
        prove.time(proofs, lambda: made.extend(_proofs(connection, [draw.randrange(count) for _ in range(proofs)])))
        check.time(proofs, lambda: [proving.check(one, _KEY.verifier) for one in made])
        verify.time(count, lambda: _verified(connection))
        tracemalloc.start()
        _verified(connection)
        peak = tracemalloc.get_traced_memory()[1]
        tracemalloc.stop()
    return peak


def _proofs(connection: sa.Connection, indexes: list[int]) -> list[bytes]:
    return [proving.prove(connection, index).json() for index in indexes]


def _verified(connection: sa.Connection) -> None:
    if not verifying.verify(connection, [_KEY.verifier]).ok:
        raise RuntimeError("the log of the benchmark is not as it was signed")
