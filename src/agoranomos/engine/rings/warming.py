"""Compiles what rings need, so that no first replay waits for it: blocks, lockstep, what texts say in common."""

from __future__ import annotations

import numpy as np

from agoranomos.engine.rings import peeling, wording
from agoranomos.engine.rings.blocks import Graph, dense_blocks
from agoranomos.engine.rings.lockstep import lockstep
from agoranomos.engine.rings.uniting import grouped

_PEOPLE, _THINGS = 12, 6


def warm_up() -> None:
    """Goes the whole way once, over a dozen people who all do the same things at the same time."""
    people = np.repeat(np.arange(_PEOPLE, dtype=np.int32), _THINGS)
    things = np.tile(np.arange(_THINGS, dtype=np.int32), _PEOPLE)
    dense_blocks(people, things, _PEOPLE, _THINGS)
    starts = np.arange(0, len(people) + 1, _THINGS, dtype=np.int64)
    alike = np.arange(0, len(people) + 1, _PEOPLE, dtype=np.int64)
    near = np.sort(np.tile(np.arange(_PEOPLE, dtype=np.int32), _THINGS).reshape(_THINGS, -1)).ravel()
    graph = Graph(starts, things, alike, near, np.ones(_THINGS))
    peeling.by_rising_line(graph, 0.1)
    peeling.one_by_one(graph)
    lockstep(people, things, np.zeros(len(people), np.int64), _PEOPLE, _THINGS)
    grouped(np.zeros(1, np.int32), np.ones(1, np.int32), _PEOPLE)
    codes = np.frombuffer("said by many".encode("utf-32-le"), np.uint32)
    counts = np.zeros(1 << wording.CONTEXT_BITS, np.uint32), np.zeros(1 << wording.FOLLOWS_BITS, np.uint32)
    wording.bands(codes)
    wording.learn(codes, *counts)
    wording.surprise(codes, *counts, 1)
