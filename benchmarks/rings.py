"""Rings: dense blocks among millions of edges with their stop rule, lockstep among millions of events; beside peers.

Rings are planted in crowds of busy and idle people and popular and rare things; half of what ring members do is
camouflage on popular things. The peers have no stop rule and no test of chance: the densest block of networkx's kind of
greedy peeling in plain numpy, and the pairs that DuckDB counts by a join on a grid of windows.
"""

from __future__ import annotations

import os
import resource
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any, Final

import duckdb
import numpy as np
import numpy.typing as npt
import pyarrow as pa

from agoranomos.engine.rings import peeling
from agoranomos.engine.rings.blocks import Codes, Graph, dense_blocks
from agoranomos.engine.rings.lockstep import Settings, lockstep
from agoranomos.engine.rings.uniting import grouped
from benchmarks import rings_real, rings_reviews
from benchmarks.materials import Materials
from benchmarks.measuring import Size, Table

RING_MIN: Final = 5
DAYS_30: Final = 30 * 86_400
Times = npt.NDArray[np.int64]
Mask = npt.NDArray[np.bool_]


def run(materials: Materials, size: Size) -> list[Table]:  # noqa: ARG001 - every benchmark is given its materials
    """Speed and what is found, at the size of a history."""
    edges = max(20_000, size.history)
    _warm()
    tables = [blocks_table(edges), lockstep_table(edges)]
    if (shared := os.environ.get("AGORA_SHARED_DATA")) and Path(shared, "coupons", "amexpert").is_dir():
        tables.append(rings_real.table(Path(shared, "coupons", "amexpert")))
    if shared and Path(shared, "reviews", "yelpchi_edges").is_dir():
        tables.append(rings_reviews.table(Path(shared, "reviews", "yelpchi_edges")))
    return tables


def crowd(draws: np.random.Generator, edges: int) -> tuple[Codes, Codes, int, int]:
    """Edges of people and things, whose numbers are a tenth and a fiftieth of the edges."""
    people, things = max(100, edges // 10), max(100, edges // 50)
    who = np.empty(edges, np.int32)
    what = np.empty(edges, np.int32)
    np.multiply(people, draws.random(edges) ** 1.5, out=who, casting="unsafe")
    np.multiply(things, draws.random(edges) ** 3, out=what, casting="unsafe")
    return who, what, people, things


def edges_with_rings(edges: int, rings: int = 10, seed: int = 0) -> tuple[Codes, Codes, int, int, Mask]:
    """A crowd and `rings`; whose members are marked."""
    draws = np.random.default_rng(seed)
    who, what, people, things = crowd(draws, edges)
    marked = np.zeros(people, np.bool_)
    parts = [(who, what)]
    for _ in range(rings):
        members = draws.choice(people, int(draws.integers(60, 300)) if people > 10_000 else 12, replace=False)
        targets = draws.choice(things, int(draws.integers(20, 60)), replace=False)
        marked[members] = True
        one, other = np.nonzero(draws.random((len(members), len(targets))) < draws.uniform(0.3, 0.7))
        popular = (things * draws.random(len(one) // 2) ** 3).astype(np.int32)
        parts += [
            (members[one].astype(np.int32), targets[other].astype(np.int32)),
            (draws.choice(members, len(popular)).astype(np.int32), popular),
        ]
    return np.concatenate([a for a, _ in parts]), np.concatenate([b for _, b in parts]), people, things, marked


def events_with_rings(events: int, rings: int = 30, seed: int = 1) -> tuple[Codes, Codes, Times, int, int, Mask]:
    """A crowd over thirty days with flash sales that thousands take part in within minutes, and `rings` who do forty
    things each, every member three in ten of them, a few minutes apart.
    """
    draws = np.random.default_rng(seed)
    who, what, people, things = crowd(draws, events)
    marked = np.zeros(people, np.bool_)
    parts: list[tuple[Any, Any, Any]] = [(who, what, draws.integers(0, DAYS_30, events))]
    for _ in range(rings):
        members = draws.choice(people, int(draws.integers(15, 120)) if people > 10_000 else 15, replace=False)
        marked[members] = True
        for thing in draws.choice(things, 40, replace=False):
            there = members[draws.random(len(members)) < 0.3]
            begins = int(draws.integers(0, DAYS_30 - 86_400))
            parts.append((there, np.full(len(there), thing), begins + draws.exponential(180, len(there))))
        popular = things * draws.random(12 * len(members)) ** 3
        parts.append((draws.choice(members, len(popular)), popular, draws.integers(0, DAYS_30, len(popular))))
    for _ in range(20):
        buyers = draws.choice(people, min(people // 2, 5_000), replace=False)
        moment = int(draws.integers(DAYS_30 - 600))
        sale = np.full(len(buyers), draws.integers(things))
        parts.append((buyers, sale, moment + draws.integers(0, 600, len(buyers))))
    who, what = (np.concatenate([part[place] for part in parts]).astype(np.int32) for place in (0, 1))
    return who, what, np.concatenate([part[2] for part in parts]).astype(np.int64), people, things, marked


def blocks_table(edges: int) -> Table:
    """Dense blocks."""
    who, what, people, things, marked = edges_with_rings(edges)
    rows = []
    found, wall, cpu = _timed(lambda: dense_blocks(who, what, people, things))
    hit = _hit([block.people for block in found.blocks], people)
    rows.append(_row("blocks until the shuffle is reached", len(found.blocks), wall, cpu, hit, marked))
    scattered, wall, cpu = _timed(lambda: [_peeled_by_numpy(who, what, people, things)])
    rows.append(_row("peer: one block, in rounds, numpy", 1, wall, cpu, _hit(scattered, people), marked))
    return Table(
        f"Dense blocks, {len(who):,} edges, {people:,} people, {things:,} things, 10 rings of {int(marked.sum()):,}",
        ("", "found", "s of the clock", "CPU s", "of those found in a ring", "of rings found", "memory so far, GB"),
        tuple(rows),
    )


def lockstep_table(events: int) -> Table:
    """Lockstep."""
    who, what, when, people, things, marked = events_with_rings(events)
    rows = []
    for name, window_s in (("window of 6 h", 6 * 3_600), ("window of 10 min", 600)):
        settings = Settings(window_s=window_s)

        def found(settings: Settings = settings) -> list[Codes]:
            pairs = lockstep(who, what, when, people, things, settings)
            return [each for each in grouped(pairs.one, pairs.other, people) if len(each) >= RING_MIN]

        groups, wall, cpu = _timed(found)
        rows.append(_row(name, len(groups), wall, cpu, _hit(groups, people), marked))
    (one, other), wall, cpu = _timed(lambda: _joined_by_duckdb(who, what, when, 600))
    groups = [each for each in grouped(one, other, people) if len(each) >= RING_MIN]
    rows.append(_row("peer: DuckDB, grid of 10 min", len(groups), wall, cpu, _hit(groups, people), marked))
    return Table(
        f"Lockstep, {len(who):,} events of 30 days, {people:,} people, 30 rings of {int(marked.sum()):,}",
        ("", "groups", "s of the clock", "CPU s", "of those found in a ring", "of rings found", "memory so far, GB"),
        tuple(rows),
    )


def _row(name: str, many: int, wall: float, cpu: float, hit: Mask, marked: Mask) -> tuple[str, ...]:
    right = int((hit & marked).sum())
    precision, recall = right / max(1, int(hit.sum())), right / max(1, int(marked.sum()))
    memory = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 2**20
    return name, f"{many:,}", f"{wall:.2f}", f"{cpu:.2f}", f"{precision:.3f}", f"{recall:.3f}", f"{memory:.2f}"


def _hit(groups: list[Codes], people: int) -> Mask:
    hit = np.zeros(people, np.bool_)
    for group in groups:
        hit[group] = True
    return hit


def _timed(call: Callable[[], Any]) -> tuple[Any, float, float]:
    wall, cpu = time.perf_counter(), time.process_time()
    value = call()
    return value, time.perf_counter() - wall, time.process_time() - cpu


def _warm() -> None:
    """Compiles, which is kept from then on."""
    who, what, people, things, _ = edges_with_rings(20_000)
    dense_blocks(who, what, people, things)
    peeling.by_rising_line(_graph_of(who, what, people, things), 0.01)
    first, second, when, people, things, _ = events_with_rings(20_000)
    lockstep(first, second, when, people, things)


def _graph_of(who: Codes, what: Codes, people: int, things: int) -> Graph:
    by_person, by_thing = peeling.neighbours(who, what, people), peeling.neighbours(what, who, things)
    return Graph(by_person[0], by_person[1], by_thing[0], by_thing[1], np.ones(things))


def _peeled_by_numpy(who: Codes, what: Codes, people: int, things: int) -> Codes:
    """The people of the densest block when in each round all go that have at most twice the mean weight (Bahmani et
    al., VLDB 2012), with the weights of FRAUDAR.
    """
    weights = 1.0 / np.log(np.bincount(what, minlength=things) + 5.0)
    alive, best, kept = np.ones(people + things, np.bool_), -1.0, np.ones(people + things, np.bool_)
    one, other = who, what
    while len(one):
        weight = weights[other]
        key = np.concatenate((np.bincount(one, weight, people), np.bincount(other, weight, things)))
        density = float(weight.sum()) / float(alive.sum())
        if density > best:
            best, kept = density, alive.copy()
        alive &= key > 2.0 * density
        inside = alive[one] & alive[people + other]
        one, other = one[inside], other[inside]
    return np.flatnonzero(kept[:people]).astype(np.int32)


def _joined_by_duckdb(who: Codes, what: Codes, when: Times, window_s: int) -> tuple[Codes, Codes]:
    database = duckdb.connect()
    database.execute("SET threads = 2")
    database.register("events", pa.table({"who": who, "what": what, "slot": when // window_s}))
    pairs = database.execute(
        "WITH quiet AS (SELECT what, slot FROM events GROUP BY ALL HAVING count(*) BETWEEN 2 AND 200),"
        " near AS (SELECT DISTINCT events.* FROM events JOIN quiet USING (what, slot))"
        " SELECT a.who, b.who FROM near a JOIN near b ON a.what = b.what AND a.slot = b.slot AND a.who < b.who"
        " GROUP BY ALL HAVING count(DISTINCT a.what) >= 3"
    ).fetchnumpy()
    one, other = pairs.values()
    return np.asarray(one, np.int32), np.asarray(other, np.int32)
