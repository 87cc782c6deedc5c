"""Dense blocks: people who share too many things with each other for their number of things to explain it.

Weights make a thing that many have count for little, so that camouflage, doing what everybody does, adds next to
nothing (FRAUDAR: Hooi et al., KDD 2016). What honest crowds come to is not assumed but drawn: the same people and
things with the same number of edges each, joined at random. A block that is no denser than the densest one there is
what popularity alone brings about, and the search stops.

A block says where to look. It never accuses: on reviews with labels the densest block held no fake ones.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Final, NamedTuple

import msgspec
import numpy as np
import numpy.typing as npt

from agoranomos.engine.rings import peeling

Codes = npt.NDArray[np.int32]
Floats = npt.NDArray[np.float64]
_SLACK: Final = 0.5
_STEP: Final = 0.01
_LARGE: Final = 500_000
"""Edges from which on the exact peeling takes seconds."""
_POPULARITY_SHIFT: Final = 5.0
"""So that the logarithm of rare things stays away from zero (Hooi et al., 4.3)."""


class Settings(msgspec.Struct, frozen=True, kw_only=True):
    """At most `blocks_max` blocks, each of at least `people_min` people and `things_min` things, denser by the share
    `margin` than any block in `shuffles` draws (fewer for large graphs: the larger, the less they differ).
    """

    blocks_max: int = 100
    people_min: int = 3
    things_min: int = 2
    shuffles: int = 20
    margin: float = 0.02
    seed: int = 1


class Block(NamedTuple):
    """People and things, in order, and the weight of the edges among them over how many they are together."""

    people: Codes
    things: Codes
    density: float


class Blocks(NamedTuple):
    """The blocks, the first found first, and the density that none of the draws went beyond."""

    blocks: list[Block]
    by_chance: float


class Graph(NamedTuple):
    """Edges from both sides, and what an edge to each column weighs. As `peeling` takes it."""

    row_starts: npt.NDArray[np.int64]
    row_near: Codes
    column_starts: npt.NDArray[np.int64]
    column_near: Codes
    weights: Floats


def dense_blocks(
    people: Codes, things: Codes, people_count: int, things_count: int, settings: Settings | None = None
) -> Blocks:
    """The blocks of the edges (people[i], things[i]); an edge that is named twice counts once.

    Codes run from 0 to below the counts. Takes about 100 bytes an edge. The order of edges changes nothing.
    """
    chosen = settings or Settings()
    rows, columns = distinct(people, things, things_count)
    if len(rows) == 0:
        return Blocks([], 0.0)
    everybody = np.ones(people_count + things_count, np.bool_)
    whole = _Part(rows, columns, everybody, _weights(columns, things_count))
    line = _by_chance(whole, chosen) * (1.0 + chosen.margin)
    found: list[Block] = []
    while len(found) < chosen.blocks_max:
        whole, blocks = _densest(whole, line, chosen.blocks_max - len(found))
        if not blocks:
            break
        found += blocks
    large = [each for each in found if len(each.people) >= chosen.people_min and len(each.things) >= chosen.things_min]
    return Blocks(large, line)


def distinct(people: Codes, things: Codes, things_count: int) -> tuple[Codes, Codes]:
    """The edges, each once, by person and then by thing."""
    keys = people.astype(np.int64) * things_count + things
    if len(keys) > 1 and not np.all(keys[1:] > keys[:-1]):
        keys = np.sort(keys)
        keys = keys[np.concatenate(([True], keys[1:] != keys[:-1]))]
    return (keys // things_count).astype(np.int32), (keys % things_count).astype(np.int32)


def _weights(columns: Codes, column_count: int) -> Floats:
    """What an edge to each thing weighs: the more people have it, the less."""
    return np.asarray(1.0 / np.log(np.bincount(columns, minlength=column_count) + _POPULARITY_SHIFT))


def _by_chance(whole: _Part, settings: Settings) -> float:
    """The density of the densest block in random graphs of the same degrees."""
    draws = int(min(settings.shuffles, max(1, settings.shuffles * 100_000 // len(whole.rows))))
    best = 0.0
    for draw in range(draws):
        # A pair that is drawn twice counts twice: that can only raise the line.
        mixed = whole._replace(columns=peeling.shuffled(whole.columns, settings.seed * 1_000 + draw))
        _, blocks = _densest(mixed, best, 1)
        best = max([best, *(block.density for block in blocks)])
    return best


class _Part(NamedTuple):
    """Edges among nodes that are `alive`, people before things; `weights` are those of all things."""

    rows: Codes
    columns: Codes
    alive: npt.NDArray[np.bool_]
    weights: Floats

    @property
    def row_count(self) -> int:
        return len(self.alive) - len(self.weights)

    def graph(self) -> Graph:
        """The edges from both sides."""
        return _graph(self.rows, self.columns, self.row_count, self.weights)

    def inside(self, alive: npt.NDArray[np.bool_]) -> npt.NDArray[np.bool_]:
        """Which edges lie among `alive`."""
        return np.asarray(peeling.inside(self.rows, self.columns, alive, self.row_count))


def _densest(whole: _Part, line: float, blocks_max: int) -> tuple[_Part, list[Block]]:
    """The densest blocks that are denser than `line`, at least one if there is any; and the edges beside them that
    others can be made of.
    """
    whole = _without(whole, line)
    if not len(whole.rows):
        return whole, []
    reached, _ = peeling.in_rounds(whole.graph(), _SLACK)
    line = max(line * (1.0 + 1e-9), reached * (1.0 - 1e-9))
    # All blocks of this density lie in this part, and it is small; so are those that are left when one is taken out.
    part, found = _without(whole, line), list[Block]()
    while len(found) < blocks_max and (block := _peeled(part)) is not None and block.density >= line:
        found.append(block)
        part, whole = _beside(part, block), _beside(whole, block)
    return whole, found


def _peeled(part: _Part) -> Block | None:
    """The densest block. What is large is peeled fast first, and what that rules out needs no closer look."""
    if len(part.rows) > _LARGE:
        fast = _block(part, lambda graph: peeling.by_rising_line(graph, _STEP))
        part = _without(part, fast.density)
        if len(part.rows) > _LARGE:
            return fast
    return _block(part, peeling.one_by_one) if len(part.rows) else None


def _beside(part: _Part, block: Block) -> _Part:
    """`part` without the edges of `block`."""
    alive = np.zeros(len(part.alive), np.bool_)
    alive[block.people], alive[part.row_count + block.things] = True, True
    outside = ~part.inside(alive)
    return part._replace(rows=part.rows[outside], columns=part.columns[outside])


def _without(part: _Part, density: float) -> _Part:
    """`part` without nodes that no block of this density has."""
    alive = peeling.pruned(part.graph(), density * (1.0 - 1e-9))
    there = part.inside(alive)
    return _Part(part.rows[there], part.columns[there], alive, part.weights)


def _block(part: _Part, peel: Callable[[Graph], tuple[float, npt.NDArray[np.bool_]]]) -> Block:
    places = np.cumsum(part.alive, dtype=np.int32) - 1
    of_people = part.alive[: part.row_count]
    people = np.flatnonzero(of_people).astype(np.int32)
    things = np.flatnonzero(part.alive[part.row_count :]).astype(np.int32)
    columns = places[part.row_count + part.columns] - len(people)
    density, left = peel(_graph(places[part.rows], columns, len(people), part.weights[things]))
    return Block(people[left[: len(people)]], things[left[len(people) :]], float(density))


def _graph(rows: Codes, columns: Codes, row_count: int, weights: Floats) -> Graph:
    row_starts, row_near = peeling.neighbours(rows, columns, row_count)
    column_starts, column_near = peeling.neighbours(columns, rows, len(weights))
    return Graph(row_starts, row_near, column_starts, column_near, weights)
