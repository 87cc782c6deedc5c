"""Spots: places of a picture that are found again after edits. Extrema of the difference of Gaussians (Lowe 2004).

Compiled. A stack is float32 of shape (6, height, width): one picture blurred more and more, three steps an octave.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from agoranomos.engine.text.compiled import nb

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
def _peaks(dog: Any, y: int, least: Any, row: Any) -> None:
    """Marks in `row` (uint8) the pixels of line y that stand out from their eight neighbours; vectorised."""
    above, here, below = dog[y - 1], dog[y], dog[y + 1]
    for x in range(_MARGIN, len(here) - _MARGIN):
        high = max(max(here[x - 1], here[x + 1]), max(max(above[x - 1], above[x]), above[x + 1]))
        high = max(high, max(max(below[x - 1], below[x]), below[x + 1]))
        low = min(min(here[x - 1], here[x + 1]), min(min(above[x - 1], above[x]), above[x + 1]))
        low = min(low, min(min(below[x - 1], below[x]), below[x + 1]))
        value = here[x]
        row[x] = ((value >= least) & (value > high)) | ((value <= -least) & (value < low))


@nb.njit(cache=True, nogil=True, fastmath=True)
def _stands_out(dogs: Any, layer: int, y: int, x: int) -> bool:
    """Whether a peak of its layer stands out from the layers beside it as well."""
    value = dogs[layer, y, x]
    sign = np.float32(1.0) if value > 0 else np.float32(-1.0)
    value *= sign
    for dy in range(-1, 2):
        for dx in range(-1, 2):
            if dogs[layer - 1, y + dy, x + dx] * sign >= value or dogs[layer + 1, y + dy, x + dx] * sign >= value:
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
def find_spots(stack: Any, octave: int, least: float, spots: Any, count: int) -> int:
    """Appends the spots of one octave to `spots` (float32, n x SPOT) from row `count`; the number of rows then.

    `least`: smallest strength in grey levels.
    """
    layers, height, width = len(stack) - 1, stack.shape[1], stack.shape[2]
    dogs = np.empty((layers, height, width), np.float32)
    for layer in range(layers):
        for y in range(height):
            for x in range(width):
                dogs[layer, y, x] = stack[layer + 1, y, x] - stack[layer, y, x]
    zoom = np.float32(1 << octave)
    row_peaks = np.zeros(width, np.uint8)
    for layer in range(1, layers - 1):
        for y in range(_MARGIN, height - _MARGIN):
            _peaks(dogs[layer], y, np.float32(least), row_peaks)
            for x in range(_MARGIN, width - _MARGIN):
                if row_peaks[x] == 0 or not _stands_out(dogs, layer, y, x):
                    continue
                value = dogs[layer, y, x]
                if count == len(spots):
                    return count
                here = dogs[layer]
                dxx = here[y, x - 1] + here[y, x + 1] - 2 * value
                dyy = here[y - 1, x] + here[y + 1, x] - 2 * value
                dxy = (here[y + 1, x + 1] + here[y - 1, x - 1] - here[y + 1, x - 1] - here[y - 1, x + 1]) / 4
                det = dxx * dyy - dxy * dxy
                if det <= 0 or (dxx + dyy) ** 2 * _EDGE >= (_EDGE + 1) ** 2 * det:
                    continue
                at_x = x + _vertex(here[y, x - 1], value, here[y, x + 1])
                at_y = y + _vertex(here[y - 1, x], value, here[y + 1, x])
                step = layer + _vertex(dogs[layer - 1, y, x], value, dogs[layer + 1, y, x])
                sigma = np.float32(SIGMA * 2.0 ** (step / STEPS))
                row = spots[count]
                row[0] = (at_x + 0.5) * zoom - 0.5
                row[1] = (at_y + 0.5) * zoom - 0.5
                row[2] = sigma * zoom
                row[3] = abs(value)
                row[4] = octave
                row[5] = layer
                row[6] = at_x
                row[7] = at_y
                row[8] = sigma
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
