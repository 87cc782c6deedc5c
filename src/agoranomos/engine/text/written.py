"""What stands where a hit is: the seller's own bytes, cut out for many hits at once."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Final

import numpy as np
import numpy.typing as npt

from agoranomos.engine.text.folds import SOURCE_BITS

_OFFSET: Final = (1 << SOURCE_BITS) - 1
_LEAD: Final = 0xC0
_CONTINUED: Final = 0x80
_CHARACTER_MAX: Final = 4
"""Bytes of a character."""


class Spans:
    """Where hits stand in string columns; all arrays have one element a hit.

    field int32 (its place in `FIELDS`), start and stop int64 (bytes in the column's data), first and last int64 (of the
    whole field).
    """

    def __init__(
        self,
        columns: Sequence[tuple[npt.NDArray[Any], npt.NDArray[np.uint8]]],
        row: npt.NDArray[np.int32],
        begin: npt.NDArray[np.int32],
        end: npt.NDArray[np.int32],
    ) -> None:
        """columns: offsets (n + 1) and data (UTF-8) of each field; row, begin, end: as in `Hits`."""
        self.field = begin >> SOURCE_BITS
        self.first = np.zeros(len(row), np.int64)
        self.last = np.zeros(len(row), np.int64)
        self.stop = np.zeros(len(row), np.int64)
        self._texts = [memoryview(data) for _, data in columns]  # type: ignore[arg-type]
        for number, (offsets, data) in enumerate(columns):
            mine = np.flatnonzero(self.field == number)
            if not mine.size:
                continue
            first, last = offsets[row[mine]].astype(np.int64), offsets[row[mine] + 1].astype(np.int64)
            stop = first + (end[mine] & _OFFSET) + 1
            inside = np.ones(len(mine), np.bool_)
            for _ in range(_CHARACTER_MAX - 1):
                inside &= (stop < last) & (data[np.minimum(stop, len(data) - 1)] & _LEAD == _CONTINUED)
                stop = stop + inside
            self.first[mine], self.last[mine], self.stop[mine] = first, last, stop
        self.start = self.first + (begin & _OFFSET)

    def all(self) -> list[bytes]:
        """What each hit says."""
        places = zip(self.field.tolist(), self.start.tolist(), self.stop.tolist(), strict=True)
        return [bytes(self._texts[field][start:stop]) for field, start, stop in places]

    def before(self, hit: int, most: int) -> bytes:
        """At most so many bytes in front of one hit, in its field."""
        start = int(self.start[hit])
        return bytes(self._texts[self.field[hit]][max(int(self.first[hit]), start - most) : start])

    def behind(self, hit: int, most: int) -> bytes:
        """At most so many bytes behind one hit, in its field."""
        stop = int(self.stop[hit])
        return bytes(self._texts[self.field[hit]][stop : min(int(self.last[hit]), stop + most)])
