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
_PIXELS_MAX: Final = 1_300_000
_CELL, _CELLS = 4, 3
"""A patch is 3 x 3 cells of 4 x 4 pixels, each known by its mean."""
_COARSE: Final = 4
_FAR: Final = 32
_DETAIL: Final = 12
_PATCHES_MIN: Final = 400


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
    small: Any = grey if grey.size <= _PIXELS_MAX else grey[::2, ::2]
    keys, places = _patches(small)
    order = np.argsort(keys, kind="stable")
    keys, places = keys[order], places[order]
    moved = (places[1:] - places[:-1])[keys[1:] == keys[:-1]]
    moved = moved[np.abs(moved).sum(axis=1) >= _FAR]
    if not len(moved):
        return 0.0
    steps = moved[:, 0] * (2 * small.shape[1]) + moved[:, 1]
    most = int(np.unique(steps, return_counts=True)[1].max())
    return round(most / small.size, 4) if most >= _PATCHES_MIN else 0.0


def _blocks(picture: Any) -> Any:
    height, width = (side // _BLOCK * _BLOCK for side in picture.shape)
    cut = picture[:height, :width]
    return cut.reshape(height // _BLOCK, _BLOCK, width // _BLOCK, _BLOCK).mean(axis=(1, 3)).ravel()


def _patches(grey: Any) -> tuple[Any, Any]:
    """A number for the coarse content of each patch that holds some detail, and where it lies."""
    side = _CELL * _CELLS
    height, width = grey.shape[0] - side + 1, grey.shape[1] - side + 1
    if height < 1 or width < 1:
        return np.empty(0, np.uint64), np.empty((0, 2), np.int64)
    means = cv2.boxFilter(grey, cv2.CV_32F, (_CELL, _CELL), anchor=(0, 0), borderType=cv2.BORDER_REPLICATE)
    coarse = np.round(means / _COARSE).astype(np.uint64)
    cells = [
        coarse[row * _CELL : row * _CELL + height, column * _CELL : column * _CELL + width]
        for row in range(_CELLS)
        for column in range(_CELLS)
    ]
    keys = np.zeros((height, width), np.uint64)
    for cell in cells:
        keys = (keys << np.uint64(7)) | cell  # nine cells of seven bits
    detail = np.max(cells, axis=0) - np.min(cells, axis=0) >= _DETAIL
    return keys[detail], np.argwhere(detail)
