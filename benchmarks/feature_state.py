"""What it costs that every process counts all features, and what it would cost if each counted a part of the keys.

    python -m benchmarks.feature_state [EVENTS]

Orders in a log are read by a process as it does it live, and counted in eight features on four keys. With parts, a
process counts only the keys of its part, which are the rest of the key's hash; what all parts answer is compared with
what one process answers. Then two holders are started as programs, and a check that names the eight features is asked
in this process, which counts everything, and by way of the holders, in turns; at rest, and while they count what has
just come in. PostgreSQL is used where it can be started, else SQLite; seconds are of the processor unless it is said.
"""

from __future__ import annotations

import random
import sys
import tempfile
import time
from contextlib import ExitStack
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any, Final

import msgspec

from agoranomos.engine.features.encoding import key_128
from agoranomos.engine.features.features import Features
from agoranomos.engine.features.model import Declaration, Feature
from agoranomos.engine.features.sharing import Share
from agoranomos.intake.actions import accept
from agoranomos.intake.queries import read_types_after
from agoranomos.kernel.events import Event, parse_line
from agoranomos.kernel.store import Store, open_store
from benchmarks.feature_holders import LATE, compared
from benchmarks.ledger import _postgresql
from benchmarks.load import _databases
from benchmarks.measuring import Table, machine
from tests.builders import make_vault

EVENTS: Final = 40_000
PARTS: Final = (1, 2, 4, 8)
_KEYS: Final = ("device_id", "buyer_id", "ip", "payee_id")
_ASKED: Final = 2_000
_BEGUN: Final = datetime(2026, 5, 1, tzinfo=UTC)


def features_of(part: int, parts: int) -> Features:
    """Two features on each key, that count the keys of one part."""
    declared = [
        {"name": f"{what}_{by}", "aggregate": what, "event": "order.placed", "by": (by,), "window": "1d", **more}
        for by in _KEYS
        for what, more in (("count", {}), ("sum", {"field": "paid", "currency": "CNY"}))
    ]
    return Features([Feature(msgspec.convert(each, Declaration)) for each in declared], share=Share(part + 1, parts))


def order(number: int, draws: random.Random, people: int) -> Event:
    """One of many people, some of whom share devices and addresses."""
    person = draws.randrange(people)
    data = {
        "order_id": f"o{number}", "buyer_id": f"b{person}", "store_id": f"s{person % 50}",
        "lines": [{"listing_id": "l1", "quantity": 1, "price": {"amount": 990, "currency": "CNY"}}],
        "paid": {"amount": draws.randrange(10_000), "currency": "CNY"}, "device_id": f"d{person // 2}",
        "ip": f"10.{person % 200}.{person // 200 % 200}.1", "payee_id": f"p{person // 3}",
    }  # fmt: skip
    at = (_BEGUN + timedelta(seconds=number)).isoformat()
    line = {"specversion": "1.0", "id": f"e{number}", "source": "b", "type": "order.placed", "time": at, "data": data}
    return parse_line(msgspec.json.encode(line))


def read(store: Store) -> tuple[list[Event], float]:
    """All of the log as a serving process reads it, and the seconds that it took."""
    found, position, begun = list[Event](), 0, time.process_time()
    with store.reading() as connection:
        while arrived := read_types_after(connection, ["order.placed"], position):
            found += [each.event for each in arrived]
            position = arrived[-1].position
    return found, time.process_time() - begun


def asked(features: Features, events: list[Event], part: int, parts: int) -> dict[tuple[str, str], Any]:
    """What a process answers about the keys of its part."""
    found = {}
    for event in events:
        for name, by in ((f"{what}_{by}", by) for by in _KEYS for what in ("count", "sum")):
            key = key_128((event.data[by],))
            if key is not None and Share(part + 1, parts).holds(key):
                found[name, event.data[by]] = features.as_of(events[-1]).feature(name, (event.data[by],))
    return found


def main() -> None:
    """Runs and prints."""
    count = int(sys.argv[1]) if len(sys.argv) > 1 else EVENTS
    draws = random.Random(1)
    made = [order(number, draws, max(1, count // 2)) for number in range(count)]
    with ExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="agora-state-")))
        server = stack.enter_context(_postgresql())
        url = stack.enter_context(_databases(server, folder))()
        store = open_store(url)
        store.upgrade()
        stack.callback(store.close)
        for start in range(0, count, 2_000):
            with store.transaction() as connection:
                accept(connection, make_vault(), made[start : start + 2_000], now=_BEGUN)
        read(store)
        events, reading = read(store)
        late = [order(number, draws, max(1, count // 2)) for number in range(count, count + LATE)]
        asking = compared(store, url, folder, events, late)
    features_of(0, 1).hear(events[0])
    rows, whole, counted, kept = [], dict[tuple[str, str], Any](), dict[int, float](), dict[int, int]()
    for parts in PARTS:
        together, seconds, memory = dict[tuple[str, str], Any](), list[float](), list[int]()
        for part in range(parts):
            features, begun = features_of(part, parts), time.process_time()
            for event in events:
                features.hear(event)
            seconds.append(time.process_time() - begun)
            memory.append(sum(each.memory_bytes for each in features.counters().values()))
            together |= asked(features, events[-_ASKED:], part, parts)
        whole = whole or together
        assert together == whole, "parts answer otherwise"
        counting = max(seconds)
        counted[parts], kept[parts] = counting / count, max(memory)
        rows.append(
            (
                str(parts), f"{reading / count * 1e6:.0f}", f"{counting / count * 1e6:.1f}",
                f"{(reading + counting) / count * 1e6:.0f}", f"{max(memory) / 2**20:.1f}",
            )
        )  # fmt: skip
    title = f"{count:,} orders, eight features on four keys, {'PostgreSQL' if server else 'SQLite'}; {machine()}"
    columns = ("parts", "read, µs an event", "count, µs an event", "a process, µs an event", "MB a process")
    print(Table(title, columns, tuple(rows)).text())
    print(several(reading / count, counted, kept).text())
    print(asking.text())


def several(reading: float, counting: dict[int, float], kept: dict[int, int]) -> Table:
    """What several processes take together: each with everything, or with holders beside them; sums of the above."""
    rows = []
    for workers in (2, 4, 8):
        alone = workers * (reading + counting[1]), workers * kept[1]
        held = [(parts * (reading + counting[parts]), parts * kept[parts]) for parts in (1, 2)]
        seconds = (f"{each * 1e6:.0f}" for each in (alone[0], *(one for one, _ in held)))
        sizes = (f"{each / 2**20:.1f}" for each in (alone[1], *(one for _, one in held)))
        rows.append((str(workers), *seconds, *sizes))
    columns = ("workers", "each all, µs an event", "1 holder", "2 holders", "each all, MB", "1 holder", "2 holders")
    return Table("All processes together, hearing and keeping", columns, tuple(rows))


if __name__ == "__main__":
    main()
