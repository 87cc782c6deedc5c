"""A check that names eight features on four keys, asked of this process and of holders; part of `feature_state`."""

from __future__ import annotations

import os
import secrets
import subprocess
import sys
import time
from collections.abc import Callable
from contextlib import ExitStack
from datetime import timedelta
from pathlib import Path
from typing import Any, Final

from agoranomos.intake.actions import accept
from agoranomos.kernel.clock import rfc3339, system_clock
from agoranomos.kernel.consulting import Consulted
from agoranomos.kernel.events import Event, parse_event
from agoranomos.kernel.store import Store
from agoranomos.rules.following import Following
from agoranomos.rules.holders.addresses import addresses_of
from agoranomos.rules.holders.asking import Holders
from agoranomos.rules.holders.elsewhere import Elsewhere
from benchmarks.measuring import Table
from tests.builders import make_vault
from tests.rules.holders.builders import go_live

LATE: Final = 10_000
"""Orders that come in while questions are asked."""
CHECK: Final = "data-read"
_ASKED: Final = 4_000
_TURN: Final = 200
_HOLDERS: Final = 2
_NAMES: Final = {"device_id": "device_id", "buyer_id": "principal_id", "ip": "ip", "payee_id": "store_id"}
"""Of each key among orders, the field of the check by which it is looked up."""
FEATURES: Final = "".join(
    f"- {{name: count_{by}, aggregate: count, event: order.placed, by: [{by}], window: 1d}}\n"
    f"- {{name: sum_{by}, aggregate: sum, field: paid, currency: CNY, event: order.placed, by: [{by}], window: 1d}}\n"
    for by in _NAMES
)
_WHEN: Final = " OR ".join(
    f"count_{by}({field}) > 90000 OR sum_{by}({field}) > 900000000" for by, field in _NAMES.items()
)
_EXAMPLE: Final = "principal_id: p, principal_kind: staff, endpoint: /e, subject_count: 1, fields: [f]"
RULE: Final = f"""
- {{id: access.bench, desk: access, listens: data-read, when: "{_WHEN}", outcome: review, score: 0.6,
   reason: {{en: M, zh: M}}, subject: {{kind: principal, field: principal_id}}, owner: risk,
   hits: [{{time: 2026-05-01T08:00:00Z, data: {{{_EXAMPLE}}}, features: {{"count_buyer_id(p)": 90001}}}}],
   misses: [{{time: 2026-05-01T08:00:00Z, data: {{{_EXAMPLE}}}, features: {{"count_buyer_id(p)": 1}}}}]}}
"""


def check_of(number: int, order: Event) -> Event:
    """A read by whoever has the keys of an order."""
    data = {field: order.data[by] for by, field in _NAMES.items()}
    given = {"principal_kind": "staff", "endpoint": "/orders", "subject_count": 1, "fields": ["phone"], **data}
    return parse_event(
        {"id": f"r{number}", "source": "b", "type": "data.read", "time": rfc3339(order.time), "data": given}
    )  # fmt: skip


def compared(store: Store, url: str, folder: Path, orders: list[Event], late: list[Event]) -> Table:
    """Microseconds of a question, by the clock and of this process, here and elsewhere."""
    go_live(store, RULE, FEATURES)
    events = [check_of(number, each) for number, each in enumerate(orders[-_ASKED:])]
    names = [folder / f"{part}.sock" for part in range(1, _HOLDERS + 1)]
    with ExitStack() as stack:
        processes = [stack.enter_context(_begun(part, name, url, folder)) for part, name in enumerate(names, 1)]
        for each in processes:
            stack.callback(each.wait)
            stack.callback(each.terminate)
        for each in processes:
            assert each.stdout is not None
            each.stdout.readline()
        here = Following(store, (CHECK,), system_clock)
        here.refresh()
        holders = Holders(addresses_of(" ".join(f"unix:{name}" for name in names)), b"", secrets.token_bytes)
        there = Elsewhere(store, (CHECK,), system_clock, holders)
        there.refresh()
        rows = _in_turns("nothing comes in", {"here": here.ask, "two holders": there.ask}, events)
        with store.transaction() as connection:
            accept(connection, make_vault(), late, now=late[-1].time + timedelta(days=1))
        rows += _in_turns("while they count 10,000 orders", {"two holders": there.ask}, events)
        unknown = holders.unknown
        holders.close()
        sizes = ", ".join(f"{_resident(each.pid):.0f}" for each in processes)
        notes = (
            f"Of {2 * _ASKED * 8:,} look-ups of holders {unknown:,} were unknown after 50 ms.",
            f"A holder has {sizes} MB resident.",
        )
    columns = ("", "asked", "p50, µs by the clock", "p99", "longest", "µs of this process")
    return Table("A check with eight features on four keys", columns, tuple(rows), notes)


def _begun(part: int, name: Path, url: str, folder: Path) -> subprocess.Popen[bytes]:
    words = ["features", "hold", "--part", f"{part}/{_HOLDERS}", "--listen", f"unix:{name}"]
    home = {"AGORA_HOME": str(folder / "home"), "AGORA_DATABASE_URL": url}
    return subprocess.Popen(
        [sys.executable, "-m", "agoranomos.main", *words], stdout=subprocess.PIPE, env={**os.environ, **home}
    )


Ask = Callable[[str, Event, Any], Consulted]


def _in_turns(when: str, asks: dict[str, Ask], events: list[Event]) -> list[tuple[str, ...]]:
    took: dict[str, list[float]] = {name: [] for name in asks}
    used = dict.fromkeys(asks, 0.0)
    for start in range(0, len(events), _TURN):
        for name, ask in asks.items():
            cpu = time.thread_time()
            for event in events[start : start + _TURN]:
                begun = time.perf_counter()
                ask(CHECK, event, {})
                took[name].append(time.perf_counter() - begun)
            used[name] += time.thread_time() - cpu
    rows = []
    for name, each in took.items():
        each.sort()
        of = [each[len(each) // 2], each[len(each) * 99 // 100], each[-1], used[name] / len(each)]
        rows.append((when, name, *(f"{one * 1e6:,.0f}" for one in of)))
    return rows


def _resident(pid: int) -> float:
    """Megabytes."""
    (line,) = (each for each in Path(f"/proc/{pid}/status").read_text().splitlines() if each.startswith("VmRSS"))
    return int(line.split()[1]) / 1024
