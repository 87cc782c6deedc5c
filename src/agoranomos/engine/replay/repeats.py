"""Which events are repeats of others, in bounded memory: a set of all identities would grow with the history.

Of the events with one identity the earliest counts; of several at one moment the first in the order of their lines,
which the merge sees by itself because they come next to each other.
"""

from __future__ import annotations

import hashlib
from pathlib import Path
from typing import Final

import numpy as np
from numpy.typing import NDArray

_BUCKETS: Final = 64
_HELD_ROWS_MAX: Final = 1 << 20
_ROW = np.dtype([("high", ">u8"), ("low", ">u8"), ("time", ">i8"), ("number", ">u8")])
"""Half a digest of the identity, the other half, the time in microseconds, the event's number."""


class Repeats:
    """Notes every event; afterwards `later` marks those that a repeat came earlier for."""

    def __init__(self, folder: Path, *, held_rows_max: int = _HELD_ROWS_MAX) -> None:
        self._folder = folder
        self._held_rows_max = held_rows_max
        self._held = bytearray()
        self._count = 0
        self._spilled = False

    def note(self, source: str, identity: str, time_us: int, number: int) -> None:
        """The event `number` (counted from 0, none left out) with its identity and time."""
        # Cryptographic: whoever could make two identities collide could make an event disappear.
        digest = hashlib.blake2b(f"{len(source)}:{source}{identity}".encode(), digest_size=16).digest()
        self._held += digest + time_us.to_bytes(8, "big", signed=True) + number.to_bytes(8, "big")
        self._count += 1
        if len(self._held) >= self._held_rows_max * _ROW.itemsize:
            self._spill()

    def later(self) -> NDArray[np.bool_]:
        """By number: whether another event with its identity has an earlier time."""
        marks = np.zeros(self._count, np.bool_)
        if not self._spilled:
            _mark(np.frombuffer(bytes(self._held), _ROW), marks)
            return marks
        self._spill()
        for bucket in range(_BUCKETS):
            path = self._path(bucket)
            if path.exists():
                _mark(np.fromfile(path, _ROW), marks)
                path.unlink()
        return marks

    def _spill(self) -> None:
        self._spilled = True
        rows = np.frombuffer(bytes(self._held), _ROW)
        bucket_of = rows["high"] % _BUCKETS
        for bucket in range(_BUCKETS):
            with self._path(bucket).open("ab") as file:
                file.write(rows[bucket_of == bucket].tobytes())
        self._held.clear()

    def _path(self, bucket: int) -> Path:
        return self._folder / f"repeats-{bucket}"


def _mark(rows: NDArray[np.void], marks: NDArray[np.bool_]) -> None:
    """Marks, among `rows`, those with the digest of an earlier one."""
    rows = rows[np.lexsort((rows["time"], rows["low"], rows["high"]))]
    same = (rows["high"][1:] == rows["high"][:-1]) & (rows["low"][1:] == rows["low"][:-1])
    first = np.concatenate(([True], ~same))  # of its digest
    starts = np.flatnonzero(first)
    earliest = rows["time"][starts][np.cumsum(first) - 1] if len(rows) else rows["time"]
    marks[rows["number"][rows["time"] > earliest].astype(np.int64)] = True
