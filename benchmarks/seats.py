"""What each seat of a replay costs: the figures by which `replaying.desks` shares desks out among processes."""

from __future__ import annotations

import random
import statistics
import tempfile
import time
from datetime import date
from pathlib import Path

from agoranomos.engine.market.generate import generate
from agoranomos.engine.market.lives import Event
from agoranomos.engine.market.world import Settings
from agoranomos.engine.replay.desks import Desks
from agoranomos.engine.replay.history import History
from agoranomos.engine.replay.marking import MarkedRun
from agoranomos.engine.replay.reading import read
from agoranomos.engine.replay.work import Taken, Work
from agoranomos.engine.stream.lines import event_files
from agoranomos.replaying.desks import Replaying
from benchmarks.materials import Materials
from benchmarks.measuring import Size, Table


def run(materials: Materials, size: Size) -> list[Table]:
    """Microseconds of this process for an event, each seat alone, without its start, reading and writing."""
    folder = Path(tempfile.mkdtemp(prefix="agora-seats-", dir=materials.folder))
    buyers = size.market_buyers
    settings = Settings(seed=7, start=date(2026, 1, 1), days=30, sellers=max(10, buyers // 25), buyers=buyers)
    path = folder / "events.jsonl"
    path.write_bytes(b"".join(one.line() for one in generate(settings) if isinstance(one, Event)))
    work = Work(tuple(event_files([path])), str(folder), str(folder / "rejects"))
    taken = read(work, lambda _: None)
    desks = Replaying(materials.home).desks()
    order = [*range(len(desks.seats))]
    costs: dict[int, list[float]] = {seat: [] for seat in order}
    for seed in range(1 + size.rounds):  # the first round loads what is compiled
        random.Random(seed).shuffle(order)
        for seat in order:
            costs[seat].append(_cost_us(desks, seat, work, taken))
    rows = tuple(
        (one.name, f"{statistics.median(costs[seat][1:]):.1f}", f"{one.cost_us:.1f}")
        for seat, one in enumerate(desks.seats)
    )
    title = f"Seats over {taken.events:,} events, {size.rounds} runs each"
    return [Table(title, ("seat", "µs an event", "as it stands in the table"), rows)]


def _cost_us(desks: Desks, seat: int, work: Work, taken: Taken) -> float:
    run, view = MarkedRun(desks.monitors([seat])), desks.make_view()
    stretches = list(History(work, taken).stretches(run.hears, view))
    begun = time.process_time()
    for stretch in stretches:
        run.hear(stretch)
    return (time.process_time() - begun) / taken.events * 1e6
