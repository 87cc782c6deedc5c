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

from agoranomos.engine.text.compiled import nb

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


_RING = 13
_RING_WEIGHTS = _weights(_RING, 18)
_PATCH_WEIGHTS = _weights(GRID, GRID * GRID / 2)
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
def _angles(image: Any, x: Any, y: Any, sigma: Any, bins: Any, smooth: Any) -> None:
    """The smoothed histogram of gradient directions around a spot, into `smooth` (36 float32)."""
    height, width = image.shape
    bins[:] = 0
    step = sigma * np.float32(0.75)
    for j in range(-6, 7):
        yy = int(y + j * step + 0.5)
        if yy < 1 or yy >= height - 1:
            continue
        for i in range(-6, 7):
            xx = int(x + i * step + 0.5)
            if xx < 1 or xx >= width - 1 or i * i + j * j > 40:
                continue
            gx = image[yy, xx + 1] - image[yy, xx - 1]
            gy = image[yy + 1, xx] - image[yy - 1, xx]
            weight = _RING_WEIGHTS[j + 6, i + 6] * math.sqrt(gx * gx + gy * gy)
            at = (_atan2(gy, gx) + np.float32(_TWO_PI)) * np.float32(_ANGLES / _TWO_PI)
            low = int(at)
            part = at - low
            bins[low % _ANGLES] += weight * (1 - part)
            bins[(low + 1) % _ANGLES] += weight * part
    for k in range(_ANGLES):
        smooth[k] = (
            6 * bins[k] + 4 * (bins[k - 1] + bins[(k + 1) % _ANGLES]) + bins[k - 2] + bins[(k + 2) % _ANGLES]
        ) / 16


@nb.njit(cache=True, nogil=True, fastmath=True)
def _histogram(image: Any, x: Any, y: Any, sigma: Any, angle: Any, patch: Any, cells: Any) -> None:
    """The 4 x 4 x 8 histogram of the patch turned by `angle`, into `cells` (128 float32): RootSIFT, norm 1."""
    height, width = image.shape
    step = sigma * np.float32(REACH / GRID)
    cos, sin = math.cos(angle) * step, math.sin(angle) * step
    half = np.float32((GRID + 1) / 2)
    for j in range(GRID + 2):
        v = j - half
        for i in range(GRID + 2):
            u = i - half
            px = min(max(x + u * cos - v * sin, np.float32(0)), np.float32(width - 1.001))
            py = min(max(y + u * sin + v * cos, np.float32(0)), np.float32(height - 1.001))
            xi, yi = int(px), int(py)
            fx, fy = px - xi, py - yi
            top = image[yi, xi] + fx * (image[yi, xi + 1] - image[yi, xi])
            low = image[yi + 1, xi] + fx * (image[yi + 1, xi + 1] - image[yi + 1, xi])
            patch[j, i] = top + fy * (low - top)
    cells[:] = 0
    for j in range(1, GRID + 1):
        r0, fr = _LOWER_CELL[j - 1], _UPPER_PART[j - 1]
        for i in range(1, GRID + 1):
            c0, fc = _LOWER_CELL[i - 1], _UPPER_PART[i - 1]
            gx = patch[j, i + 1] - patch[j, i - 1]
            gy = patch[j + 1, i] - patch[j - 1, i]
            weight = math.sqrt(gx * gx + gy * gy) * _PATCH_WEIGHTS[j - 1, i - 1]
            at = (_atan2(gy, gx) + np.float32(_TWO_PI)) * np.float32(BINS / _TWO_PI)
            low_bin = int(at)
            part = at - low_bin
            b0, b1 = low_bin % BINS, (low_bin + 1) % BINS
            for dr in range(2):
                r = r0 + dr
                if r < 0 or r >= CELLS:
                    continue
                wr = weight * (fr if dr else 1 - fr)
                for dc in range(2):
                    c = c0 + dc
                    if c < 0 or c >= CELLS:
                        continue
                    w = wr * (fc if dc else 1 - fc)
                    base = (r * CELLS + c) * BINS
                    cells[base + b0] += w * (1 - part)
                    cells[base + b1] += w * part
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
    for k in range(len(spots)):
        if spots[k, 4] != octave:
            continue
        image = stack[int(spots[k, 5])]
        x, y, sigma = spots[k, 6], spots[k, 7], spots[k, 8]
        _angles(image, x, y, sigma, bins, smooth)
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
            _histogram(image, x, y, sigma, angle, patch, cells[count])
            places[count, 0] = spots[k, 0]
            places[count, 1] = spots[k, 1]
            places[count, 2] = spots[k, 2]
            places[count, 3] = angle
            origin[count] = k
            count += 1
            for near in range(-4, 5):
                smooth[(peak + near) % _ANGLES] = 0
    return count
