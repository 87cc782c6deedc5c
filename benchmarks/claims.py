"""Exact claims a second: blocks and batches, beside one hot row of PostgreSQL and a Lua script of Redis with fsync.

Ours knows repeats, holds a budget of coupons and one of money, and a cap for each account; so does the script. The hot
row holds one number: `UPDATE … WHERE remaining >= 1`, a commit each. Redis is run when `redis-server` is on the path,
or named by AGORA_REDIS_SERVER. Work is the CPU time of clients and servers together: unlike the rate, it hardly depends
on what else the machine does.
"""

from __future__ import annotations

import multiprocessing as mp
import os
import random
import resource
import shutil
import socket
import subprocess
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from datetime import UTC, datetime, timedelta
from pathlib import Path
from statistics import median
from typing import Any, Final

import msgspec
import psycopg

from agoranomos.enforcement.policy import load_policy
from agoranomos.kernel.schema.promotions import Campaign
from agoranomos.kernel.store import Store, open_store
from agoranomos.promotions.budgets.model import Asked
from agoranomos.promotions.budgets.policy import Rush
from agoranomos.promotions.budgets.rush import rows, segments
from agoranomos.promotions.campaigns.queries import put_declared
from agoranomos.promotions.guard.following import SETTLED_MAX
from agoranomos.promotions.guard.model import Rules
from agoranomos.promotions.guard.till import CLAIMS_MAX
from agoranomos.promotions.rooms import Promotions
from benchmarks.ledger import _postgresql as postgresql
from benchmarks.materials import Materials
from benchmarks.measuring import Size, Table, spread

GOAL: Final = 40.0
"""Times the hot row."""
_CAMPAIGNS: Final = ("fast", "watched", "rows", "small", "later")
"""Each has a new one in each round."""
_WATCHED: Final = "watched"
_FACE: Final = 500
_CAP: Final = 3
_WARMED: Final = 8
"""Batches before anything is measured: blocks begin small."""
_PEOPLE: Final = 10_000_000
_CALLERS: Final = 16
_LATER: Final = [timedelta(microseconds=5 * each) for each in range(CLAIMS_MAX)]
"""Each claim of a batch has a moment of its own."""
Worker = Callable[..., None]


def run(materials: Materials, size: Size) -> list[Table]:  # noqa: ARG001 - the form of all benchmarks
    """One table; rows for what cannot be had are left out."""
    seconds = min(8.0, max(0.5, size.transfers / 5_000))
    runs: dict[str, list[_Run]] = {}
    with tempfile.TemporaryDirectory(prefix="agora-claims-") as folder, postgresql() as url, _redis(folder) as redis:
        sqlite = f"sqlite:///{folder}/claims.db"
        for store_url in filter(None, (sqlite, url)):
            _declared(store_url, size.rounds)
        servers = [] if url is None else [_postmaster(url)]
        for turn in range(size.rounds):  # so that what else the machine does falls on all of them alike
            for name, worker, processes, arguments in _ways(turn, url, sqlite, redis):
                served = [redis[1]] if redis and name == _LUA else servers
                runs.setdefault(name, []).append(_run(worker, processes, seconds, arguments, served))
    return [Table("Exact claims a second", _HEADINGS, tuple(_rows(runs)), _NOTES)]


_HOT: Final = "PostgreSQL: hot row, 16 clients, a commit each"
_LUA: Final = "Redis: Lua, fsync always, 64 clients"
_HEADINGS: Final = (
    "way", "claims a second", "of the hot row", "CPU us a claim", "work of the hot row", "wait ms, p50", "p99", "MB",
)  # fmt: skip
_NOTES: Final = (
    "Every claim is on disk before it is counted. Ours and the script: repeats, two budgets, a cap for each account.",
    "Watched: a campaign that declared its speed, so that each claim goes into two tests of the breaker.",
    "MB: the largest process of the clients. All have worked for a moment before anything is measured.",
    "In a rush claims are kept in segments first (decision 0070), and written as rows a little later: that is a way of",
    "its own. Up to a million may wait; above that it is the rate at which rows are written that counts.",
    f"Goals: {GOAL:.0f} times the hot row (median of rounds), and not behind Redis with fsync. Median (least–most).",
)


class _Run(msgspec.Struct, frozen=True):
    """Claims a second, CPU seconds of all processes for one, waits of single claims (s), the largest process (MB)."""

    rate: float
    work: float
    waits: list[float]
    megabytes: float


def _rows(runs: dict[str, list[_Run]]) -> Iterator[tuple[str, ...]]:
    hot = runs.get(_HOT)
    for name, mine in runs.items():
        waits = sorted(wait for each in mine for wait in each.waits)
        work = median(each.work for each in mine)
        yield (
            name, spread([each.rate for each in mine]),
            "–" if hot is None else f"{median(each.rate / by.rate for each, by in zip(mine, hot, strict=True)):.1f}",
            f"{work * 1e6:.1f}", "–" if hot is None else f"1/{median(each.work for each in hot) / work:.1f}",
            *(f"{waits[int(len(waits) * share)] * 1e3:.1f}" for share in (0.5, 0.99)),
            f"{max(each.megabytes for each in mine):.0f}",
        )  # fmt: skip


def _ways(
    turn: int, url: str | None, sqlite: str, redis: tuple[int, int] | None
) -> Iterator[tuple[str, Worker, int, tuple[Any, ...]]]:
    fast, watched, as_rows, small, later = (f"{name}-{turn}" for name in _CAMPAIGNS)
    many = f"batches of {CLAIMS_MAX:,}"
    if url is not None:
        yield _HOT, hot_row, 2, (url,)
        yield f"PostgreSQL: ours, in a rush, 2 processes, {many}", ours, 2, (url, CLAIMS_MAX, fast)
        yield "the same, watched", ours, 2, (url, CLAIMS_MAX, watched)
        yield "PostgreSQL: ours, written as rows later, 1 process", drained, 1, (url, later)
        yield f"PostgreSQL: ours, as rows at once, 2 processes, {many}", ours, 2, (url, CLAIMS_MAX, as_rows)
        yield "PostgreSQL: ours, as rows at once, 1 process, batches of 200", ours, 1, (url, 200, small)
    yield f"SQLite: ours, in a rush, 1 process, {many}", ours, 1, (sqlite, CLAIMS_MAX, fast)
    yield f"SQLite: ours, as rows at once, 1 process, {many}", ours, 1, (sqlite, CLAIMS_MAX, as_rows)
    if redis is not None:
        yield _LUA, lua, 2, (redis[0],)


def hot_row(seconds: float, told: Any, all_: Any, url: str) -> None:
    """Half of the clients, on one row."""
    import threading

    ready = threading.Barrier(_CALLERS // 2 + 1)

    def client(place: int) -> None:
        with psycopg.connect(url.replace("postgresql+psycopg", "postgresql"), autocommit=True) as connection:
            connection.execute("SELECT 1")
            ready.wait()
            ready.wait()
            end = time.perf_counter() + seconds
            while (began := time.perf_counter()) < end:
                connection.execute("UPDATE bench_hot SET remaining = remaining - 1 WHERE id = 1 AND remaining >= 1")
                waits[place].append(time.perf_counter() - began)

    waits: list[list[float]] = [[] for _ in range(_CALLERS // 2)]
    threads = [threading.Thread(target=client, args=(place,)) for place in range(_CALLERS // 2)]
    for thread in threads:
        thread.start()
    ready.wait()
    all_.wait()
    used = time.process_time()
    ready.wait()
    for thread in threads:
        thread.join()
    flat = [wait for mine in waits for wait in mine]
    told.put((len(flat), seconds, time.process_time() - used, flat, _megabytes()))
    all_.wait()


def ours(seconds: float, told: Any, all_: Any, url: str, batch: int, campaign: str) -> None:
    """One process: while one batch is written, the next is gathered."""
    store = open_store(url)
    rooms = _rooms(store)
    if campaign.startswith("rows"):
        _never_rush(rooms)
    till = rooms.guard.till
    draw, number = random.Random(os.getpid()), 0
    name = f"{os.getpid():x}-{time.time_ns():x}-"

    def drawn() -> list[Asked]:
        nonlocal number
        number += batch
        now = datetime.now(UTC)
        return [
            Asked(
                coupon_id=f"{name}{number - each}", campaign_id=campaign, account_id=f"a{draw.randrange(_PEOPLE)}",
                at=now + later, source="b", event_id="e",
            )
            for each, later in enumerate(_LATER[:batch])
        ]  # fmt: skip

    for _ in range(_WARMED):
        till.submit_many(drawn()).result()
    all_.wait()
    done, waits, used = 0, [], time.process_time()
    began = time.perf_counter()
    asked, waiting = began, till.submit_many(drawn())
    while asked < began + seconds:
        next_, more = time.perf_counter(), till.submit_many(drawn())
        done += sum(verdict.why is None for verdict in waiting.result())
        waits.append(time.perf_counter() - asked)
        asked, waiting = next_, more
    done += sum(verdict.why is None for verdict in waiting.result())
    told.put((done, time.perf_counter() - began, time.process_time() - used, waits, _megabytes()))
    all_.wait()
    till.close()
    store.close()


def drained(seconds: float, told: Any, all_: Any, url: str, campaign: str) -> None:
    """One process, which writes claims that are in segments as rows."""
    store = open_store(url)
    rooms = _rooms(store)
    till, now = rooms.guard.till, datetime.now(UTC)
    for batch in range(int(seconds * 60_000) // CLAIMS_MAX):
        asked = [
            Asked(
                coupon_id=f"{batch}-{each}", campaign_id=campaign, account_id=f"a{batch * CLAIMS_MAX + each}",
                at=now + later, source="b", event_id="e",
            )
            for each, later in enumerate(_LATER)
        ]  # fmt: skip
        till.submit_many(asked).result()
    all_.wait()
    with store.transaction() as connection:
        rush_id, terms = segments.current(connection, campaign), rooms.desk.rules.terms(_stands(rooms, campaign))
    assert rush_id is not None
    done, waits, used = 0, [], time.process_time()
    began = before = time.perf_counter()
    wrote = 1
    while wrote and before < began + seconds:
        with store.transaction() as connection:  # as the follower of the log does, for this campaign alone
            wrote = rows.drain(connection, terms, rush_id, datetime.now(UTC), most=SETTLED_MAX)
        done += wrote
        waits.append(time.perf_counter() - before)
        before = time.perf_counter()
    told.put((done, time.perf_counter() - began, time.process_time() - used, waits, _megabytes()))
    all_.wait()
    till.close()
    store.close()


_SCRIPT: Final = (
    "if redis.call('SET', 'c:' .. ARGV[1], ARGV[2], 'NX') == false then return 2 end "
    "if tonumber(redis.call('GET', 'count') or '0') < 1 or tonumber(redis.call('GET', 'amount') or '0') < 500 "
    "or redis.call('HINCRBY', 'a', ARGV[2], 1) > 3 then redis.call('DEL', 'c:' .. ARGV[1]) return 0 end "
    "redis.call('DECRBY', 'count', 1) redis.call('DECRBY', 'amount', 500) return 1"
)


def lua(seconds: float, told: Any, all_: Any, port: int) -> None:
    """Half of the clients: each sends its next claim when the answer to the last is there."""
    import select

    sockets = [socket.create_connection(("127.0.0.1", port)) for _ in range(32)]
    draw, done = random.Random(os.getpid()), 0
    digest = _asked(sockets[0], "SCRIPT", "LOAD", _SCRIPT).split(b"\r\n")[1].decode()
    name, number = f"{os.getpid():x}-{time.time_ns():x}", 0
    asked: dict[socket.socket, float] = {}
    waits: list[float] = []

    def send(one: socket.socket) -> None:
        nonlocal number
        number += 1
        asked[one] = time.perf_counter()
        one.sendall(_resp("EVALSHA", digest, "0", f"{name}-{number}", f"a{draw.randrange(_PEOPLE)}"))

    all_.wait()
    used = time.process_time()
    for one in sockets:
        send(one)
    end = time.perf_counter() + seconds
    while time.perf_counter() < end:
        for one in select.select(sockets, [], [], 1)[0]:
            done += one.recv(64) == b":1\r\n"
            waits.append(time.perf_counter() - asked[one])
            send(one)
    told.put((done, seconds, time.process_time() - used, waits, _megabytes()))
    all_.wait()


def _run(worker: Worker, processes: int, seconds: float, arguments: tuple[Any, ...], servers: list[int]) -> _Run:
    told: Any = mp.Queue()
    all_: Any = mp.Barrier(processes + 1)
    running = [mp.Process(target=worker, args=(seconds, told, all_, *arguments)) for _ in range(processes)]
    for each in running:
        each.start()
    all_.wait()
    before = _cpu_s(servers)
    heard = [told.get() for _ in running]
    served = _cpu_s(servers) - before
    all_.wait()
    for each in running:
        each.join()
    done = max(1, sum(count for count, *_ in heard))
    return _Run(
        rate=sum(count / lasted for count, lasted, *_ in heard),
        work=(served + sum(used for _, _, used, _, _ in heard)) / done,
        waits=[wait for _, _, _, waits, _ in heard for wait in waits], megabytes=max(size for *_, size in heard),
    )  # fmt: skip


def _cpu_s(servers: list[int]) -> float:
    """CPU seconds so far of the servers and of all that they have started."""
    ticks = 0
    for folder in Path("/proc").glob("[0-9]*"):
        with suppress(OSError):
            fields = (folder / "stat").read_text().rpartition(")")[2].split()
            if int(folder.name) in servers:
                ticks += sum(map(int, fields[11:15]))  # the last two are of those that have ended
            elif int(fields[1]) in servers:
                ticks += sum(map(int, fields[11:13]))
    return ticks / os.sysconf("SC_CLK_TCK")


def _megabytes() -> float:
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024


def _postmaster(url: str) -> int:
    with psycopg.connect(url.replace("postgresql+psycopg", "postgresql")) as connection:
        row = connection.execute("SHOW data_directory").fetchone()
    assert row is not None
    return int(Path(row[0], "postmaster.pid").read_text().split()[0])


def _declared(url: str, rounds: int) -> None:
    store = open_store(url)
    store.upgrade()
    entry = {
        "benefit": {"kind": "fixed", "value": {"amount": _FACE, "currency": "CNY"}},
        "budget": {"count": 10**9, "amount": {"amount": 10**12, "currency": "CNY"}}, "per_account": {"count": _CAP},
    }  # fmt: skip
    watched = {"expected": {"claims_per_minute": 10_000_000}}
    with store.transaction() as connection:
        for name in (f"{each}-{turn}" for each in _CAMPAIGNS for turn in range(rounds)):
            declared = {"id": name, **entry, **(watched if name.startswith(_WATCHED) else {})}
            put_declared(connection, name, declared, datetime.now(UTC) - timedelta(days=1))
        if not store.embedded:
            connection.exec_driver_sql("CREATE TABLE bench_hot (id int PRIMARY KEY, remaining bigint)")
            connection.exec_driver_sql("INSERT INTO bench_hot VALUES (1, 1000000000)")
    store.close()


def _rooms(store: Store) -> Promotions:
    return Promotions(lambda: store, load_policy(), lambda: datetime.now(UTC))


def _stands(rooms: Promotions, campaign: str) -> Campaign:
    with rooms.guard.store.reading() as connection:
        declared = rooms.desk.declared(connection, campaign)
    assert declared is not None
    return declared.campaign


def _never_rush(rooms: Promotions) -> None:
    policies = rooms.desk.rules.policies
    budgets = msgspec.structs.replace(policies.budgets, rush=Rush(claims=None))
    rooms.desk.rules = Rules(msgspec.structs.replace(policies, budgets=budgets))


def _resp(*words: str) -> bytes:
    return b"*%d\r\n" % len(words) + b"".join(b"$%d\r\n%s\r\n" % (len(raw), raw) for raw in map(str.encode, words))


def _asked(one: socket.socket, *words: str) -> bytes:
    one.sendall(_resp(*words))
    return one.recv(4_096)


@contextmanager
def _redis(folder: str) -> Iterator[tuple[int, int] | None]:
    """The port and the process of a server of our own."""
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
            yield port, process.pid
        finally:
            process.terminate()
