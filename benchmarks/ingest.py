"""Events into the log: how many a second one core takes, with what SQLite itself costs beside, and what kills do.

Files of mixed events of about 350 bytes; SQLite with `synchronous=FULL`, so that each chunk is on disk before the next.
"""

from __future__ import annotations

import os
import random
import shutil
import sqlite3
import statistics
import time
from collections import deque
from collections.abc import Callable, Iterator
from contextlib import closing
from pathlib import Path
from typing import Any, Final

import msgspec
import sqlalchemy as sa

from agoranomos.engine.scan.progress import Silent
from agoranomos.intake.ingesting import CHUNK_LINES, Ingest, sources_of
from agoranomos.intake.service import EventService
from agoranomos.intake.tables import intake_events
from agoranomos.kernel.clock import system_clock
from agoranomos.kernel.events import parse_line
from agoranomos.kernel.store import open_store
from agoranomos.kernel.writer import GroupWriter
from agoranomos.vault.keys import KEY_BYTES, KeyRing, Vault
from benchmarks.kills import torment
from benchmarks.materials import Materials
from benchmarks.measuring import Size, Table, spread

GOAL_PER_S: Final = 10_000
_BATCH: Final = 500
_MIX: Final = {"session.started": 30, "data.read": 25, "order.placed": 25, "listing.submitted": 15, "seller.applied": 5}


def run(materials: Materials, size: Size) -> list[Table]:
    """Rates, then kills."""
    scratch = materials.folder / "ingest"
    shutil.rmtree(scratch, ignore_errors=True)
    scratch.mkdir(parents=True)
    lines = list(_lines(size.events))
    path = scratch / "events.jsonl"
    path.write_bytes(b"".join(line + b"\n" for line in lines))
    turns: dict[str, list[tuple[float, float]]] = {}
    for number in range(size.rounds):
        for name, call in _contenders(scratch / str(number), path, lines):
            turns.setdefault(name, []).append(_timed(call))
        shutil.rmtree(scratch / str(number))
    floor = statistics.median(len(lines) / cpu for cpu, _ in turns[_FLOOR])
    rows = tuple(_row(name, len(lines), times, floor) for name, times in turns.items())
    (scratch / "kills").mkdir()
    outcome = torment(scratch / "kills", kills=size.kills, events=max(2_000, size.events // 5))
    shutil.rmtree(scratch)
    return [
        Table(
            f"Events in, {len(lines):,} events of {sum(map(len, lines)) // len(lines)} bytes "
            f"(goal {GOAL_PER_S:,} a second on one core, on disk)",
            ("", "events per CPU-second", "events per second", "of the floor"),
            rows,
            (
                f"SQLite, synchronous=FULL, {CHUNK_LINES:,} events a commit; {size.rounds} rounds, median (range).",
                "The floor writes the finished rows and nothing else: same table, same indexes, same chunks.",
            ),
        ),
        Table(
            "agora ingest under SIGKILL at random moments",
            ("kills", "amid the file", "events", "lost", "doubled", "out of order or unknown", "rejects wrong"),
            (tuple(f"{figure:,}" for figure in msgspec.structs.astuple(outcome)),),
            ("python -m benchmarks.kills --kills 100 tries harder.",),
        ),
    ]


_FLOOR: Final = "floor: sqlite3 executemany"


def _contenders(folder: Path, path: Path, lines: list[bytes]) -> Iterator[tuple[str, Callable[[], object]]]:
    folder.mkdir()
    store = open_store(str(folder / "agora.db"))
    vault = Vault(KeyRing([os.urandom(KEY_BYTES)]), os.urandom)

    def ingest() -> object:
        return Ingest(store, vault, sources_of([str(path)]), clock=system_clock, watcher=Silent()).run()

    yield "parse and check only", lambda: deque(map(parse_line, lines), maxlen=0)  # nothing is kept
    yield "agora ingest, new", ingest
    yield "agora ingest, all repeated", ingest
    rows = _rows(folder / "agora.db")
    yield _FLOOR, lambda: _floor(folder / "floor.db", rows)
    other = open_store(str(folder / "http.db"))
    writer = GroupWriter(other)
    service = EventService(writer, vault, system_clock)
    bodies = [b"[" + b",".join(lines[at : at + _BATCH]) + b"]" for at in range(0, len(lines), _BATCH)]
    yield f"body of POST /v1/events, {_BATCH} each", lambda: [service.take(body) for body in bodies]
    writer.close()
    other.close()
    store.close()


def _rows(path: Path) -> list[tuple[Any, ...]]:
    with closing(sqlite3.connect(path)) as connection:
        return connection.execute("SELECT * FROM intake_events ORDER BY position").fetchall()


def _floor(path: Path, rows: list[tuple[Any, ...]]) -> None:
    engine = sa.create_engine(f"sqlite:///{path}")
    intake_events.create(engine)
    engine.dispose()
    with closing(sqlite3.connect(path, isolation_level=None)) as connection:
        connection.execute("PRAGMA journal_mode=WAL")
        connection.execute("PRAGMA synchronous=FULL")
        marks = ", ".join("?" * len(rows[0]))
        for at in range(0, len(rows), CHUNK_LINES):
            connection.execute("BEGIN IMMEDIATE")
            connection.executemany(f"INSERT INTO intake_events VALUES ({marks})", rows[at : at + CHUNK_LINES])
            connection.execute("COMMIT")


def _timed(call: Callable[[], object]) -> tuple[float, float]:
    cpu, wall = time.process_time(), time.perf_counter()
    call()
    return time.process_time() - cpu, time.perf_counter() - wall


def _row(name: str, count: int, times: list[tuple[float, float]], floor: float) -> tuple[str, ...]:
    rates = [count / max(cpu, 1e-9) for cpu, _ in times]
    walls = [count / max(wall, 1e-9) for _, wall in times]
    return (name, spread(rates), spread(walls), f"{statistics.median(rates) / floor:.2f}")


def _lines(count: int) -> Iterator[bytes]:
    """Events of a market of 200 stores, the same each time."""
    draw = random.Random(7)
    kinds = draw.choices(list(_MIX), list(_MIX.values()), k=count)
    for number, kind in enumerate(kinds):
        moment = 1_777_600_000 + number // 4
        stamp = time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime(moment))
        yield msgspec.json.encode(
            {
                "specversion": "1.0",
                "id": f"01HV{number:022d}",
                "source": f"/market/region-{number % 4}",
                "type": kind,
                "time": stamp,
                "data": _data(kind, number, draw),
            }
        )


def _data(kind: str, number: int, draw: random.Random) -> dict[str, Any]:
    account, store = f"acc-{draw.randrange(50_000):08d}", f"store-{draw.randrange(200):05d}"
    address = f"10.{draw.randrange(256)}.{draw.randrange(256)}.{draw.randrange(256)}"
    price = {"amount": draw.randrange(500, 90_000), "currency": "CNY"}
    match kind:
        case "session.started":
            agent = "Mozilla/5.0 (Linux; Android 14) AppleWebKit/537.36"
            return {"account_id": account, "principal_kind": "buyer", "ip": address, "user_agent": agent}
        case "data.read":
            return {
                "principal_id": account,
                "principal_kind": "merchant",
                "endpoint": "/orders/contact",
                "subject_ids": [f"acc-{draw.randrange(50_000):08d}" for _ in range(3)],
                "fields": ["phone", "address"],
                "ip": address,
                "status": 200,
                "store_id": store,
            }
        case "order.placed":
            return {
                "order_id": f"order-{number:09d}",
                "buyer_id": account,
                "store_id": store,
                "lines": [{"listing_id": f"l-{draw.randrange(9_000)}", "quantity": 1, "price": price}],
                "paid": price,
                "ip": address,
                "district": "徐汇区",
            }
        case "listing.submitted":
            return {
                "listing_id": f"l-{number}",
                "store_id": store,
                "title": "帆布鞋 Canvas shoes, white, sizes 36 to 44",
                "price": price,
                "description": "Light shoes for every day. 支持七天无理由退货。",
                "category": "shoes",
                "pictures": [f"pictures/{number}.jpg"],
            }
    return {
        "application_id": f"app-{number}",
        "seller_id": f"seller-{number}",
        "legal_name": f"王{number}",
        "id_kind": "cn_resident",
        "id_number": f"3101{number:014d}",
        "phone": f"138{number:08d}",
        "bank_account": f"6222{number:012d}",
    }
