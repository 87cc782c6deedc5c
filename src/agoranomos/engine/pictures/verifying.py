"""Whether two pictures show the same: marks that look alike must also lie alike. Compiled.

Every pair of alike marks proposes by itself how one picture lies in the other: moved, turned, zoomed, perhaps
mirrored. The proposal that most pairs follow is made an affine map by least squares, and its followers are counted.
"""

from __future__ import annotations

import math
from typing import Any

import numpy as np
from numba.extending import intrinsic

from agoranomos.engine.compiled import nb

ALIKE_BITS = 30
"""Most bits, of 112, in which two marks of one place differ; unrelated ones differ in 56, give or take 5."""
FOUND = 12
"""Numbers of a finding: followers, possible, spread, six of the affine map, mirrored, seen share, covered share."""
FOLLOWERS_MIN = 4
"""Marks that must follow a map: three fit one by chance."""
_PAIRS = 400


@intrinsic
def _ones(_typing: Any, word: Any) -> Any:  # noqa: ARG001 - numba looks at the names
    """The bits of a uint64 that are set: one instruction, and of a whole row of words at once."""

    def generated(_context: Any, builder: Any, _signature: Any, words: Any) -> Any:
        return builder.ctpop(words[0])

    return nb.uint64(nb.uint64), generated


@nb.njit(cache=True, nogil=True)
def _nearest(one: Any, other: Any, known: Any) -> Any:
    """The bits to the nearest of the `known` codes (uint64, n x 2), and which that is: bits times 65,536, plus row."""
    best = np.uint64(1 << 62)
    for j in range(len(known)):
        bits = _ones(one ^ known[j, 0]) + _ones(other ^ known[j, 1])
        best = min(best, bits << np.uint64(16) | np.uint64(j))
    return best


@nb.njit(cache=True, nogil=True)
def _alike(codes: Any, known: Any, pairs: Any, apart: Any) -> int:
    """Fills `pairs` (int32, n x 2) with each mark's nearest known one, `apart` with the bits; their number."""
    count = 0
    for i in range(len(codes)):
        best = _nearest(codes[i, 0], codes[i, 1], known)
        if best >> np.uint64(16) <= ALIKE_BITS and count < len(pairs):
            pairs[count, 0], pairs[count, 1] = i, best & np.uint64(0xFFFF)
            apart[count] = best >> np.uint64(16)
            count += 1
    return count


@nb.njit(cache=True, nogil=True)
def worth_comparing(codes: Any, known: Any, ends: Any, chosen: Any, count: int) -> int:
    """Keeps, of the first `count` pictures in `chosen`, those with `FOLLOWERS_MIN` marks alike; their number.

    Of the pictures that an index proposes, few have. `known` uint64 (marks, 2) of all pictures, parted at `ends`.
    """
    kept = 0
    for k in range(count):
        own = known[ends[chosen[k]] : ends[chosen[k] + 1]]
        alike = 0
        for i in range(len(codes)):
            alike += _nearest(codes[i, 0], codes[i, 1], own) >> np.uint64(16) <= ALIKE_BITS
            if alike == FOLLOWERS_MIN:
                chosen[kept] = chosen[k]
                kept += 1
                break
    return kept


@nb.njit(inline="always")
def _turn(angle: Any) -> Any:
    """The angle brought to -pi..pi."""
    return angle - np.float32(2 * math.pi) * np.float32(round(angle / (2 * math.pi)))


@nb.njit(cache=True, nogil=True)
def _followers(places: Any, flags: Any, others: Any, other_flags: Any, pairs: Any, count: int, view: Any,
               mirrored: bool, slack: float, inside: Any) -> int:  # fmt: skip
    """How many pairs follow the affine map `view` (a, b, c, d, e, f) from known to asked; marks them in `inside`."""
    a, b, c, d, e, f = view[0], view[1], view[2], view[3], view[4], view[5]
    inside[:count] = False
    area = -(a * e - b * d) if mirrored else a * e - b * d
    # A map that crushes, or stretches one way more than twice the other, is no edit of a picture.
    if area < 0.0025 or area > 400 or a * a + b * b + d * d + e * e > 2.5 * area:
        return 0
    zoom = math.sqrt(area)
    wide = zoom if zoom > 1 else 1.0
    turned = math.atan2(d - b, a + e) if not mirrored else math.atan2(d + b, a - e)
    found = 0
    for k in range(count):
        i, j = pairs[k, 0], pairs[k, 1]
        inside[k] = False
        if (flags[i] != other_flags[j]) != mirrored:
            continue
        x, y = others[j, 0], others[j, 1]
        dx = a * x + b * y + c - places[i, 0]
        dy = d * x + e * y + f - places[i, 1]
        near = slack * wide + np.float32(0.5) * places[i, 2]
        if dx * dx + dy * dy > near * near:
            continue
        ratio = places[i, 2] / (others[j, 2] * zoom)
        if ratio > 1.6 or ratio < 0.625:
            continue
        angle = turned - others[j, 3] if mirrored else turned + others[j, 3]
        if abs(_turn(angle - places[i, 3])) > 0.45:
            continue
        inside[k] = True
        found += 1
    return found


@nb.njit(cache=True, nogil=True)
def _fit(places: Any, others: Any, pairs: Any, count: int, inside: Any, view: Any) -> bool:
    """Least squares: the affine map of the pairs marked in `inside`, into `view`; False when they lie on a line."""
    n = 0
    mx = my = 0.0
    for k in range(count):
        if inside[k]:
            mx += others[pairs[k, 1], 0]
            my += others[pairs[k, 1], 1]
            n += 1
    if n < FOLLOWERS_MIN:
        return False
    mx /= n
    my /= n
    sxx = sxy = syy = 0.0
    ux = uy = vx = vy = mu = mv = 0.0
    for k in range(count):
        if inside[k]:
            x = others[pairs[k, 1], 0] - mx
            y = others[pairs[k, 1], 1] - my
            u, v = places[pairs[k, 0], 0], places[pairs[k, 0], 1]
            sxx += x * x
            sxy += x * y
            syy += y * y
            ux += u * x
            uy += u * y
            vx += v * x
            vy += v * y
            mu += u
            mv += v
    det = sxx * syy - sxy * sxy
    if det <= 0.02 * (sxx + syy) ** 2:
        return False
    a, b = (ux * syy - uy * sxy) / det, (uy * sxx - ux * sxy) / det
    d, e = (vx * syy - vy * sxy) / det, (vy * sxx - vx * sxy) / det
    view[0], view[1], view[2] = a, b, mu / n - a * mx - b * my
    view[3], view[4], view[5] = d, e, mv / n - d * mx - e * my
    return True


@nb.njit(inline="always")
def _propose(place: Any, other: Any, mirrored: bool, view: Any) -> None:
    """The similarity that one pair of marks proposes, into `view`."""
    zoom = place[2] / other[2]
    turned = place[3] + other[3] if mirrored else place[3] - other[3]
    cos, sin = zoom * math.cos(turned), zoom * math.sin(turned)
    a, b, d, e = cos, -sin, sin, cos
    if mirrored:
        b, e = sin, -cos
    view[0], view[1], view[2] = a, b, place[0] - a * other[0] - b * other[1]
    view[3], view[4], view[5] = d, e, place[1] - d * other[0] - e * other[1]


@nb.njit(inline="always")
def _cell(at: Any, length: Any) -> Any:
    return min(31, max(0, int(at * 32 / length)))


@nb.njit(cache=True, nogil=True)
def _distinct(places: Any, pairs: Any, side: int, count: int, inside: Any, width: Any, height: Any) -> int:
    """Followers at different places: two marks of one spot, or ten on one letter, count once a cell of 32 x 32."""
    taken = np.zeros((32, 32), np.bool_)
    found = 0
    for k in range(count):
        if inside[k]:
            j = pairs[k, side]
            cx, cy = _cell(places[j, 0], width), _cell(places[j, 1], height)
            if not taken[cy, cx]:
                taken[cy, cx] = True
                found += 1
    return found


@nb.njit(cache=True, nogil=True)
def compare(codes: Any, places: Any, flags: Any, size: Any, known: Any, others: Any, other_flags: Any, other_size: Any,
            found: Any) -> bool:  # fmt: skip
    """Compares an asked picture with a known one; False when no map has four followers.

    `codes`, `known` uint64 (n, 2); `places`, `others` float32 (n, 4): x, y, sigma, angle; `flags` whether the mark was
    mirrored to its normal form; sizes (width, height). `found` float32 (FOUND) is filled.
    """
    pairs = np.empty((_PAIRS, 2), np.int32)
    apart = np.empty(_PAIRS, np.int32)
    count = _alike(codes, known, pairs, apart)
    if count < FOLLOWERS_MIN:
        return False
    view = np.empty(6, np.float64)
    best_view = np.empty(6, np.float64)
    inside = np.zeros(_PAIRS, np.bool_)
    best, best_mirrored = 0, False
    slack = 0.03 * math.sqrt(size[0] * size[1])
    order = np.argsort(apart[:count])
    for k in order[:60]:
        i, j = pairs[k, 0], pairs[k, 1]
        mirrored = flags[i] != other_flags[j]
        _propose(places[i], others[j], mirrored, view)
        followers = _followers(places, flags, others, other_flags, pairs, count, view, mirrored, slack, inside)
        if followers > best:
            best, best_mirrored = followers, mirrored
            best_view[:] = view
    if best < FOLLOWERS_MIN:
        return False
    view[:] = best_view
    _followers(places, flags, others, other_flags, pairs, count, view, best_mirrored, slack, inside)
    for _ in range(3):
        if not _fit(places, others, pairs, count, inside, view):
            view[:] = best_view
            _followers(places, flags, others, other_flags, pairs, count, view, best_mirrored, slack, inside)
            break
        _followers(places, flags, others, other_flags, pairs, count, view, best_mirrored, slack * 0.5, inside)
    _measure(places, size, others, other_size, pairs, count, inside, view, found)
    found[9] = best_mirrored
    return bool(found[0] >= FOLLOWERS_MIN)


@nb.njit(cache=True, nogil=True)
def _measure(places: Any, size: Any, others: Any, other_size: Any, pairs: Any, count: int, inside: Any, view: Any,
             found: Any) -> None:  # fmt: skip
    """Fills `found`: distinct followers, marks that could have followed, spread, map, shares seen and covered."""
    width, height = size[0], size[1]
    a, b, c, d, e, f = view[0], view[1], view[2], view[3], view[4], view[5]
    followers = min(
        _distinct(places, pairs, 0, count, inside, width, height),
        _distinct(others, pairs, 1, count, inside, other_size[0], other_size[1]),
    )
    zoom = math.sqrt(abs(a * e - b * d))
    possible = 0
    counted = np.zeros((32, 32), np.bool_)
    for j in range(len(others)):
        x, y = a * others[j, 0] + b * others[j, 1] + c, d * others[j, 0] + e * others[j, 1] + f
        if 4 <= x < width - 4 and 4 <= y < height - 4 and others[j, 2] * zoom > 1.7:
            cx, cy = _cell(others[j, 0], other_size[0]), _cell(others[j, 1], other_size[1])
            if not counted[cy, cx]:
                counted[cy, cx] = True
                possible += 1
    # How far the followers are spread over the known picture: the area within one standard deviation, as a share.
    n = 0
    mx = my = sxx = syy = sxy = 0.0
    for k in range(count):
        if inside[k]:
            x, y = others[pairs[k, 1], 0] / other_size[0], others[pairs[k, 1], 1] / other_size[1]
            n += 1
            mx += x
            my += y
            sxx += x * x
            syy += y * y
            sxy += x * y
    spread = 0.0
    if n > 1:
        mx, my = mx / n, my / n
        spread = max(0.0, (sxx / n - mx * mx) * (syy / n - my * my) - (sxy / n - mx * my) ** 2)
    seen = 0
    for j in range(16):
        for i in range(16):
            px, py = (i + 0.5) * other_size[0] / 16, (j + 0.5) * other_size[1] / 16
            x, y = a * px + b * py + c, d * px + e * py + f
            if 0 <= x < width and 0 <= y < height:
                seen += 1
    found[0] = followers
    found[1] = possible
    found[2] = math.sqrt(spread)
    found[3], found[4], found[5], found[6], found[7], found[8] = a, b, c, d, e, f
    found[10] = seen / 256
    found[11] = min(1.0, seen / 256 * abs(a * e - b * d) * other_size[0] * other_size[1] / (width * height))
