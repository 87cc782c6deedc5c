"""The densest part of a graph of people and things, by peeling. Compiled.

The density of a set of nodes is the weight of the edges among them over how many nodes there are. Taking away the node
of least weight, again and again, passes through a set of at least half the greatest density (Charikar, APPROX 2000).
Peeling everything in rounds comes close fast (Bahmani et al., VLDB 2012, algorithm 1). What it finds is a lower bound,
and no node of a densest set has less weight in it than the density: what has less can go before the slow, exact pass,
and nothing is lost.

The weight of an edge is that of its column, so that no array holds weights of edges.

One file: what one compiled function takes in from another file would escape the compiler's cache.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from agoranomos.engine.compiled import nb


@nb.njit(cache=True, nogil=True)
def neighbours(ends: Any, others: Any, count: int) -> tuple[Any, Any]:
    """(starts, others by end): for each of `count` ends the others that an edge leads to, in the order of the edges."""
    starts = np.zeros(count + 1, np.int64)
    for edge in range(len(ends)):
        starts[ends[edge] + 1] += 1
    for end in range(count):
        starts[end + 1] += starts[end]
    free = starts[:-1].copy()
    near = np.empty(len(ends), np.int32)
    for edge in range(len(ends)):
        near[free[ends[edge]]] = others[edge]
        free[ends[edge]] += 1
    return starts, near


@nb.njit(cache=True, nogil=True)
def _weights(graph: Any, key: Any) -> float:
    """The weight of every node into `key`, rows before columns; half their sum."""
    rows = len(graph.row_starts) - 1
    total = 0.0
    for row in range(rows):
        key[row] = 0.0
        for edge in range(graph.row_starts[row], graph.row_starts[row + 1]):
            key[row] += graph.weights[graph.row_near[edge]]
        total += key[row]
    for column in range(len(graph.column_starts) - 1):
        many = graph.column_starts[column + 1] - graph.column_starts[column]
        key[rows + column] = many * graph.weights[column]
    return total


@nb.njit(cache=True, nogil=True)
def in_rounds(graph: Any, slack: float) -> tuple[float, Any]:
    """The greatest density on the way when in each round all go that have at most (1 + slack) times the mean weight;
    and which nodes were left then.
    """
    rows = len(graph.row_starts) - 1
    nodes = rows + len(graph.column_starts) - 1
    key = np.empty(nodes, np.float64)
    total = _weights(graph, key)
    alive = np.ones(nodes, np.bool_)
    left = np.arange(nodes).astype(np.int32)
    gone_in = np.full(nodes, 1 << 30, np.int32)
    going = np.empty(nodes, np.int32)
    count, best, best_round, number = nodes, -1.0, 0, 0
    while count > 0:
        density = total / count
        if density > best:
            best, best_round = density, number
        least = np.inf
        for place in range(count):
            least = min(least, key[left[place]])
        line = max(2.0 * (1.0 + slack) * density, least)
        kept, leaving = 0, 0
        for place in range(count):
            node = left[place]
            if key[node] <= line:
                going[leaving] = node
                leaving += 1
            else:
                left[kept] = node
                kept += 1
        for place in range(leaving):
            node = going[place]
            alive[node] = False
            gone_in[node] = number
            total -= key[node]
            if node < rows:
                for edge in range(graph.row_starts[node], graph.row_starts[node + 1]):
                    other = graph.row_near[edge]
                    if alive[rows + other]:
                        key[rows + other] -= graph.weights[other]
            else:
                column = node - rows
                for edge in range(graph.column_starts[column], graph.column_starts[column + 1]):
                    other = graph.column_near[edge]
                    if alive[other]:
                        key[other] -= graph.weights[column]
        count = kept
        number += 1
    return best, gone_in >= best_round


@nb.njit(cache=True, nogil=True)
def by_rising_line(graph: Any, step: float) -> tuple[float, Any]:
    """The greatest density on the way when a line rises by the share `step` at a time, and all with less weight go, and
    those that they leave with less; and which nodes were left then. Comes within (1 + step) of what `one_by_one`
    promises, without a heap.
    """
    rows = len(graph.row_starts) - 1
    nodes = rows + len(graph.column_starts) - 1
    key = np.empty(nodes, np.float64)
    total = _weights(graph, key)
    alive = np.ones(nodes, np.bool_)
    left = np.arange(nodes).astype(np.int32)
    order = np.empty(nodes, np.int32)
    count, remaining, best, best_gone, gone = nodes, nodes, -1.0, 0, 0
    while remaining > 0:
        kept, least = 0, np.inf
        for place in range(count):
            node = left[place]
            if alive[node]:
                left[kept] = node
                kept += 1
                least = min(least, key[node])
        count = kept
        line = max(least, 0.0) * (1.0 + step) + 1e-12
        first, last = gone, gone
        for place in range(count):
            node = left[place]
            if key[node] <= line:
                alive[node] = False
                order[last] = node
                last += 1
        while first < last:
            if total / remaining > best:
                best, best_gone = total / remaining, first
            node = order[first]
            first += 1
            remaining -= 1
            is_row = node < rows
            own = node if is_row else node - rows
            starts = graph.row_starts if is_row else graph.column_starts
            near = graph.row_near if is_row else graph.column_near
            total -= key[node]
            for edge in range(starts[own], starts[own + 1]):
                other = rows + near[edge] if is_row else near[edge]
                weight = graph.weights[near[edge]] if is_row else graph.weights[own]
                if key[other] < 0.0:
                    continue
                key[other] -= weight
                if alive[other] and key[other] <= line:
                    alive[other] = False
                    order[last] = other
                    last += 1
            key[node] = -1.0  # its edges are gone
        gone = last
    found = np.zeros(nodes, np.bool_)
    for at in range(best_gone, nodes):
        found[order[at]] = True
    return best, found


@nb.njit(cache=True, nogil=True)
def pruned(graph: Any, line: float) -> Any:
    """Which nodes are left when all with less weight than `line` among those left are gone."""
    rows = len(graph.row_starts) - 1
    nodes = rows + len(graph.column_starts) - 1
    key = np.empty(nodes, np.float64)
    _weights(graph, key)
    alive = np.ones(nodes, np.bool_)
    waiting = np.empty(nodes, np.int32)
    last = 0
    for node in range(nodes):
        if key[node] < line:
            alive[node] = False
            waiting[last] = node
            last += 1
    first = 0
    while first < last:
        node = waiting[first]
        first += 1
        is_row = node < rows
        own = node if is_row else node - rows
        starts = graph.row_starts if is_row else graph.column_starts
        near = graph.row_near if is_row else graph.column_near
        for edge in range(starts[own], starts[own + 1]):
            other = rows + near[edge] if is_row else near[edge]
            weight = graph.weights[near[edge]] if is_row else graph.weights[own]
            if alive[other]:
                key[other] -= weight
                if key[other] < line:
                    alive[other] = False
                    waiting[last] = other
                    last += 1
    return alive


@nb.njit(cache=True, nogil=True)
def _up(heap: Any, places: Any, key: Any, at: int) -> None:
    node = heap[at]
    while at > 0:
        above = (at - 1) >> 1
        if key[heap[above]] <= key[node]:
            break
        heap[at] = heap[above]
        places[heap[at]] = at
        at = above
    heap[at] = node
    places[node] = at


@nb.njit(cache=True, nogil=True)
def _down(heap: Any, places: Any, key: Any, at: int, count: int) -> None:
    node = heap[at]
    while True:
        child = 2 * at + 1
        if child >= count:
            break
        if child + 1 < count and key[heap[child + 1]] < key[heap[child]]:
            child += 1
        if key[heap[child]] >= key[node]:
            break
        heap[at] = heap[child]
        places[heap[at]] = at
        at = child
    heap[at] = node
    places[node] = at


@nb.njit(cache=True, nogil=True)
def one_by_one(graph: Any) -> tuple[float, Any]:
    """The greatest density on the way when always the node of least weight goes; and which nodes were left then."""
    rows = len(graph.row_starts) - 1
    nodes = rows + len(graph.column_starts) - 1
    key = np.empty(nodes, np.float64)
    total = _weights(graph, key)
    heap = np.arange(nodes).astype(np.int32)
    places = heap.copy()
    for at in range(nodes // 2 - 1, -1, -1):
        _down(heap, places, key, at, nodes)
    alive = np.ones(nodes, np.bool_)
    order = np.empty(nodes, np.int32)
    count, best, best_count = nodes, -1.0, 0
    while count > 0:
        if total / count > best:
            best, best_count = total / count, count
        node = heap[0]
        order[nodes - count] = node
        alive[node] = False
        total -= key[node]
        count -= 1
        heap[0] = heap[count]
        places[heap[0]] = 0
        if count > 0:
            _down(heap, places, key, 0, count)
        is_row = node < rows
        own = node if is_row else node - rows
        starts = graph.row_starts if is_row else graph.column_starts
        near = graph.row_near if is_row else graph.column_near
        for edge in range(starts[own], starts[own + 1]):
            other = rows + near[edge] if is_row else near[edge]
            weight = graph.weights[near[edge]] if is_row else graph.weights[own]
            if alive[other]:
                key[other] -= weight
                _up(heap, places, key, places[other])
    left = np.zeros(nodes, np.bool_)
    for at in range(nodes - best_count, nodes):
        left[order[at]] = True
    return best, left


@nb.njit(cache=True, nogil=True)
def inside(rows: Any, columns: Any, alive: Any, row_count: int) -> Any:
    """Which edges have both ends alive; rows stand before columns in `alive`."""
    found = np.empty(len(rows), np.bool_)
    for edge in range(len(rows)):
        found[edge] = alive[rows[edge]] and alive[row_count + columns[edge]]
    return found


@nb.njit(cache=True, nogil=True)
def shuffled(columns: Any, seed: Any) -> Any:
    """`columns` in another order (Fisher and Yates): every row and every column keeps its number of edges.

    Draws by splitmix64, so that a seed gives the same order everywhere and for ever.
    """
    out = columns.copy()
    state = np.uint64(seed)
    for last in range(len(out) - 1, 0, -1):
        state += np.uint64(0x9E3779B97F4A7C15)
        drawn = state
        drawn = (drawn ^ (drawn >> np.uint64(30))) * np.uint64(0xBF58476D1CE4E5B9)
        drawn = (drawn ^ (drawn >> np.uint64(27))) * np.uint64(0x94D049BB133111EB)
        drawn ^= drawn >> np.uint64(31)
        # The upper 32 bits, scaled: as even as 2**32 allows (Lemire 2019), without a division.
        at = np.int64(((drawn >> np.uint64(32)) * np.uint64(last + 1)) >> np.uint64(32))
        held = out[at]
        out[at] = out[last]
        out[last] = held
    return out
