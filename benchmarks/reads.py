"""The check of reads over a full store: a hundred thousand readers, a million people whom they were shown.

Each read has twenty people, half of whom its reader knows; it is decided and kept on disk before it is answered. CPU is
that of the thread that answers; what empties SQLite's log meanwhile is told apart, what PostgreSQL's server takes is
not in it.
"""

from __future__ import annotations

import gc
import random
import time
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from functools import partial
from pathlib import Path
from typing import Any, Final

import msgspec
import sqlalchemy as sa

from agoranomos.access.exposure.policy import load_policy
from agoranomos.access.service import AccessService
from agoranomos.kernel.calendar import day_of, hour_of
from agoranomos.kernel.emptying import Emptying
from agoranomos.kernel.events import Event, parse_event
from agoranomos.kernel.store import Store, open_store
from agoranomos.vault.keys import KeyRing, Vault
from benchmarks.ledger import _postgresql as postgresql
from benchmarks.measuring import Table, percentile

GOAL_MS: Final = 5.0
NOW: Final = datetime(2026, 5, 20, 4, tzinfo=UTC)
_AT_ONCE: Final = 50_000
_KINDS: Final = ("partner", "merchant", "staff", "merchant")


def check_table(folder: Path, readers: int, reads: int) -> Table:
    """Milliseconds a read takes, over both databases; PostgreSQL is left out where no server can be had."""
    rows = []
    with postgresql() as url:
        for name, place in (("SQLite", f"sqlite:///{folder / 'reads.db'}"), ("PostgreSQL", url)):
            if place is None:
                continue
            store = open_store(place)
            store.upgrade()
            fill(store, readers)
            rows += [(f"{name}, {what}", *figures) for what, figures in _measured(store, readers, reads)]
            store.close()
    about = f"{reads:,} reads of 20 people each, over {readers:,} readers who were shown {readers * 10:,} people"
    notes = (f"{about}; each kept on disk before it is answered", f"Goal: 99 % within {GOAL_MS:.0f} ms.")
    return Table("Check of a read, ms", ("", "median", "90 %", "99 %", "99.9 %", "most"), tuple(rows), notes)


def fill(store: Store, readers: int) -> None:
    """Readers with thirty days behind them; ten people each, half of whom they have business with."""
    hour, today = hour_of(NOW), day_of(NOW)
    tables = {name: _table(store, name) for name in ("access_readers", "access_seen", "access_business")}

    def put(name: str, rows: Iterator[dict[str, Any]], count: int) -> None:
        with store.transaction() as connection:
            for first in range(0, count, _AT_ONCE):
                part = [next(rows) for _ in range(min(_AT_ONCE, count - first))]
                connection.execute(tables[name].insert(), part)

    def document(number: int) -> dict[str, Any]:
        buckets = {str((today - day) * 24): 3 + day for day in range(2, 30)}
        buckets |= {str(hour - each): 2 for each in range(1, 20)}
        return {
            "kind": _KINDS[number % len(_KINDS)], "stores": [f"s{number}"], "people": buckets,
            "strangers": {str((today - 3) * 24): 2}, "reads": buckets, "since": today - 200,
        }  # fmt: skip

    def seen() -> Iterator[dict[str, Any]]:
        for number in range(readers * 10):
            yield {
                "principal_id": f"p{number // 10}", "subject_id": f"a{number}", "hour": hour - number % 700,
                "stranger": False,
            }  # fmt: skip

    put("access_readers", ({"principal_id": f"p{n}", "document": _json(document(n))} for n in range(readers)), readers)
    put("access_seen", seen(), readers * 10)
    business = (
        {"subject_id": f"a{n * 2}", "owner_id": f"s{n // 5}", "day": today - n % 80} for n in range(readers * 5)
    )
    put("access_business", business, readers * 5)


def _json(value: object) -> str:
    return msgspec.json.encode(value, order="sorted").decode()


def _table(store: Store, name: str) -> sa.Table:
    return sa.Table(name, sa.MetaData(), autoload_with=store.engine)


def _event(number: int, readers: int, draw: random.Random) -> Event:
    reader = int(readers * draw.random() ** 3)  # a few read much, most little
    known = [f"a{reader * 10 + each}" for each in range(10)]
    fresh = [f"a{draw.randrange(readers * 10)}" for _ in range(10)]
    kind = _KINDS[reader % len(_KINDS)]
    data = {
        "principal_id": f"p{reader}", "principal_kind": kind, "endpoint": "/x", "fields": ["phone"],
        "subject_ids": known + fresh, "store_id": f"s{reader}",
    }  # fmt: skip
    at = NOW + timedelta(seconds=number)
    raw = {"id": f"r{number}", "source": "gateway", "type": "data.read", "time": at.isoformat(), "data": data}
    return parse_event(raw)


def _measured(store: Store, readers: int, reads: int) -> Iterator[tuple[str, tuple[str, ...]]]:
    draw, vault = random.Random(2), Vault(KeyRing((b"k" * 32,)), bytes)
    service = AccessService(store, lambda: vault, {}, load_policy(), lambda: NOW)
    events = [_event(number, readers, draw) for number in range(reads + 50)]
    for number, event in enumerate(events[:50]):
        service.check(event, f"w{number}")
    gc.collect()
    with Emptying(store):
        begun = time.process_time()
        wall, cpu = timed([partial(service.check, event, f"k{n}") for n, event in enumerate(events[50:])])
        beside = 1_000 * (time.process_time() - begun) - sum(cpu)
    yield "wall", shares(wall)
    yield f"CPU ({beside / reads:.2f} beside it)", shares(cpu)
    progress = _table(store, "access_progress")

    def keep(number: int) -> None:
        with store.transaction() as connection:
            connection.execute(progress.insert().values(name=f"floor-{number}", position=number))

    floor, _ = timed([partial(keep, n) for n in range(min(reads, 1_000))])
    yield "one row kept on this disk, wall", shares(floor)


def timed(calls: list[Callable[[], object]]) -> tuple[list[float], list[float]]:
    """Milliseconds of each call: of the clock, and of this thread's CPU."""
    wall, cpu = [], []
    for call in calls:
        begun, spent = time.perf_counter(), time.thread_time()
        call()
        wall.append(1_000 * (time.perf_counter() - begun))
        cpu.append(1_000 * (time.thread_time() - spent))
    return wall, cpu


def shares(values: list[float]) -> tuple[str, ...]:
    """Median, 90, 99, 99.9 % and the most."""
    return (*(f"{percentile(values, share):.2f}" for share in (0.5, 0.9, 0.99, 0.999)), f"{max(values):.2f}")
