"""Which events are repeats of others, in bounded memory: a set of all identities would grow with the history.

Of the events with one identity the earliest counts; of several at one moment the first in the order of their lines,
which the merge sees by itself because they come next to each other.
"""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from pathlib import Path
from typing import Final

import numpy as np
from numpy.typing import NDArray

_BUCKETS: Final = 64
HELD_ROWS_MAX: Final = 1 << 20
"""Rows in memory before they are written: 32 MiB."""
_ROW = np.dtype([("high", ">u8"), ("low", ">u8"), ("time", ">i8"), ("number", ">u8")])
"""Half a digest of the identity, the other half, the time in microseconds, the event's number."""


class Repeats:
    """Notes events in files of `folder`, for `later` to read."""

    def __init__(self, folder: Path, *, held_rows_max: int = HELD_ROWS_MAX) -> None:
        self._folder = folder
        self._held_bytes_max = max(1, held_rows_max) * _ROW.itemsize
        self._held = bytearray()

    def note(self, source: str, identity: str, time_us: int, number: int) -> None:
        """The event with this `number`, which no other has, its identity and its time."""
        # Cryptographic: whoever could make two identities collide could make an event disappear.
        digest = hashlib.blake2b(f"{len(source)}:{source}{identity}".encode(), digest_size=16).digest()
        self._held += digest + time_us.to_bytes(8, "big", signed=True) + number.to_bytes(8, "big")
        if len(self._held) >= self._held_bytes_max:
            self.close()

    def close(self) -> None:
        """Writes what is still held."""
        rows = np.frombuffer(bytes(self._held), _ROW)
        bucket_of = rows["high"] % _BUCKETS
        for bucket in np.unique(bucket_of).tolist():
            with _path(self._folder, bucket).open("ab") as file:
                file.write(rows[bucket_of == bucket].tobytes())
        self._held.clear()


def later(folders: Sequence[Path], count: int) -> NDArray[np.bool_]:
    """By number, all of which are below `count`: whether another event with its identity, noted in whichever of the
    `folders`, has an earlier time. The files are gone afterwards.
    """
    marks = np.zeros(count, np.bool_)
    for bucket in range(_BUCKETS):
        paths = [path for folder in folders if (path := _path(folder, bucket)).exists()]
        _mark(np.concatenate([np.zeros(0, _ROW), *(np.fromfile(path, _ROW) for path in paths)]), marks)
        for path in paths:
            path.unlink()
    return marks


def _path(folder: Path, bucket: int) -> Path:
    return folder / f"repeats-{bucket}"


def _mark(rows: NDArray[np.void], marks: NDArray[np.bool_]) -> None:
    """Marks, among `rows`, those with the digest of an earlier one."""
    rows = rows[np.lexsort((rows["time"], rows["low"], rows["high"]))]
    same = (rows["high"][1:] == rows["high"][:-1]) & (rows["low"][1:] == rows["low"][:-1])
    first = np.concatenate(([True], ~same))  # of its digest
    starts = np.flatnonzero(first)
    earliest = rows["time"][starts][np.cumsum(first) - 1] if len(rows) else rows["time"]
    marks[rows["number"][rows["time"] > earliest].astype(np.int64)] = True
