"""From the bytes of a file to a small grey picture, within bounds; what cannot be read is skipped with a reason.

The header is read first, so that a picture too large is never begun. JPEG is decoded at a half, a quarter or an eighth
of its size in the frequency domain (libjpeg-turbo, through OpenCV): the whole picture is never made.
"""

from __future__ import annotations

import threading
from typing import Any, Final

import cv2
import numpy as np

from agoranomos.engine.pictures.bounds import Limits, Skip, opened
from agoranomos.engine.pictures.headers import Header

Grey = np.ndarray[tuple[int, int], np.dtype[np.uint8]]

_SIDE_MIN: Final = 16
_NOT_READ: Final = frozenset(("svg", "heic", "video", "tiff", "pdf", "html"))
_LIMITS: Final = Limits()
_REDUCED: Final = (
    (8, cv2.IMREAD_REDUCED_GRAYSCALE_8),
    (4, cv2.IMREAD_REDUCED_GRAYSCALE_4),
    (2, cv2.IMREAD_REDUCED_GRAYSCALE_2),
)


def decode(data: bytes, area: int, limits: Limits = _LIMITS) -> Grey | Skip:
    """The picture in grey, of at least `area` pixels where it has them; never more than is needed for JPEG.

    Of animated files the first frame; transparent pixels as they are stored. Bounds: see `Limits`.
    """
    head = opened(data, limits)
    if isinstance(head, Skip):
        return head
    refused = _refusal(head, limits)
    if refused:
        return Skip(refused)
    return _decoded(data, _mode(head, area))


def halved(grey: Grey, least: int) -> Grey:
    """The picture halved, by means of four pixels, for as long as `least` pixels remain."""
    while grey.size >= 4 * least:
        height, width = grey.shape[0] & ~1, grey.shape[1] & ~1
        half = (width // 2, height // 2)
        grey = cv2.resize(grey[:height, :width], half, interpolation=cv2.INTER_AREA)  # type: ignore[assignment]
    return grey


def _refusal(head: Header, limits: Limits) -> str | None:
    if head.kind in _NOT_READ:
        return "kind_not_read"
    if head.width == 0 or head.height == 0:
        return "broken"
    if head.width * head.height > (limits.jpeg_pixels_max if head.kind == "jpeg" else limits.pixels_max):
        return "too_large"
    return "too_small" if min(head.width, head.height) < _SIDE_MIN else None


def _mode(head: Header, area: int) -> int:
    if head.kind == "jpeg":
        for factor, mode in _REDUCED:
            if head.width * head.height >= area * factor * factor:
                return mode
    return cv2.IMREAD_GRAYSCALE


def _decoded(data: bytes, mode: int) -> Grey | Skip:
    _prepare()
    try:
        found: Any = cv2.imdecode(np.frombuffer(data, np.uint8), mode)
    except (cv2.error, MemoryError):
        return Skip("broken")
    if found is None or found.ndim != 2 or found.dtype != np.uint8 or found.size == 0:
        return Skip("broken")
    return found  # type: ignore[no-any-return]


_once = threading.Lock()
_prepared = False


def _prepare() -> None:
    """Called before the first picture: one thread for each (work is spread over processes), no messages on stderr."""
    global _prepared  # noqa: PLW0603 - OpenCV's own settings are global
    if not _prepared:
        with _once:
            cv2.setNumThreads(1)
            cv2.utils.logging.setLogLevel(cv2.utils.logging.LOG_LEVEL_SILENT)
            _prepared = True
