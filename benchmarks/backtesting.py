"""How long a backtest of fifty rules takes over a long history; reading the same file once in DuckDB is the floor.

The history is a made market of sixty days, told again and again on later days under other ids of events. The rules are
the starter rules, and again under other names until there are fifty.
"""

from __future__ import annotations

import os
import statistics
import subprocess
import tempfile
import time
from datetime import date
from pathlib import Path
from typing import Final

import duckdb
import msgspec

from agoranomos.engine.market.generate import generate
from agoranomos.engine.market.lives import Event
from agoranomos.engine.market.world import Settings
from agoranomos.engine.rules import starter
from agoranomos.engine.rules.places import Document
from benchmarks.materials import Materials
from benchmarks.measuring import Memory, Size, Table, agora, megabytes

GOAL_S: Final = 60
RULES: Final = 50
_DAYS: Final = 60


def run(materials: Materials, size: Size) -> list[Table]:
    """`agora rules backtest` as a user calls it, start included, and the floor."""
    folder = Path(tempfile.mkdtemp(prefix="agora-backtest-", dir=materials.folder))
    events, rules = folder / "events.parquet", folder / "rules"
    count = _history(events, folder, size)
    _rules(rules)
    environment = {**os.environ, "AGORA_HOME": str(folder / "home")}
    environment.pop("AGORA_DATABASE_URL", None)
    for name in starter.LISTS:
        subprocess.run(
            [*agora(), "lists", "create", name, "--kind", "watch"], env=environment, check=True, capture_output=True
        )
    runs = [_tested(events, rules, environment) for _ in range(min(size.rounds, 3))]
    seconds = statistics.median(each[0] for each in runs)
    floor = statistics.median(_floor(events) for _ in range(min(size.rounds, 3)))
    peak = max(each[2] for each in runs)
    rows = (
        (
            f"{RULES} rules", f"{seconds:.1f}", f"{statistics.median(each[1] for each in runs):.1f}",
            f"{count / seconds:,.0f}", f"{seconds / GOAL_S:.2f}" if count >= 10_000_000 else "–", megabytes(peak),
        ),
        ("floor: read the file once", f"{floor:.1f}", "", f"{count / floor:,.0f}", "", ""),
    )  # fmt: skip
    columns = ("what", "seconds", "CPU-seconds", "events/s", f"of the goal ({GOAL_S} s for 10 million)", "peak memory")
    return [Table(f"Backtest over {count:,} events on {os.cpu_count()} cores", columns, rows)]


def _history(path: Path, folder: Path, size: Size) -> int:
    buyers = 8 * size.market_buyers
    settings = Settings(seed=7, start=date(2024, 1, 1), days=_DAYS, sellers=max(10, buyers // 50), buyers=buyers)
    base = folder / "base.jsonl"
    with base.open("wb") as file:
        count = 0
        for one in generate(settings):
            if isinstance(one, Event):
                file.write(one.line())
                count += 1
    copies = max(1, -(-size.history // count))
    fields = "{source: 'VARCHAR', id: 'VARCHAR', type: 'VARCHAR', time: 'VARCHAR', subject: 'VARCHAR', data: 'VARCHAR'}"
    moved = f"time::TIMESTAMPTZ AT TIME ZONE 'UTC' + INTERVAL 1 DAY * ({_DAYS} * copy)"
    with duckdb.connect() as connection:
        connection.execute("SET memory_limit = '2GB'")
        connection.execute(
            f"COPY (SELECT id || '-' || copy AS id, source, type, strftime({moved}, '%Y-%m-%dT%H:%M:%S.%fZ') AS time, "
            f"subject, data FROM read_json(?, format = 'newline_delimited', columns = {fields}), "
            f"range({copies}) AS copies(copy)) TO '{path}' (FORMAT parquet)",
            [str(base)],
        )
    base.unlink()
    return count * copies


def _rules(folder: Path) -> None:
    """The starter rules, and again until there are fifty, with their features."""
    folder.mkdir()
    (folder / "features.yaml").write_text(starter.text_of("features.yaml"), "utf-8")
    found = [rule for desk in starter.DESKS for rule in Document(starter.text_of(f"{desk}.yaml"), desk).value]
    chosen = [
        {**found[place % len(found)], "id": f"{found[place % len(found)]['id']}{'_again' * (place // len(found))}"}
        for place in range(RULES)
    ]
    (folder / "rules.json").write_bytes(msgspec.json.encode(chosen))


def _tested(events: Path, rules: Path, environment: dict[str, str]) -> tuple[float, float, int]:
    """Wall seconds, CPU seconds and peak memory in bytes of one call."""
    begun, before = time.perf_counter(), os.times()
    command = [*agora(), "rules", "backtest", str(rules), "--events", str(events), "--json"]
    process = subprocess.Popen(command, env=environment, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    memory = Memory(process.pid)
    assert process.wait() == 0
    after = os.times()
    cpu = after.children_user + after.children_system - before.children_user - before.children_system
    return time.perf_counter() - begun, cpu, memory.stop()


def _floor(events: Path) -> float:
    begun = time.perf_counter()
    with duckdb.connect() as connection:
        connection.execute(
            "SELECT count(*), sum(length(data)), max(time) FROM read_parquet(?)", [str(events)]
        ).fetchall()
    return time.perf_counter() - begun
