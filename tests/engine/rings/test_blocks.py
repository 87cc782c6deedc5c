"""Dense blocks: what is planted is found, what popularity explains is not, in whatever order edges come."""

from __future__ import annotations

from itertools import combinations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from agoranomos.engine.rings import peeling
from agoranomos.engine.rings.blocks import Codes, Graph, dense_blocks, distinct
from agoranomos.engine.rings.coding import coded

PEOPLE, THINGS = 2_000, 400


def crowd(draws: np.random.Generator, edges: int = 8_000) -> tuple[Codes, Codes]:
    """Busy and idle people, popular and rare things, joined by chance."""
    people = (PEOPLE * draws.random(edges) ** 1.5).astype(np.int32)
    things = (THINGS * draws.random(edges) ** 2).astype(np.int32)
    return people, things


def with_ring(seed: int, camouflage: int = 200) -> tuple[Codes, Codes, set[int]]:
    draws = np.random.default_rng(seed)
    people, things = crowd(draws)
    ring = draws.choice(PEOPLE, 20, replace=False).astype(np.int32)
    targets = draws.choice(np.arange(THINGS // 2, THINGS), 15, replace=False).astype(np.int32)
    one, other = np.nonzero(draws.random((20, 15)) < 0.7)
    popular = (THINGS * draws.random(camouflage) ** 4).astype(np.int32)
    people = np.concatenate((people, ring[one], draws.choice(ring, camouflage)))
    return people, np.concatenate((things, targets[other], popular)), {int(each) for each in ring}


def test_a_ring_is_found_through_its_camouflage() -> None:
    people, things, ring = with_ring(seed=3)
    found = dense_blocks(people, things, PEOPLE, THINGS)
    assert len(found.blocks) == 1
    assert {int(each) for each in found.blocks[0].people} == ring
    assert found.blocks[0].density > found.by_chance


def test_what_popularity_explains_is_no_block() -> None:
    for seed in range(5):
        people, things = crowd(np.random.default_rng(seed))
        assert dense_blocks(people, things, PEOPLE, THINGS).blocks == []


def test_nothing_comes_of_nothing() -> None:
    empty = np.empty(0, np.int32)
    assert dense_blocks(empty, empty, 0, 0).blocks == []
    one = np.zeros(1, np.int32)
    assert dense_blocks(one, one, 1, 1).blocks == []


def test_the_order_and_the_repetition_of_edges_change_nothing() -> None:
    people, things, _ = with_ring(seed=5)
    first = dense_blocks(people, things, PEOPLE, THINGS)
    order = np.random.default_rng(1).permutation(np.concatenate((np.arange(len(people)), np.arange(500))))
    again = dense_blocks(people[order], things[order], PEOPLE, THINGS)
    assert again.by_chance == first.by_chance
    for one, other in zip(first.blocks, again.blocks, strict=True):
        assert one.density == other.density
        assert one.people.tolist() == other.people.tolist()
        assert one.things.tolist() == other.things.tolist()


edges_of_small = st.lists(st.tuples(st.integers(0, 5), st.integers(0, 5)), min_size=1, max_size=24)


def graph_of(pairs: list[tuple[int, int]]) -> Graph:
    rows, columns = distinct(np.array([a for a, _ in pairs], np.int32), np.array([b for _, b in pairs], np.int32), 6)
    by_row, by_column = peeling.neighbours(rows, columns, 6), peeling.neighbours(columns, rows, 6)
    return Graph(by_row[0], by_row[1], by_column[0], by_column[1], np.linspace(1.0, 0.5, 6))


def densest(pairs: list[tuple[int, int]]) -> float:
    """By trying all sets of nodes."""
    edges, nodes = set(pairs), sorted({(0, a) for a, _ in pairs} | {(1, b) for _, b in pairs})
    weights = np.linspace(1.0, 0.5, 6)
    best = 0.0
    for size in range(1, len(nodes) + 1):
        for kept in combinations(nodes, size):
            chosen = set(kept)
            best = max(best, sum(weights[b] for a, b in edges if (0, a) in chosen and (1, b) in chosen) / size)
    return best


@given(edges_of_small)
def test_peeling_comes_as_close_as_it_promises_and_pruning_loses_nothing(pairs: list[tuple[int, int]]) -> None:
    graph, best = graph_of(pairs), densest(pairs)
    for found, promise in (
        (peeling.one_by_one(graph), 2.0),
        (peeling.by_rising_line(graph, 0.01), 2.02),
        (peeling.in_rounds(graph, 0.5), 3.0),
    ):
        density, left = found
        assert best / promise - 1e-9 <= density <= best + 1e-9
        inside = [(a, b) for a, b in set(pairs) if left[a] and left[6 + b]]
        assert sum(np.linspace(1.0, 0.5, 6)[b] for _, b in inside) / left.sum() == pytest.approx(density)
    alive = peeling.pruned(graph, best * (1 - 1e-9))
    assert densest([(a, b) for a, b in pairs if alive[a] and alive[6 + b]]) == pytest.approx(best)


def test_a_shuffle_keeps_every_degree_and_is_the_same_again() -> None:
    columns = np.repeat(np.arange(50, dtype=np.int32), 7)
    mixed = peeling.shuffled(columns, 4)
    assert mixed.tolist() == peeling.shuffled(columns, 4).tolist() != peeling.shuffled(columns, 5).tolist()
    assert sorted(mixed.tolist()) == columns.tolist()
    assert mixed[:8].tolist() == [13, 30, 2, 3, 36, 34, 49, 18], "a seed means the same everywhere and for ever"


def test_texts_are_coded_in_their_order() -> None:
    codes, names = coded(["b", "a", "c", "a"])
    assert (codes.tolist(), names) == ([1, 0, 2, 0], ["a", "b", "c"])
    assert coded([])[1] == []
