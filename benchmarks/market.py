"""How fast a market is made, and what it would cost only to write it: the encoder alone is the floor.

A year of a large market is hundreds of millions of events; whoever replays one should wait for the replay, not for the
market.
"""

from __future__ import annotations

import time
import tracemalloc
from datetime import date
from typing import Final

import msgspec

from agoranomos.engine.market.generate import generate
from agoranomos.engine.market.lives import Event
from agoranomos.engine.market.plots import Plot
from agoranomos.engine.market.plots.returning_seller import ReturningSeller
from agoranomos.engine.market.plots.top_up_glitch import TopUpGlitch
from agoranomos.engine.market.world import Settings
from benchmarks.materials import Materials
from benchmarks.measuring import Size, Table, megabytes, spread

GOAL_PER_S: Final = 30_000
_START: Final = date(2026, 1, 1)
_FLOOR_EVENTS_MAX: Final = 20_000


def run(materials: Materials, size: Size) -> list[Table]:  # noqa: ARG001 - the form of all benchmarks; makes its own
    """Speed, then memory by length."""
    buyers = size.market_buyers
    settings = Settings(seed=7, start=_START, days=20, sellers=max(10, buyers // 25), buyers=buyers)
    return [_speed(settings, size.rounds), _memory(settings)]


def _speed(settings: Settings, rounds: int) -> Table:
    plain: tuple[Plot, ...] = ()
    planted: tuple[Plot, ...] = (ReturningSeller(), TopUpGlitch())
    rates: dict[str, list[float]] = {"made and encoded": [], "… with two plots": [], "floor: encoding alone": []}
    for _ in range(rounds):
        rates["made and encoded"].append(_made(settings, plain))
        rates["… with two plots"].append(_made(settings, planted))
        rates["floor: encoding alone"].append(_encoded(settings))
    rows = [(name, spread(values), f"{min(values) / GOAL_PER_S:.1f}") for name, values in rates.items()]
    title = f"Events per CPU-second, {settings.sellers:,} sellers, {settings.buyers:,} buyers, {settings.days} days"
    return Table(title, ("way", "events/s", f"least x {GOAL_PER_S:,}/s"), tuple(rows))


def _made(settings: Settings, plots: tuple[Plot, ...]) -> float:
    begun, count = time.process_time(), 0
    for one in generate(settings, plots):
        one.line()
        count += 1
    return count / (time.process_time() - begun)


def _encoded(settings: Settings) -> float:
    """msgspec on the finished objects, each as often as it takes to be timed."""
    raws = []
    for one in generate(settings):
        if isinstance(one, Event):
            raws.append(one.raw())
        if len(raws) == _FLOOR_EVENTS_MAX:
            break
    encode = msgspec.json.Encoder().encode
    begun = time.process_time()
    for raw in raws:
        encode(raw)
    return len(raws) / max(1e-9, time.process_time() - begun)


def _memory(settings: Settings) -> Table:
    rows = []
    for days in (5, 10, 20):
        tracemalloc.start()
        events = sum(isinstance(one, Event) for one in generate(msgspec.structs.replace(settings, days=days)))
        peak = tracemalloc.get_traced_memory()[1]
        tracemalloc.stop()
        rows.append((f"{days} days", f"{events:,}", megabytes(peak)))
    return Table("Peak memory of Python objects by length", ("market", "events", "peak"), tuple(rows))
