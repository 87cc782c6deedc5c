"""Webhooks: deliveries a second over loopback, with plain httpx posts of the same bodies beside.

The receiver is a process of its own that reads the body and answers 204. The outbox is on SQLite with
`synchronous=FULL`: each delivery is claimed, signed, posted, ended in order, and written into the audit log.
"""

from __future__ import annotations

import os
import shutil
import statistics
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from multiprocessing import get_context
from multiprocessing.connection import Connection
from pathlib import Path
from typing import Any, Final

import httpx
import sqlalchemy as sa

from agoranomos.enforcement import actions, endpoints
from agoranomos.enforcement.delivering import AT_ONCE_PER_ENDPOINT, Deliverer
from agoranomos.enforcement.model import Want
from agoranomos.enforcement.policy import load_policy
from agoranomos.enforcement.posting import Poster
from agoranomos.enforcement.tables import outbox
from agoranomos.kernel.actors import SYSTEM
from agoranomos.kernel.clock import system_clock
from agoranomos.kernel.findings import Subject
from agoranomos.kernel.store import Store, open_store
from agoranomos.vault.keys import KEY_BYTES, KeyRing, Vault
from benchmarks.materials import Materials
from benchmarks.measuring import Size, Table, spread

_FLOOR: Final = "floor: httpx, the same bodies"


def run(materials: Materials, size: Size) -> list[Table]:
    """Rates of delivering and of plain posts, in turns."""
    scratch = materials.folder / "webhooks"
    shutil.rmtree(scratch, ignore_errors=True)
    scratch.mkdir(parents=True)
    count = max(16, size.requests)
    ours, theirs = get_context("spawn").Pipe()
    process = get_context("spawn").Process(target=_receive, args=(theirs,), daemon=True)
    process.start()
    url = f"http://127.0.0.1:{ours.recv()}/hooks"
    turns: dict[str, list[tuple[float, float]]] = {}
    try:
        for number in range(size.rounds):
            for name, call in _contenders(scratch / f"{number}.db", url, count):
                turns.setdefault(name, []).append(_timed(call))
    finally:
        process.terminate()
        process.join()
    shutil.rmtree(scratch)
    floor = statistics.median(count / cpu for cpu, _ in turns[_FLOOR])
    return [
        Table(
            f"Webhooks, {count:,} deliveries over loopback, {AT_ONCE_PER_ENDPOINT} at once",
            ("", "deliveries per CPU-second", "deliveries per second", "of the floor"),
            tuple(_row(name, count, times, floor) for name, times in turns.items()),
            (
                f"SQLite, synchronous=FULL; {size.rounds} rounds, median (range). CPU of the sender only.",
                "The receiver is a process of Python's http.server on the same machine.",
            ),
        )
    ]


def _contenders(path: Path, url: str, count: int) -> list[tuple[str, Callable[[], object]]]:
    store, vault, policy = open_store(str(path)), Vault(KeyRing([os.urandom(KEY_BYTES)]), os.urandom), load_policy()
    now = system_clock()
    with store.transaction() as connection:
        endpoints.add(connection, vault, url, allow_private=True, by=SYSTEM, now=now)
    wants = [Want("listing.remove", Subject("listing", f"l-{number}")) for number in range(min(count, 1_000))]

    def ask() -> None:
        for start in range(0, count, len(wants)):
            with store.transaction() as connection:
                because = [f"f-{start}"]
                actions.request(connection, wants, by=SYSTEM, because=because, policy=policy, now=now)

    def deliver() -> None:
        webhooks = policy.webhooks
        poster = Poster(timeout_s=webhooks.timeout_s, answer_bytes_max=webhooks.answer_bytes_max)
        with closing(Deliverer(store, vault, policy, poster, system_clock, lambda: 0.0)) as loop:
            assert loop.turn(600) == count

    return [
        ("asked for, into the outbox", ask),
        ("delivered", deliver),
        (_FLOOR, lambda: _post_plainly(store, url)),
    ]


def _post_plainly(store: Store, url: str) -> None:
    with store.reading() as connection:
        bodies = [body.encode() for body in connection.execute(sa.select(outbox.c.body)).scalars()]
    headers = {"content-type": "application/json"}
    with httpx.Client(trust_env=False) as client, ThreadPoolExecutor(AT_ONCE_PER_ENDPOINT) as threads:
        for answer in threads.map(lambda body: client.post(url, content=body, headers=headers), bodies):
            answer.raise_for_status()


def _receive(pipe: Connection) -> None:
    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def do_POST(self) -> None:
            self.rfile.read(int(self.headers["content-length"]))
            self.send_response(204)
            self.end_headers()

        def log_message(self, *_: Any) -> None:
            """Nothing: it would be measured."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    server.daemon_threads = True
    pipe.send(server.server_port)
    server.serve_forever()


def _timed(call: Callable[[], object]) -> tuple[float, float]:
    cpu, wall = time.process_time(), time.perf_counter()
    call()
    return time.process_time() - cpu, time.perf_counter() - wall


def _row(name: str, count: int, times: list[tuple[float, float]], floor: float) -> tuple[str, ...]:
    rates = [count / max(cpu, 1e-9) for cpu, _ in times]
    walls = [count / max(wall, 1e-9) for _, wall in times]
    return (name, spread(rates), spread(walls), f"{statistics.median(rates) / floor:.2f}")
