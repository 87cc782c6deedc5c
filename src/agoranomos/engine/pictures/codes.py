"""The 112 bits of a mark, which of them are in doubt, and the keys under which it is looked up. Compiled.

A word of a code holds 56 bits: two keys of 24, then 8 more. Bits are taken from the numbers of a patch that keep their
sign best under edits, most steady first and dealt out to the four keys in turn, so that the keys are equally good and a
shorter key (the lower bits of one) is made of its steadiest bits.
"""

from __future__ import annotations

from typing import Any, Final

import numpy as np

from agoranomos.engine.compiled import nb
from agoranomos.engine.pictures.patches import MIRROR_SIGNS

CHIRAL: Final = 2
"""The number, the net gradient across a patch's main direction, whose sign is made positive by mirroring."""
TABLES: Final = 4
KEY_BITS: Final = 24
DOUBTS: Final = 22
"""So many bits of each mark, those nearest to zero, are kept as doubtful."""

# Steadiest first; left out are numbers that are nearly always of one sign. Ranked on photos of garments and shoes.
_STEADY = (
    25, 9, 89, 34, 11, 8, 114, 42, 10, 50, 66, 65, 36, 98, 35, 4, 81, 18, 74, 27, 33, 13, 12, 73, 80, 41, 49, 88, 100,
    82, 44, 24, 52, 32, 58, 116, 29, 106, 75, 83, 60, 57, 26, 51, 91, 20, 124, 43, 90, 38, 28, 93, 122, 68, 72, 23,
    120, 84, 37, 121, 40, 96, 6, 14, 115, 54, 99, 108, 15, 56, 46, 76, 97, 92, 118, 31, 125, 112, 113, 85, 53, 95, 22,
    48, 102, 77, 59, 123, 45, 70, 62, 105, 107, 71, 30, 126, 104, 61, 127, 78, 86, 39, 101, 87, 94, 117, 110, 55, 109,
    47, 79, 63,
)  # fmt: skip
# Their standard deviations, in ten thousandths.
_DEVIATIONS = (
    1045, 1794, 438, 1392, 1100, 919, 417, 908, 976, 611, 910, 453, 892, 599, 913, 998, 415, 539, 716, 344, 768, 536,
    834, 491, 221, 808, 671, 173, 332, 465, 654, 262, 452, 583, 314, 232, 246, 448, 399, 264, 277, 440, 303, 419, 194,
    472, 155, 568, 257, 433, 298, 152, 188, 465, 281, 220, 152, 305, 421, 173, 414, 212, 457, 413, 175, 270, 275, 242,
    327, 198, 344, 378, 221, 197, 142, 161, 112, 153, 204, 174, 247, 112, 273, 254, 199, 225, 231, 118, 315, 268, 167,
    217, 211, 169, 176, 94, 165, 154, 95, 227, 178, 276, 152, 123, 120, 112, 148, 152, 133, 197, 139, 105,
)  # fmt: skip


def _dealt(values: tuple[int, ...]) -> list[int]:
    """`values` in the order of the bits: keys 0 and 1, eight more, keys 2 and 3, eight more."""
    keys = [list(values[table : TABLES * KEY_BITS : TABLES]) for table in range(TABLES)]
    rest = list(values[TABLES * KEY_BITS :])
    return [*keys[0], *keys[1], *rest[:8], *keys[2], *keys[3], *rest[8:]]


_NUMBER: Final = np.array(_dealt(_STEADY), np.int32)
_SCALE: Final = np.array([1e4 / each for each in _dealt(_DEVIATIONS)], np.float32)
_SIGN: Final = MIRROR_SIGNS[_NUMBER].astype(np.float32)
BITS: Final = len(_NUMBER)


@nb.njit(cache=True, nogil=True)
def encode(numbers: Any, codes: Any, doubts: Any, flags: Any) -> None:
    """Fills `codes` and `doubts` (uint64, n x 2) and `flags` (bool: was mirrored) from `numbers` (float32, n x 128)."""
    step: Any = np.empty(BITS, np.int64)
    tally = np.empty(256, np.int64)
    for k in range(len(numbers)):
        mirrored = numbers[k, CHIRAL] < 0
        flags[k] = mirrored
        codes[k] = 0
        doubts[k] = 0
        tally[:] = 0
        for bit in range(BITS):
            value = numbers[k, _NUMBER[bit]]
            if mirrored:
                value *= _SIGN[bit]
            step[bit] = min(255, np.int64(abs(value) * _SCALE[bit] * 100))
            tally[step[bit]] += 1
            if value > 0:
                codes[k, bit // 56] |= np.uint64(1) << np.uint64(bit % 56)
        # The steps below which fewer than DOUBTS bits lie, and how many more of the next step are taken.
        edge, left = 0, DOUBTS
        while tally[edge] <= left:
            left -= tally[edge]
            edge += 1
        for bit in range(BITS):
            if step[bit] < edge or (step[bit] == edge and left > 0):
                left -= step[bit] == edge
                doubts[k, bit // 56] |= np.uint64(1) << np.uint64(bit % 56)


@nb.njit(inline="always")
def key_of(words: Any, table: int, bits: int) -> Any:
    """The key of a table: `bits` bits of the two words of a code (or of its doubts)."""
    word = words[table >> 1] >> np.uint64(KEY_BITS * (table & 1))
    return np.int64(word & np.uint64((1 << bits) - 1))
