"""Exact claims a second: blocks and batches, beside one hot row of PostgreSQL and a Lua script of Redis with fsync.

Ours knows repeats, holds a budget of coupons and one of money, and a cap for each account; so does the script. The hot
row holds one number: `UPDATE … WHERE remaining >= 1`, a commit each. Redis is run when `redis-server` is on the path,
or named by AGORA_REDIS_SERVER.
"""

from __future__ import annotations

import multiprocessing as mp
import os
import random
import shutil
import socket
import subprocess
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any, Final

import psycopg

from agoranomos.enforcement.policy import load_policy
from agoranomos.kernel.store import Store, open_store
from agoranomos.promotions.budgets.model import Asked
from agoranomos.promotions.campaigns.queries import put_declared
from agoranomos.promotions.guard.till import CLAIMS_MAX
from agoranomos.promotions.rooms import Promotions
from benchmarks.ledger import _postgresql as postgresql
from benchmarks.materials import Materials
from benchmarks.measuring import Size, Table, spread

GOAL: Final = 40.0
"""Times the hot row."""
_CAMPAIGN: Final = "bench"
_FACE: Final = 500
_CAP: Final = 3
_PEOPLE: Final = 10_000_000
_CALLERS: Final = 16
Worker = Callable[..., None]


def run(materials: Materials, size: Size) -> list[Table]:  # noqa: ARG001 - the form of all benchmarks
    """One table; rows for what cannot be had are left out."""
    seconds = min(8.0, max(0.5, size.transfers / 10_000))
    rates: dict[str, list[float]] = {}
    with tempfile.TemporaryDirectory(prefix="agora-claims-") as folder, postgresql() as url, _redis(folder) as port:
        sqlite = f"sqlite:///{folder}/claims.db"
        for store_url in filter(None, (sqlite, url)):
            _declared(store_url)
        for _ in range(size.rounds):  # in turns, so that what else the machine does falls on all of them alike
            for name, worker, processes, arguments in _ways(url, sqlite, port):
                rates.setdefault(name, []).append(_rate(worker, processes, seconds, arguments))
    hot = rates.get(_HOT)
    rows = tuple((name, spread(each), _times(each, hot)) for name, each in rates.items())
    return [Table("Exact claims a second", ("way", "claims a second", "of the hot row"), rows, _NOTES)]


_HOT: Final = "PostgreSQL: hot row, 16 clients, a commit each"
_NOTES: Final = (
    "Every claim is on disk before it is counted. Ours and the script: repeats, two budgets, a cap for each account.",
    f"Goals: {GOAL:.0f} times the hot row, and not behind Redis with fsync. Median (least–most).",
)


def _ways(url: str | None, sqlite: str, port: int | None) -> Iterator[tuple[str, Worker, int, tuple[Any, ...]]]:
    if url is not None:
        yield _HOT, hot_row, 2, (url,)
        yield f"PostgreSQL: ours, 2 processes, batches of {CLAIMS_MAX:,}", ours, 2, (url, CLAIMS_MAX)
        yield "PostgreSQL: ours, 1 process, batches of 200", ours, 1, (url, 200)
    yield f"SQLite: ours, 1 process, batches of {CLAIMS_MAX:,}", ours, 1, (sqlite, CLAIMS_MAX)
    if port is not None:
        yield "Redis: Lua, fsync always, 64 clients", lua, 2, (port,)


def hot_row(seconds: float, counted: Any, url: str) -> None:
    """Half of the clients, on one row."""
    import threading

    def client(place: int) -> None:
        done, end = 0, time.perf_counter() + seconds
        with psycopg.connect(url.replace("postgresql+psycopg", "postgresql"), autocommit=True) as connection:
            while time.perf_counter() < end:
                connection.execute("UPDATE bench_hot SET remaining = remaining - 1 WHERE id = 1 AND remaining >= 1")
                done += 1
        results[place] = done

    results = [0] * (_CALLERS // 2)
    threads = [threading.Thread(target=client, args=(place,)) for place in range(_CALLERS // 2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    counted.put(sum(results))


def ours(seconds: float, counted: Any, url: str, batch: int) -> None:
    """One process: while one batch is written, the next is gathered."""
    store = open_store(url)
    till = _rooms(store).guard.till
    draw, now, number = random.Random(os.getpid()), datetime.now(UTC), 0
    name = f"{os.getpid():x}-{time.time_ns():x}-"

    def drawn() -> list[Asked]:
        nonlocal number
        number += batch
        return [
            Asked(
                coupon_id=f"{name}{each}", campaign_id=_CAMPAIGN, account_id=f"a{draw.randrange(_PEOPLE)}", at=now,
                source="b", event_id="e",
            )
            for each in range(number - batch, number)
        ]  # fmt: skip

    done, waiting = 0, till.submit_many(drawn())
    end = time.perf_counter() + seconds
    while time.perf_counter() < end:
        more = till.submit_many(drawn())
        done += sum(verdict.why is None for verdict in waiting.result())
        waiting = more
    waiting.result()
    counted.put(done)
    till.close()
    store.close()


_SCRIPT: Final = (
    "if redis.call('SET', 'c:' .. ARGV[1], ARGV[2], 'NX') == false then return 2 end "
    "if tonumber(redis.call('GET', 'count') or '0') < 1 or tonumber(redis.call('GET', 'amount') or '0') < 500 "
    "or redis.call('HINCRBY', 'a', ARGV[2], 1) > 3 then redis.call('DEL', 'c:' .. ARGV[1]) return 0 end "
    "redis.call('DECRBY', 'count', 1) redis.call('DECRBY', 'amount', 500) return 1"
)


def lua(seconds: float, counted: Any, port: int) -> None:
    """Half of the clients: each sends its next claim when the answer to the last is there."""
    import select

    sockets = [socket.create_connection(("127.0.0.1", port)) for _ in range(32)]
    draw, done = random.Random(os.getpid()), 0
    digest = _asked(sockets[0], "SCRIPT", "LOAD", _SCRIPT).split(b"\r\n")[1].decode()
    name, number = f"{os.getpid():x}-{time.time_ns():x}", 0

    def send(one: socket.socket) -> None:
        nonlocal number
        number += 1
        one.sendall(_resp("EVALSHA", digest, "0", f"{name}-{number}", f"a{draw.randrange(_PEOPLE)}"))

    for one in sockets:
        send(one)
    end = time.perf_counter() + seconds
    while time.perf_counter() < end:
        for one in select.select(sockets, [], [], 1)[0]:
            done += one.recv(64) == b":1\r\n"
            send(one)
    counted.put(done)


def _rate(worker: Worker, processes: int, seconds: float, arguments: tuple[Any, ...]) -> float:
    counted: Any = mp.Queue()
    running = [mp.Process(target=worker, args=(seconds, counted, *arguments)) for _ in range(processes)]
    for each in running:
        each.start()
    total = sum(counted.get() for _ in running)
    for each in running:
        each.join()
    return float(total) / seconds


def _declared(url: str) -> None:
    store = open_store(url)
    store.upgrade()
    entry = {
        "id": _CAMPAIGN, "benefit": {"kind": "fixed", "value": {"amount": _FACE, "currency": "CNY"}},
        "budget": {"count": 10**9, "amount": {"amount": 10**12, "currency": "CNY"}}, "per_account": {"count": _CAP},
    }  # fmt: skip
    with store.transaction() as connection:
        put_declared(connection, _CAMPAIGN, entry, datetime.now(UTC) - timedelta(days=1))
        if not store.embedded:
            connection.exec_driver_sql("CREATE TABLE bench_hot (id int PRIMARY KEY, remaining bigint)")
            connection.exec_driver_sql("INSERT INTO bench_hot VALUES (1, 1000000000)")
    store.close()


def _rooms(store: Store) -> Promotions:
    return Promotions(lambda: store, load_policy(), lambda: datetime.now(UTC))


def _times(rates: list[float], hot: list[float] | None) -> str:
    return "–" if not hot else f"{sorted(rates)[len(rates) // 2] / sorted(hot)[len(hot) // 2]:.1f}"


def _resp(*words: str) -> bytes:
    return b"*%d\r\n" % len(words) + b"".join(b"$%d\r\n%s\r\n" % (len(raw), raw) for raw in map(str.encode, words))


def _asked(one: socket.socket, *words: str) -> bytes:
    one.sendall(_resp(*words))
    return one.recv(4_096)


@contextmanager
def _redis(folder: str) -> Iterator[int | None]:
    server = os.environ.get("AGORA_REDIS_SERVER") or shutil.which("redis-server")
    if server is None:
        yield None
        return
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = int(free.getsockname()[1])
    Path(folder, "redis").mkdir()
    command = [
        server,
        "--port",
        str(port),
        "--dir",
        f"{folder}/redis",
        "--appendonly",
        "yes",
        "--appendfsync",
        "always",
    ]
    with subprocess.Popen([*command, "--save", ""], stdout=subprocess.DEVNULL) as process:
        try:
            for _ in range(100):
                with suppress(OSError), socket.create_connection(("127.0.0.1", port)) as one:
                    _asked(one, "SET", "count", str(10**9))
                    _asked(one, "SET", "amount", str(10**12))
                    break
                time.sleep(0.05)
            yield port
        finally:
            process.terminate()
