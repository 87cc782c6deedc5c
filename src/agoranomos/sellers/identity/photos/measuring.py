"""Measures of a grey picture: sharpness, exposure, and two prints.

Documents share one layout, so that the low frequencies by which pictures are usually known are much alike on all cards
of a kind: 64 bits of them cannot tell two cards apart. The print therefore holds the signs of 24 x 24 *middle*
frequencies of the picture at 96 x 96 (576 bits): the very letters, folds and framing of one photo. Copies of a photo
stay within 70 of those bits, other cards of the same layout are 97 and more away (docs/quality/applications.md).
`phash` has 64 bits, as the library ImageHash computes it, for photos of which a marketplace tells nothing else.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, Final

import cv2
import numpy as np

from agoranomos.engine.pictures.decoding import Grey

_WIDTH: Final = 480
"""Sharpness depends on the size; at this one small print on a card is still there when the photo is in focus."""
_DARK, _BRIGHT = 24, 250
SIDE: Final = 24
_FIRST: Final = 12


def sharpness(grey: Grey) -> float:
    """The variance of the Laplacian (Pech-Pacheco et al., 2000) at a width of 480: under 30 print is not legible."""
    height = max(1, round(grey.shape[0] * _WIDTH / grey.shape[1]))
    small = cv2.resize(grey, (_WIDTH, height), interpolation=cv2.INTER_AREA)
    return round(float(cv2.Laplacian(small, cv2.CV_64F).var()), 1)


def exposure(grey: Grey) -> tuple[float, float]:
    """The shares of the area that are black and that are burnt out."""
    return round(float(np.mean(grey < _DARK)), 3), round(float(np.mean(grey > _BRIGHT)), 3)


def print_of(grey: Grey) -> str:
    """The print of 576 bits, in hex: row by row, from the twelfth frequency on."""
    middle = _frequencies(grey, 96)[_FIRST : _FIRST + SIDE, _FIRST : _FIRST + SIDE]
    return _hex(np.round(middle, 2) > 0)


def phash_of(grey: Grey) -> str:
    """The perceptual hash of 64 bits, in hex."""
    low = np.round(_frequencies(grey, 32)[:8, :8], 2)
    return _hex(low > np.median(low))


def turned(print_: str) -> Iterator[str]:
    """The prints of the same picture mirrored, upside down, and both: frequencies of odd number change their sign."""
    bits = int(print_, 16)
    for mask in _MASKS:
        yield f"{bits ^ mask:0{len(print_)}x}"


def _frequencies(grey: Grey, side: int) -> Any:
    return cv2.dct(cv2.resize(grey, (side, side), interpolation=cv2.INTER_AREA).astype(np.float32))


def _hex(bits: Any) -> str:
    return np.packbits(bits.ravel()).tobytes().hex()


_rows, _columns = np.indices((SIDE, SIDE)) % 2
_MASKS: Final = tuple(int(_hex(each == 1), 16) for each in (_columns, _rows, (_rows + _columns) % 2))
