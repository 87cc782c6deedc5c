"""Spots: places of a picture that are found again after edits. Extrema of the difference of Gaussians (Lowe 2004).

Compiled. A stack is float32 of shape (6, height, width): one picture blurred more and more, three steps an octave.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from agoranomos.engine.compiled import nb

STEPS = 3
"""Scales an octave."""
SIGMA = 1.6
"""Blur of the first layer of a stack, in its pixels."""
SPOT = 9
"""Columns of a spot: x, y, sigma (pixels of the whole picture), strength, octave, layer, x, y, sigma (of the stack)."""
_EDGE = 12.0
"""Largest ratio of the two curvatures: what is more drawn out lies on an edge and slides along it."""
_MARGIN = 4
"""Pixels beside the rim of a layer in which no spot is looked for."""


@nb.njit(cache=True, nogil=True, fastmath=True)
def _difference(one: Any, other: Any, out: Any) -> None:
    """One line of the difference of two layers; vectorised."""
    for x in range(len(out)):
        out[x] = other[x] - one[x]


@nb.njit(cache=True, nogil=True, fastmath=True)
def _peaks(above: Any, here: Any, below: Any, least: Any, row: Any) -> None:
    """Marks in `row` (uint8) the pixels of a line that stand out from their eight neighbours; vectorised."""
    for x in range(1, len(here) - 1):
        high = max(max(here[x - 1], here[x + 1]), max(max(above[x - 1], above[x]), above[x + 1]))
        high = max(high, max(max(below[x - 1], below[x]), below[x + 1]))
        low = min(min(here[x - 1], here[x + 1]), min(min(above[x - 1], above[x]), above[x + 1]))
        low = min(low, min(min(below[x - 1], below[x]), below[x + 1]))
        value = here[x]
        row[x] = ((value >= least) & (value > high)) | ((value <= -least) & (value < low))


@nb.njit(cache=True, nogil=True, fastmath=True)
def _stands_out(stack: Any, layer: int, y: int, x: int, value: Any) -> bool:
    """Whether a peak of its layer stands out from the layers beside it as well."""
    sign = np.float32(1.0) if value > 0 else np.float32(-1.0)
    value *= sign
    for beside in (layer - 1, layer + 1):
        for dy in range(-1, 2):
            for dx in range(-1, 2):
                if (stack[beside + 1, y + dy, x + dx] - stack[beside, y + dy, x + dx]) * sign >= value:
                    return False
    return True


@nb.njit(inline="always")
def _vertex(before: Any, here: Any, after: Any) -> Any:
    """Where, in -0.5..0.5, the parabola through three values has its vertex."""
    bend = before + after - 2 * here
    if bend == 0:
        return np.float32(0)
    at = (before - after) / (2 * bend)
    return min(np.float32(0.5), max(np.float32(-0.5), at))


@nb.njit(cache=True, nogil=True, fastmath=True)
def _entered(stack: Any, lines: Any, layer: int, octave: int, y: int, x: int, row: Any) -> bool:
    """Fills `row` with the spot at a peak, unless it lies on an edge; `lines`: the difference above, here and below."""
    above, here, below = lines
    value = here[x]
    dxx = here[x - 1] + here[x + 1] - 2 * value
    dyy = above[x] + below[x] - 2 * value
    dxy = (below[x + 1] + above[x - 1] - above[x + 1] - below[x - 1]) / 4
    det = dxx * dyy - dxy * dxy
    if det <= 0 or (dxx + dyy) ** 2 * _EDGE >= (_EDGE + 1) ** 2 * det:
        return False
    at_x = x + _vertex(here[x - 1], value, here[x + 1])
    at_y = y + _vertex(above[x], value, below[x])
    finer = stack[layer, y, x] - stack[layer - 1, y, x]
    coarser = stack[layer + 2, y, x] - stack[layer + 1, y, x]
    sigma = np.float32(SIGMA * 2.0 ** ((layer + _vertex(finer, value, coarser)) / STEPS))
    zoom = np.float32(1 << octave)
    row[0] = (at_x + 0.5) * zoom - 0.5
    row[1] = (at_y + 0.5) * zoom - 0.5
    row[2] = sigma * zoom
    row[3] = abs(value)
    row[4] = octave
    row[5] = layer
    row[6] = at_x
    row[7] = at_y
    row[8] = sigma
    return True


@nb.njit(cache=True, nogil=True, fastmath=True)
def find_spots(stack: Any, octave: int, least: float, spots: Any, count: int) -> int:
    """Appends the spots of one octave to `spots` (float32, n x SPOT) from row `count`; the number of rows then.

    `least`: smallest strength in grey levels. Of the differences between layers three lines are held at a time.
    """
    layers, height, width = len(stack) - 1, stack.shape[1], stack.shape[2]
    lines = np.empty((3, width), np.float32)
    peaks = np.zeros((width + 7) // 8 * 8, np.uint8)
    eight = peaks.view(np.uint64)
    for layer in range(1, layers - 1):
        for y in range(_MARGIN - 1, _MARGIN + 1):
            _difference(stack[layer, y], stack[layer + 1, y], lines[y % 3])
        for y in range(_MARGIN, height - _MARGIN):
            _difference(stack[layer, y + 1], stack[layer + 1, y + 1], lines[(y + 1) % 3])
            above, here, below = lines[(y - 1) % 3], lines[y % 3], lines[(y + 1) % 3]
            _peaks(above, here, below, np.float32(least), peaks)
            for part in range(len(eight)):
                if eight[part] == 0:
                    continue
                for x in range(max(_MARGIN, 8 * part), min(width - _MARGIN, 8 * part + 8)):
                    if peaks[x] == 0 or not _stands_out(stack, layer, y, x, here[x]):
                        continue
                    if count == len(spots):
                        return count
                    if _entered(stack, (above, here, below), layer, octave, y, x, spots[count]):
                        count += 1
    return count


@nb.njit(cache=True, nogil=True)
def spread(spots: Any, order: Any, width: int, height: int, cells: int, limit: int) -> Any:
    """The rows of up to `limit` spots: the strongest of each cell of a grid first, round by round.

    `order`: rows by falling strength. So a crop or a sticker takes its share of the spots, not all of them.
    """
    rank = np.zeros(cells * cells, np.int32)
    turn = np.empty(len(order), np.int32)
    for k in range(len(order)):
        row = spots[order[k]]
        column = min(cells - 1, int(row[0] * cells / width))
        line = min(cells - 1, int(row[1] * cells / height))
        cell = line * cells + column
        turn[k] = rank[cell]
        rank[cell] += 1
    chosen = np.argsort(turn, kind="mergesort")[:limit]
    return order[chosen]
