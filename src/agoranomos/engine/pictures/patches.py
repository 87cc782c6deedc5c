"""What a spot looks like: gradients around it by place and direction (as SIFT, Lowe 2004), in numbers fit for signs.

Compiled. The 4 x 4 x 8 histogram is turned by a cosine transform over the places and a Fourier transform over the
directions. No training is needed: the numbers have a mean of about zero, so their signs are good bits; and a mirrored
patch has the same numbers, half of them with the other sign. So a patch is brought to one of its two mirrored forms
by the sign of one sum (`CHIRAL`), and a mirrored picture has the same codes.
"""

from __future__ import annotations

import math
from typing import Any

import numpy as np

from agoranomos.engine.compiled import nb

CELLS, BINS = 4, 8
GRID = 16
"""Samples along each side of a patch."""
REACH = 12.0
"""Side of a patch in sigmas of its spot."""
NUMBERS = CELLS * CELLS * BINS
_ANGLES = 36
_TWO_PI = 2 * math.pi


def _basis() -> tuple[np.ndarray[Any, Any], np.ndarray[Any, Any]]:
    """The transform, (128, 128) float32, and which of its rows change sign in a mirror, (128,) int8."""
    cosine = np.array([[math.cos(math.pi * (2 * j + 1) * i / (2 * CELLS)) for j in range(CELLS)] for i in range(CELLS)])
    cosine /= np.linalg.norm(cosine, axis=1, keepdims=True)
    turns = [np.ones(BINS)]
    odd_turn = [1]
    for k in range(1, BINS // 2 + 1):
        waves = np.arange(BINS) * _TWO_PI * k / BINS
        turns.append(np.cos(waves))
        odd_turn.append(1)
        if k < BINS // 2:
            turns.append(np.sin(waves))
            odd_turn.append(-1)
    wave = np.array(turns)
    wave /= np.linalg.norm(wave, axis=1, keepdims=True)
    matrix = np.einsum("ia,jb,kc->ijkabc", cosine, cosine, wave).reshape(NUMBERS, NUMBERS)
    rows = np.array([1 if i % 2 == 0 else -1 for i in range(CELLS)])
    signs = np.einsum("i,j,k->ijk", rows, np.ones(CELLS), np.array(odd_turn)).reshape(NUMBERS)
    return matrix.astype(np.float32), signs.astype(np.int8)


BASIS, MIRROR_SIGNS = _basis()


def _weights(side: int, spread: float) -> np.ndarray[Any, Any]:
    """A Gaussian over `side` x `side` samples, centred: its exponent is -r squared over `spread`; float32."""
    away = np.arange(side) - (side - 1) / 2
    return np.exp(-(away[:, None] ** 2 + away**2) / spread).astype(np.float32)


_AROUND = 6
_DISC = np.array(
    [(j, i) for j in range(-_AROUND, _AROUND + 1) for i in range(-_AROUND, _AROUND + 1) if i * i + j * j <= 40]
)
"""Samples, down and across, in which the main direction of a spot is looked for."""
_DISC_WEIGHTS = np.exp(-(_DISC**2).sum(1) / 18).astype(np.float32)
_PATCH_WEIGHTS = _weights(GRID, GRID * GRID / 2).reshape(-1)
_SAMPLE_CELLS = (np.arange(GRID) + 0.5) * CELLS / GRID - 0.5
_LOWER_CELL = np.floor(_SAMPLE_CELLS).astype(np.int64)
_UPPER_PART = (_SAMPLE_CELLS - np.floor(_SAMPLE_CELLS)).astype(np.float32)


@nb.njit(inline="always")
def _atan2(y: Any, x: Any) -> Any:
    """The angle in -pi..pi, to a thousandth."""
    ax, ay = abs(x), abs(y)
    big, small = max(ax, ay), min(ax, ay)
    if big == 0:
        return np.float32(0)
    a = small / big
    s = a * a
    r = ((np.float32(-0.0464964749) * s + np.float32(0.15931422)) * s - np.float32(0.327622764)) * s * a + a
    if ay > ax:
        r = np.float32(1.57079637) - r
    if x < 0:
        r = np.float32(3.14159274) - r
    return -r if y < 0 else r


@nb.njit(cache=True, nogil=True, fastmath=True)
def _polar(across: Any, down: Any, weights: Any, length: Any, turn: Any, bins: int) -> None:
    """Gradients as `length`, weighted, and `turn` in 0..bins; all float32 of one length; vectorised."""
    scale = np.float32(bins / _TWO_PI)
    for k in range(len(across)):
        gx, gy = across[k], down[k]
        length[k] = weights[k] * math.sqrt(gx * gx + gy * gy)
        turn[k] = (_atan2(gy, gx) + np.float32(_TWO_PI)) * scale


@nb.njit(cache=True, nogil=True, fastmath=True)
def _angles(image: Any, x: Any, y: Any, sigma: Any, room: Any, bins: Any, smooth: Any) -> None:
    """The smoothed histogram of gradient directions around a spot, into `smooth` (36 float32)."""
    height, width = image.shape
    across, down, weights, length, turn = room[0], room[1], room[2], room[3], room[4]
    step = sigma * np.float32(0.75)
    count = 0
    for k in range(len(_DISC_WEIGHTS)):
        yy, xx = int(y + _DISC[k, 0] * step + 0.5), int(x + _DISC[k, 1] * step + 0.5)
        if 1 <= yy < height - 1 and 1 <= xx < width - 1:
            across[count] = image[yy, xx + 1] - image[yy, xx - 1]
            down[count] = image[yy + 1, xx] - image[yy - 1, xx]
            weights[count] = _DISC_WEIGHTS[k]
            count += 1
    _polar(across[:count], down[:count], weights[:count], length, turn, _ANGLES)
    bins[:] = 0
    for k in range(count):
        low = int(turn[k])
        part = turn[k] - low
        bins[low % _ANGLES] += length[k] * (1 - part)
        bins[(low + 1) % _ANGLES] += length[k] * part
    for k in range(_ANGLES):
        smooth[k] = (
            6 * bins[k] + 4 * (bins[k - 1] + bins[(k + 1) % _ANGLES]) + bins[k - 2] + bins[(k + 2) % _ANGLES]
        ) / 16


@nb.njit(cache=True, nogil=True, fastmath=True)
def _sampled(image: Any, x: Any, y: Any, step: Any, angle: Any, patch: Any) -> None:
    """The patch, turned by `angle`, with one sample more on each side; beyond the rim its pixels go on."""
    height, width = image.shape
    cos, sin = math.cos(angle) * step, math.sin(angle) * step
    half = np.float32((GRID + 1) / 2)
    right, bottom = np.float32(width - 1.001), np.float32(height - 1.001)
    for j in range(GRID + 2):
        v = j - half
        for i in range(GRID + 2):
            u = i - half
            px = min(max(x + u * cos - v * sin, np.float32(0)), right)
            py = min(max(y + u * sin + v * cos, np.float32(0)), bottom)
            xi, yi = int(px), int(py)
            fx, fy = px - xi, py - yi
            top = image[yi, xi] + fx * (image[yi, xi + 1] - image[yi, xi])
            low = image[yi + 1, xi] + fx * (image[yi + 1, xi + 1] - image[yi + 1, xi])
            patch[j, i] = top + fy * (low - top)


@nb.njit(cache=True, nogil=True, fastmath=True)
def _histogram(patch: Any, room: Any, line: Any, cells: Any) -> None:
    """The 4 x 4 x 8 histogram of a patch, into `cells` (128 float32): RootSIFT, norm 1.

    Each line of samples is counted by cell and direction into `line` (float32, CELLS + 2 cells of BINS), then added to
    the two lines of cells that it lies between.
    """
    across, down, length, turn = room[0], room[1], room[3], room[4]
    for j in range(GRID):
        for i in range(GRID):
            across[j * GRID + i] = patch[j + 1, i + 2] - patch[j + 1, i]
            down[j * GRID + i] = patch[j + 2, i + 1] - patch[j, i + 1]
    _polar(across, down, _PATCH_WEIGHTS, length, turn, BINS)
    cells[:] = 0
    for j in range(GRID):
        line[:] = 0
        for i in range(GRID):
            weight, at = length[j * GRID + i], turn[j * GRID + i]
            low = int(at)
            part = at - low
            first, second = low % BINS, (low + 1) % BINS
            base = (_LOWER_CELL[i] + 1) * BINS
            further = weight * _UPPER_PART[i]
            nearer = weight - further
            line[base + first] += nearer * (1 - part)
            line[base + second] += nearer * part
            line[base + BINS + first] += further * (1 - part)
            line[base + BINS + second] += further * part
        row, upper = _LOWER_CELL[j], _UPPER_PART[j]
        inner = line[BINS : BINS + CELLS * BINS]
        if row >= 0:
            _add(cells[row * CELLS * BINS : (row + 1) * CELLS * BINS], inner, 1 - upper)
        if row + 1 < CELLS:
            _add(cells[(row + 1) * CELLS * BINS : (row + 2) * CELLS * BINS], inner, upper)
    _rooted(cells)


@nb.njit(cache=True, nogil=True, fastmath=True)
def _add(into: Any, line: Any, weight: Any) -> None:
    for k in range(len(into)):
        into[k] += weight * line[k]


@nb.njit(cache=True, nogil=True, fastmath=True)
def _rooted(cells: Any) -> None:
    """What is too strong is capped (Lowe 2004), then roots are taken (Arandjelovic, Zisserman 2012)."""
    total = np.float32(0)
    for k in range(NUMBERS):
        total += cells[k] * cells[k]
    cap = np.float32(0.2) * math.sqrt(total)
    total = np.float32(0)
    for k in range(NUMBERS):
        cells[k] = min(cells[k], cap)
        total += cells[k]
    for k in range(NUMBERS):
        cells[k] = math.sqrt(cells[k] / (total + np.float32(1e-9)))


@nb.njit(cache=True, nogil=True, fastmath=True)
def describe(stack: Any, spots: Any, octave: int, places: Any, cells: Any, origin: Any, count: int) -> int:
    """Appends the patches of the spots of one octave, from row `count`; the number of rows then.

    `places` float32 (n, 4): x, y, sigma, angle in pixels of the whole picture and radians; `cells` float32 (n, 128);
    `origin` int32 (n): the row of the spot. A spot with two main directions gives two patches.
    """
    bins = np.empty(_ANGLES, np.float32)
    smooth = np.empty(_ANGLES, np.float32)
    patch = np.empty((GRID + 2, GRID + 2), np.float32)
    room = np.empty((5, GRID * GRID), np.float32)
    line = np.empty((CELLS + 2) * BINS, np.float32)
    for k in range(len(spots)):
        if spots[k, 4] != octave:
            continue
        image = stack[int(spots[k, 5])]
        x, y, sigma = spots[k, 6], spots[k, 7], spots[k, 8]
        _angles(image, x, y, sigma, room, bins, smooth)
        most = smooth.max()
        for _ in range(2):
            if count == len(places) or most <= 0:
                break
            peak = smooth.argmax()
            height = smooth[peak]
            if height < np.float32(0.85) * most:
                break
            before, after = smooth[peak - 1], smooth[(peak + 1) % _ANGLES]
            if height < before or height < after:
                break
            bend = before + after - 2 * height
            shift = (before - after) / (2 * bend) if bend != 0 else np.float32(0)
            angle = np.float32((peak + shift) * (_TWO_PI / _ANGLES))
            _sampled(image, x, y, sigma * np.float32(REACH / GRID), angle, patch)
            _histogram(patch, room, line, cells[count])
            places[count, 0] = spots[k, 0]
            places[count, 1] = spots[k, 1]
            places[count, 2] = spots[k, 2]
            places[count, 3] = angle
            origin[count] = k
            count += 1
            for near in range(-4, 5):
                smooth[(peak + near) % _ANGLES] = 0
    return count
