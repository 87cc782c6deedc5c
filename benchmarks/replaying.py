"""How fast a history is replayed, in order and out of order; reading and checking the events alone is the floor."""

from __future__ import annotations

import os
import random
import statistics
import subprocess
import tempfile
import time
from datetime import date
from pathlib import Path
from typing import Final

from agoranomos.engine.market.generate import generate
from agoranomos.engine.market.lives import Event
from agoranomos.engine.market.world import Settings
from agoranomos.engine.stream.lines import event_files, lines
from agoranomos.kernel.events import parse_line
from benchmarks.materials import Materials
from benchmarks.measuring import Memory, Size, Table, agora, megabytes, spread

GOAL_PER_S: Final = 20_000


def run(materials: Materials, size: Size) -> list[Table]:
    """`agora replay` as a user calls it, start included, and the floor."""
    folder = Path(tempfile.mkdtemp(prefix="agora-replay-", dir=materials.folder))
    buyers = size.market_buyers
    settings = Settings(seed=7, start=date(2026, 1, 1), days=30, sellers=max(10, buyers // 25), buyers=buyers)
    events = [one.line() for one in generate(settings) if isinstance(one, Event)]
    ordered, mixed = folder / "ordered.jsonl", folder / "mixed.jsonl"
    ordered.write_bytes(b"".join(events))
    random.Random(1).shuffle(events)
    mixed.write_bytes(b"".join(events))
    rows = []
    _replayed(materials, ordered, folder / "warm")  # compiles what this state of the code has not compiled yet
    for name, path in {"in order": ordered, "shuffled": mixed}.items():
        runs = [_replayed(materials, path, folder / "out") for _ in range(size.rounds)]
        rates = [len(events) / seconds for seconds, _ in runs]
        peak = max(peak for _, peak in runs)
        rows.append((name, spread(rates), f"{statistics.median(rates) / GOAL_PER_S:.2f}", megabytes(peak)))
    floor = [_floor(ordered, len(events)) for _ in range(size.rounds)]
    rows.append(("floor: read and check once", spread(floor), f"{statistics.median(floor) / GOAL_PER_S:.2f}", ""))
    title = f"Replay of {len(events):,} events, {size.rounds} runs each"
    return [Table(title, ("what", "events/s", f"of {GOAL_PER_S:,}", "peak memory"), tuple(rows))]


def _replayed(materials: Materials, path: Path, out: Path) -> tuple[float, int]:
    """Wall seconds and peak memory in bytes of one call."""
    begun = time.perf_counter()
    command = [*agora(), "replay", str(path), "--out", str(out), "--json"]
    environment = {**os.environ, "AGORA_HOME": str(materials.home)}
    process = subprocess.Popen(command, env=environment, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    memory = Memory(process.pid)
    assert process.wait() == 0
    return time.perf_counter() - begun, memory.stop()


def _floor(path: Path, count: int) -> float:
    begun = time.perf_counter()
    for source in event_files([path]):
        for _, line in lines(source):
            parse_line(line)
    return count / (time.perf_counter() - begun)
