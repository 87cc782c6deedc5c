"""Weak signs that a picture was put together: parts that answer to compression unlike the rest, and parts that repeat.

Both are known to fail in both directions: a second save wipes out the first (Krawetz, 2007), printed patterns repeat by
themselves (Fridrich et al., 2003). They say where a person may look; they never decide.
"""

from __future__ import annotations

from typing import Any, Final

import cv2
import numpy as np

from agoranomos.engine.pictures.decoding import Grey

_QUALITY: Final = 90
_BLOCK: Final = 16
_SIDE: Final = 400
_STEP, _PATCH = 2, 8
_FAR: Final = 24
_FLAT: Final = 60.0
_PAIRS_MIN: Final = 30


def levels(grey: Grey) -> float:
    """Error levels: how far the block that changes most under one more compression stands out from its like.

    In units of the spread of blocks with as much detail; under 6 for ordinary photos.
    """
    done, stream = cv2.imencode(".jpg", grey, [cv2.IMWRITE_JPEG_QUALITY, _QUALITY])
    if not done:
        return 0.0
    again: Any = cv2.imdecode(stream, cv2.IMREAD_GRAYSCALE)
    error = _blocks(np.abs(grey.astype(np.float32) - again))
    detail = _blocks(np.abs(cv2.Laplacian(grey, cv2.CV_32F)))
    if error.size < 64:
        return 0.0
    # The error grows with the detail; what is left beyond that is looked at.
    slope = float((error * detail).sum() / max(1e-6, float((detail * detail).sum())))
    left = error - slope * detail
    middle = float(np.median(left))
    spread = 1.4826 * float(np.median(np.abs(left - middle))) + 0.05
    return round(float((np.percentile(left, 99.5) - middle) / spread), 1)


def copied(grey: Grey) -> float:
    """The largest share of the area (0 to 1) that stands in the picture twice, moved by one and the same step."""
    scale = _SIDE / max(grey.shape)
    small: Any = cv2.resize(grey, None, fx=scale, fy=scale, interpolation=cv2.INTER_AREA) if scale < 1 else grey
    features, places = _patches(small)
    if len(places) < 2:
        return 0.0
    order = np.lexsort(features.T[::-1])
    features, places = features[order], places[order]
    same = np.all(features[1:] == features[:-1], axis=1)
    moved = places[1:][same] - places[:-1][same]
    moved = np.where((moved[:, :1] < 0) | ((moved[:, :1] == 0) & (moved[:, 1:] < 0)), -moved, moved)
    moved = moved[np.abs(moved).sum(axis=1) >= _FAR]
    if not len(moved):
        return 0.0
    counts = np.unique(moved, axis=0, return_counts=True)[1]
    most = int(counts.max())
    return round(most * _STEP * _STEP / small.size, 4) if most >= _PAIRS_MIN else 0.0


def _blocks(picture: Any) -> Any:
    height, width = (side // _BLOCK * _BLOCK for side in picture.shape)
    cut = picture[:height, :width]
    return cut.reshape(height // _BLOCK, _BLOCK, width // _BLOCK, _BLOCK).mean(axis=(1, 3)).ravel()


def _patches(grey: Grey) -> tuple[Any, Any]:
    """The coarse content of each patch that holds something, and where it lies."""
    windows = np.lib.stride_tricks.sliding_window_view(grey, (_PATCH, _PATCH))[::_STEP, ::_STEP]
    rows, columns = windows.shape[:2]
    flat = windows.reshape(rows * columns, _PATCH, _PATCH).astype(np.float32)
    full = flat.var(axis=(1, 2)) > _FLAT
    quarters = flat[full].reshape(-1, 4, 2, 4, 2).mean(axis=(2, 4)).reshape(-1, 16)
    places = np.argwhere(full.reshape(rows, columns)) * _STEP
    return np.round(quarters / 4).astype(np.int16), places
