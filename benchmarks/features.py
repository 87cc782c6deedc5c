"""Windowed features: updates and look-ups over many keys with plain Python as the peer; backtests in DuckDB with
reading the same events as the floor.

The peer is what one writes first: a dictionary of deques, a tuple an event. It knows no late events, forgets no key and
cannot be written to a checkpoint.
"""

from __future__ import annotations

import random
import statistics
import tempfile
import time
import tracemalloc
from collections import deque
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Final

import duckdb
import msgspec
import numpy as np

from agoranomos.engine.features.encoding import micros
from agoranomos.engine.features.features import Features
from agoranomos.engine.features.model import Declaration, Feature
from agoranomos.engine.features.sql import Call, sql_for
from agoranomos.engine.features.windows import Windows
from agoranomos.engine.rules.columns import from_event
from agoranomos.engine.rules.language import parse_condition
from agoranomos.engine.rules.sql import to_sql
from agoranomos.engine.rules.types import scope_of
from agoranomos.kernel.events import Event
from agoranomos.kernel.money import Money
from agoranomos.kernel.schema.orders import OrderPlaced
from benchmarks.materials import Materials
from benchmarks.measuring import Size, Table, spread

GOAL_PER_S: Final = 50_000
GOAL_BACKTEST_S: Final = 60.0
"""For 50 rules over 10 million events on two cores."""
_BEGUN: Final = datetime(2026, 5, 1, tzinfo=UTC)
_HOUR_US: Final = 3_600_000_000
_PER_KEY: Final = 3


def run(materials: Materials, size: Size) -> list[Table]:
    """Online, then by SQL."""
    with tempfile.TemporaryDirectory(prefix="agora-features-", dir=materials.folder) as folder:
        return [_online(size), _backtest(Path(folder), size)]


def _online(size: Size) -> Table:
    rates: dict[str, list[float]] = {}
    memory: dict[str, str] = {}
    _whole({}, 100, 100, 0)  # compiles what this state of the code has not compiled yet
    many = min(size.feature_keys, 200_000)
    for round_ in range(size.rounds):
        rng = np.random.default_rng(round_)
        keys = rng.integers(-(1 << 62), 1 << 62, (size.feature_keys, 2))
        windows = Windows("sum", _HOUR_US)
        loading = time.process_time()
        for turn in range(_PER_KEY):  # far from each other, and in another order each time: no luck with caches
            order = rng.permutation(size.feature_keys)
            ats = np.full(len(order), micros(_BEGUN) + turn * 60_000_000)
            windows.put_many(keys[order], ats, np.ones(len(order), np.int64))
        _note(rates, "arrays, many at once: updates", size.feature_keys * _PER_KEY, time.process_time() - loading)
        memory["arrays, many at once: updates"] = f"{windows.counters().memory_bytes / size.feature_keys:.0f}"
        asked = [(int(hi), int(lo)) for hi, lo in keys[rng.integers(0, size.feature_keys, many)]]
        now = micros(_BEGUN) + 600_000_000
        with _timed(rates, "arrays, one by one: look-ups", many):
            for key in asked:
                windows.read(key, now)
        with _timed(rates, "arrays, one by one: updates", many):
            for key in asked:
                windows.put(key, now, 1)
        with _timed(rates, "state to bytes: keys", size.feature_keys):
            state = windows.state()
        memory["state to bytes: keys"] = f"{sum(map(len, state)) / size.feature_keys:.0f}"
        with _timed(rates, "state from bytes: keys", size.feature_keys):
            Windows("sum", _HOUR_US).resume(state)
        _whole(rates, size.feature_keys, many, round_)
        memory["peer, deques: updates"] = f"{_peer(rates, size.feature_keys, many, round_):.0f}"
    peer = statistics.median(rates["peer, deques: updates"])
    rows = tuple(
        (name, spread(found), f"{statistics.median(found) / peer:.2f}", memory.get(name, ""))
        for name, found in rates.items()
    )
    title = f"Features over {size.feature_keys:,} keys with {_PER_KEY} events each, a CPU-second"
    notes = (f"Goal: {GOAL_PER_S:,} updates a second. Median (least-most). Bytes: of memory, or of the state.",)
    return Table(title, ("way", "a CPU-second", "of the peer", "bytes a key"), rows, notes)


def _whole(rates: dict[str, list[float]], keys: int, many: int, seed: int) -> None:
    """Events as monitors hear them: fields read, keys hashed, four features on two keys; then one look-up each."""
    features = Features(
        [_declared(f"{one}_{by}", one, by) for one in ("count", "sum") for by in ("device_id", "buyer_id")]
    )
    rng = random.Random(seed)
    events = [_order(number, rng.randrange(keys)) for number in range(many)]
    with _timed(rates, "whole events: updates (4 an event)", many * 4):
        for event in events:
            features.hear(event)
    with _timed(rates, "whole events: look-ups", many):
        for event in events:
            features.as_of(event).feature("count_device_id", (event.data["device_id"],))
    with _timed(rates, "whole events: look-ups with the event", many):
        for event in events:
            features.with_event(event).feature("sum_device_id", (event.data["device_id"],))


def _declared(
    name: str, aggregate: str, by: str, window: str = "1h", event: str = "order.placed", **more: str
) -> Feature:
    money = {"field": "paid", "currency": "CNY"} if aggregate in ("sum", "max") else {}
    given = {"name": name, "aggregate": aggregate, "event": event, "by": (by,), "window": window}
    return Feature(msgspec.convert({**given, **money, **more}, Declaration))


def _order(number: int, key: int) -> Event:
    paid = Money(number % 9_973, "CNY")
    body = OrderPlaced(order_id=f"o{number}", buyer_id=f"b{key}", store_id="s1", lines=(), paid=paid)
    data = {
        "order_id": body.order_id, "buyer_id": body.buyer_id, "store_id": "s1", "lines": [], "device_id": f"d{key}",
        "paid": {"amount": paid.amount, "currency": paid.currency},
    }  # fmt: skip
    at = _BEGUN + timedelta(milliseconds=5 * number)
    return Event(
        id=body.order_id, source="shop", type="order.placed", time=at, subject=None, data=data, body=body
    )  # fmt: skip


def _peer(rates: dict[str, list[float]], keys: int, many: int, seed: int) -> float:
    """Bytes a key, told for a part of the keys: telling costs time."""
    rng = random.Random(seed)
    kept: dict[str, deque[tuple[int, int]]] = {f"d{key}": deque() for key in range(keys)}
    asked = [(f"d{rng.randrange(keys)}", micros(_BEGUN) + number) for number in range(many)]
    with _timed(rates, "peer, deques: updates", many):
        for key, at in asked:
            cells = kept[key]
            while cells and cells[0][0] <= at - _HOUR_US:
                cells.popleft()
            cells.append((at, 1))
    with _timed(rates, "peer, deques: look-ups", many):
        for key, at in asked:
            sum(value for moment, value in kept[key] if moment > at - _HOUR_US)
    part = min(keys, 20_000)
    tracemalloc.start()
    told = {f"d{key}": deque((micros(_BEGUN) + turn, 1) for turn in range(_PER_KEY)) for key in range(part)}
    taken = tracemalloc.get_traced_memory()[0]
    tracemalloc.stop()
    return taken / len(told)


def _note(rates: dict[str, list[float]], name: str, many: int, seconds: float) -> None:
    rates.setdefault(name, []).append(many / max(seconds, 1e-9))


@contextmanager
def _timed(rates: dict[str, list[float]], name: str, many: int) -> Iterator[None]:
    begun = time.process_time()
    yield
    _note(rates, name, many, time.process_time() - begun)


def _backtest(folder: Path, size: Size) -> Table:
    """50 rules, each on a feature of its own; the floor reads the fields of the same events."""
    mixed, one_type = folder / "mixed.parquet", folder / "one.parquet"
    of_two = [*_declarations(_ORDERS, ("10m", "1d")), *_declarations(_CLAIMS, ("10m", "1d"))]
    ways: dict[str, Callable[[duckdb.DuckDBPyConnection], object]] = {
        "floor: read the fields": lambda it: it.execute(_FLOOR.format(mixed)).fetchall(),
        "50 rules, half the events orders, a quarter claims": _rules(of_two[:50], mixed),
        "50 rules, all the events orders": _rules(
            _declarations(_ORDERS, ("10m", "1h", "1d", "7d", "30d"))[:50], one_type
        ),
    }
    walls: dict[str, list[float]] = {name: [] for name in ways}
    cpus: dict[str, list[float]] = {name: [] for name in ways}
    with duckdb.connect(config={"threads": 2}) as connection:
        for path, kinds in ((mixed, _MIXED), (one_type, "'order.placed'")):
            connection.execute(_MADE.format(size.backtest_events, path, kinds))
        for _ in range(min(size.rounds, 3)):
            for name, way in ways.items():
                wall, cpu = time.perf_counter(), time.process_time()
                way(connection)
                walls[name].append(time.perf_counter() - wall)
                cpus[name].append(time.process_time() - cpu)
    floor = statistics.median(cpus["floor: read the fields"])
    rows = []
    for name in ways:
        ratio = f"{statistics.median(cpus[name]) / floor:.1f}"
        rows.append((name, spread(walls[name], "{:.1f}"), spread(cpus[name], "{:.1f}"), ratio))
    title = f"Backtest over {size.backtest_events:,} events in DuckDB, two threads"
    note = f"Goal: {GOAL_BACKTEST_S:.0f} s for 10,000,000 events."
    return Table(title, ("way", "seconds", "CPU-seconds", "of the floor"), tuple(rows), (note,))


_ORDERS: Final = ("order.placed", ("buyer_id", "device_id", "ip", "payee_id"))
_CLAIMS: Final = ("coupon.claimed", ("account_id", "device_id", "ip", "payee_id"))


def _declarations(of: tuple[str, tuple[str, ...]], windows: tuple[str, ...]) -> list[Feature]:
    event, keys = of
    found = []
    for by in keys:
        end = f"{by}_{event.partition('.')[0]}"
        for window in windows:
            found.append(_declared(f"count_{end}_{window}", "count", by, window, event))
            found.append(_declared(f"sum_{end}_{window}", "sum", by, window, event))
        found.append(_declared(f"max_{end}", "max", by, "1d", event))
        found.append(_declared(f"devices_{end}", "count_distinct", by, "1d", event, field="device_id"))
        found.append(_declared(f"dear_{end}", "count", by, "1d", event, where="paid.amount > 50000"))
    return found


def _rules(declared: list[Feature], path: Path) -> Callable[[duckdb.DuckDBPyConnection], object]:
    infos = {one.name: one.info for one in declared}
    called = {one.name: f"{one.name}({one.by[0].path})" for one in declared}
    conditions = [
        parse_condition(f"{called[one.name]} > 3 AND paid.amount > 1000 AND payee_id IS NOT NULL", scope)
        for one in declared
        for scope in [scope_of(one.types[0]).extended(features=infos)]
    ]
    leaves = [
        (one.types, leaf)
        for one, condition in zip(declared, conditions, strict=True)
        for leaf in condition.leaves
        if from_event(leaf)
    ]
    queries = []
    for kind in dict.fromkeys(one.types for one in declared):  # a type at a time: rules on others need none of its rows
        calls = [Call(one, kind, (one.by[0].path,), called[one.name]) for one in declared if one.types == kind]
        query = sql_for(calls, leaves=[pair for pair in leaves if pair[0] == kind], relation=f"'{path}'")
        theirs = [condition for one, condition in zip(declared, conditions, strict=True) if one.types == kind]
        counted = ", ".join(f"count(*) FILTER (WHERE {to_sql(one)})" for one in theirs)
        queries.append(f"SELECT {counted} FROM ({query})")
    return lambda connection: [connection.execute(query).fetchall() for query in queries]


_MIXED: Final = "CASE i % 4 WHEN 0 THEN 'coupon.claimed' WHEN 1 THEN 'session.started' ELSE 'order.placed' END"
_MADE: Final = """
COPY (SELECT 'o' || i AS id, 'shop' AS source, {2} AS type, NULL::VARCHAR AS subject,
  strftime(make_timestamp(1777593600000000 + i * 260000), '%Y-%m-%dT%H:%M:%S.%fZ') AS time,
  '{{"order_id":"o' || i || '","coupon_id":"c' || i || '","campaign_id":"k1","buyer_id":"b' || hash(i) % 300000 ||
  '","account_id":"b' || hash(i) % 300000 || '","store_id":"s' || hash(i + 1) % 3000 ||
  '","device_id":"d' || hash(i + 2) % 200000 || '","ip":"10.0.' || hash(i + 3) % 256 || '.' || hash(i + 4) % 256 ||
  '","payee_id":"p' || hash(i + 5) % 100000 || '","lines":[{{"listing_id":"l' || hash(i + 6) % 1000 ||
  '","quantity":1,"price":{{"amount":100,"currency":"CNY"}}}}],"paid":{{"amount":' || hash(i + 7) % 100000 ||
  ',"currency":"CNY"}}}}' AS data FROM range({0}) r(i)) TO '{1}' (FORMAT parquet)
"""
_FLOOR: Final = """
SELECT count(j[1]), count(DISTINCT j[2]), sum(j[3]::BIGINT) FROM (
  SELECT json_extract_string(data, ['$.buyer_id', '$.device_id', '$.paid.amount', '$.ip', '$.payee_id']) AS j
  FROM '{0}' WHERE epoch_us(time::TIMESTAMPTZ) > 0)
"""
