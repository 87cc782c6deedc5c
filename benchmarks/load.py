"""A running `agora serve` under load that does not wait for it: checks, events and readers of the console together.

python -m benchmarks.load [--from 20] [--to 2000] [--seconds 10]

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
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import Final

import msgspec

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

    def __init__(self, port: int) -> None:
        self._port = port
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


async def step(port: int, server: int, rate: float, seconds: float, begin: int) -> Step:
    """Asks at `rate` for `seconds`; numbers of requests go on from `begin`."""
    draw = random.Random(f"{rate}")
    wire = Wire(port)
    latencies: dict[str, list[float]] = {kind: [] for kind, _ in _SHARES}
    refused = 0

    async def ask(kind: str, number: int, due: float) -> None:
        nonlocal refused
        status = await wire.ask(*_MAKERS[kind](number))
        latencies[kind].append(time.perf_counter() - due)
        refused += status >= 300

    cpu, begun = _cpu_s(server), time.perf_counter()
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
    spent = (_cpu_s(server) - cpu) / max(1, done)
    return Step(rate, done / took, latencies, refused, len(asked) - done, spent)


def _cpu_s(process: int) -> float:
    fields = Path(f"/proc/{process}/stat").read_text().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


def _serving(home: Path) -> tuple[subprocess.Popen[bytes], int]:
    """A server on an empty store, with what AGORA_HOME holds compiled already."""
    compiled = Path(os.environ.get("AGORA_HOME", "")) / "cache"
    if os.environ.get("AGORA_HOME") and compiled.is_dir():
        (home / "cache").symlink_to(compiled.resolve())
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = int(free.getsockname()[1])
    server = subprocess.Popen(
        [sys.executable, "-m", "agoranomos.main", "serve", "--port", str(port)],
        env={**os.environ, "AGORA_HOME": str(home)},
        stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
    )  # fmt: skip
    deadline = time.monotonic() + _START_S
    while time.monotonic() < deadline and server.poll() is None:
        with socket.socket() as probe:
            if probe.connect_ex(("127.0.0.1", port)) == 0:
                return server, port
        time.sleep(0.2)
    server.kill()
    raise RuntimeError("the server did not start")


def _line(one: Step) -> str:
    parts = []
    for kind, each in one.latencies.items():
        at = [f"{percentile(each, share) * 1000:,.0f}" for share in (0.5, 0.9, 0.99, 0.999)] if each else ["–"]
        parts.append(f"{kind} {'/'.join(at)}")
    verdict = "" if one.kept_up else "  does not keep up"
    return (
        f"{one.rate:7,.0f} asked/s {one.answered:7,.0f} answered/s  ms at p50/p90/p99/p99.9: {'  '.join(parts)}  "
        f"{one.cpu_s * 1000:.2f} CPU ms each, {one.refused} refused, {one.unanswered} never{verdict}"
    )


def main() -> int:
    """Prints a line for each rate, and the knee."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--from", dest="low", type=float, default=20)
    parser.add_argument("--to", dest="high", type=float, default=2_000)
    parser.add_argument("--seconds", type=float, default=10)
    given = parser.parse_args()
    print(machine(), flush=True)
    with tempfile.TemporaryDirectory(prefix="agora-load-", ignore_cleanup_errors=True) as folder:
        server, port = _serving(Path(folder))
        try:
            asyncio.run(step(port, server.pid, given.low, 2.0, 0))  # what is loaded at the first call
            knee, rate, number = 0.0, given.low, 1_000_000
            while rate <= given.high:
                one = asyncio.run(step(port, server.pid, rate, given.seconds, number))
                print(_line(one), flush=True)
                if not one.kept_up:
                    break
                knee, number, rate = rate, number + 1_000_000, rate * _GROWTH
        finally:
            server.terminate()
            server.wait()
    print(f"The knee: {knee:,.0f} requests a second, of which {_words()}.")
    return 0


def _words() -> str:
    return ", ".join(f"{share:.0%} {kind}" for kind, share in _SHARES) + f" ({_EVENTS_A_BATCH} events in each batch)"


if __name__ == "__main__":
    sys.exit(main())
