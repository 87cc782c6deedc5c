"""Eight bytes of a text at once: how many of them are small letters, and what those fold to."""

from __future__ import annotations

from typing import Any

import numpy as np

from agoranomos.engine.compiled import nb

_ONES = np.uint64(0x0101010101010101)
_HIGHS = np.uint64(0x8080808080808080)


@nb.njit(inline="always")
def eight_bytes(data: Any, at: int) -> Any:
    """Eight bytes as one number, the first lowest."""
    value = np.uint64(0)
    for k in range(8):
        value |= np.uint64(data[at + k]) << np.uint64(8 * k)
    return value


@nb.njit(inline="always")
def small_letters(eight: Any) -> Any:
    """How many of the eight bytes, from the first on, are letters a to z.

    All at once (Lamport 1975): what is added carries into the highest bit of a byte from a on, and from behind z on.
    """
    low = eight & ~_HIGHS
    letters = (low + _ONES * np.uint64(128 - 97)) & ~(low + _ONES * np.uint64(127 - 122)) & ~eight & _HIGHS
    others = letters ^ _HIGHS
    count = np.int64(0)
    if others & np.uint64(0xFFFFFFFF) == 0:
        count += 4
        others >>= np.uint64(32)
    if others & np.uint64(0xFFFF) == 0:
        count += 2
        others >>= np.uint64(16)
    if others & np.uint64(0xFF) == 0:
        count += 1
        others >>= np.uint64(8)
    return count + (others == 0)


@nb.njit(inline="always")
def put_letters(out: Any, meta: Any, source: Any, at: int, eight: Any, first: Any) -> None:
    """Folds eight bytes as if all were small letters; whoever calls writes over those that are none.

    Of the letters a to z, l alone stands for another: i.
    """
    apart = eight ^ (_ONES * np.uint64(108))
    others = ((apart & ~_HIGHS) + ~_HIGHS) | apart
    folded = eight - ((~others & _HIGHS) >> np.uint64(7)) * np.uint64(3)
    for k in range(8):
        out[at + k] = np.uint8((folded >> np.uint64(8 * k)) & np.uint64(0xFF))
    for k in range(8):
        meta[at + k] = np.uint32((eight >> np.uint64(8 * k)) & np.uint64(0xFF)) << np.uint32(16)
    for k in range(8):
        source[at + k] = first + np.int32(k)
