"""From bytes to characters: which code points of a text the machine's hits cover, for all hits of a batch at once."""

from __future__ import annotations

from typing import Any

import numpy as np
import numpy.typing as npt

from agoranomos.engine.compiled import nb
from agoranomos.engine.text.folds import SOURCE_BITS

_OFFSET = (1 << SOURCE_BITS) - 1


@nb.njit(cache=True, nogil=True)
def _count(row: Any, begin: Any, end: Any, starts: Any, data: Any, first: Any, stop: Any) -> None:
    """See `characters`. Hits come in their order, so that what stands before the last one is not counted again."""
    text: Any = np.int64(-1)
    byte: Any = np.int64(0)
    count: Any = np.int64(0)
    for hit in range(len(row)):
        here = np.int64(row[hit]) * 3 + (np.int64(begin[hit]) >> SOURCE_BITS)
        at = starts[here] + (np.int64(begin[hit]) & _OFFSET)
        behind = starts[here] + (np.int64(end[hit]) & _OFFSET) + 1
        if here != text or at < byte:
            text = here
            byte = starts[here]
            count = 0
        while byte < at:
            count += data[byte] & 0xC0 != 0x80
            byte += 1
        first[hit] = count
        size = 0
        place = at
        limit = starts[here + 1]
        while place < behind or (place < limit and data[place] & 0xC0 == 0x80):
            size += data[place] & 0xC0 != 0x80
            place += 1
        stop[hit] = count + size


def characters(
    row: npt.NDArray[np.int64], begin: npt.NDArray[np.int32], end: npt.NDArray[np.int32], texts: list[str]
) -> tuple[list[int], list[int]]:
    """The first code point of each hit in its field, and the one behind it.

    row: the listing of each hit, as a place in `texts`, which holds the three fields of each listing one behind the
    other, in the order of `matching.FIELDS`; begin, end: as in `matching.Hits`.
    """
    if not len(row):
        return [], []
    encoded = [text.encode() for text in texts]
    starts = np.zeros(len(encoded) + 1, np.int64)
    np.cumsum([len(one) for one in encoded], out=starts[1:])
    data = np.frombuffer(bytearray(b"".join(encoded)), np.uint8)
    first, stop = np.empty(len(row), np.int64), np.empty(len(row), np.int64)
    _count(row, begin, end, starts, data, first, stop)
    return first.tolist(), stop.tolist()
