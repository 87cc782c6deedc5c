"""Puts any number of events in order within a bounded memory: sorted runs on disk, merged.

External merge sort (Knuth, The Art of Computer Programming, volume 3, section 5.4).
"""

from __future__ import annotations

import heapq
import itertools
import struct
from collections.abc import Iterable, Iterator
from pathlib import Path
from types import TracebackType
from typing import IO, Final, Self

import msgspec

RUN_BYTES_MAX: Final = 64 << 20
"""Of text held in memory before a run is written; the objects around it come to about as much again."""
_MERGED_MAX: Final = 64
"""Runs open at a time; more are merged into longer ones first."""
_BLOCK_ROWS: Final = 256
_OVERHEAD_BYTES: Final = 250  # of a tuple with two short strings, a bytes object and two integers

Entry = tuple[int, str, str, bytes, int]
"""(time in microseconds since 1970, source, id, the line, its number among all): sorts as the contract says.

The line takes part, so that the order does not depend on which file came first.
"""
_ENTRIES = msgspec.msgpack.Decoder(list[Entry])
_LENGTH = struct.Struct(">I")


class Sorter:
    """Takes entries in any order and gives them back in order, once. `folder` holds the runs meanwhile."""

    def __init__(self, folder: Path, *, run_bytes_max: int = RUN_BYTES_MAX) -> None:
        self._folder = folder
        self._run_bytes_max = run_bytes_max
        self._held: list[Entry] = []
        self._held_bytes = 0
        self._runs: list[Path] = []
        self._numbers = itertools.count()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        for path in self._runs:
            path.unlink(missing_ok=True)

    def add(self, entry: Entry) -> None:
        """One more entry."""
        self._held.append(entry)
        self._held_bytes += len(entry[3]) + _OVERHEAD_BYTES
        if self._held_bytes >= self._run_bytes_max:
            self._held.sort()
            self._write(self._held)
            self._held, self._held_bytes = [], 0

    def entries(self) -> Iterator[Entry]:
        """All entries in order."""
        self._held.sort()
        if not self._runs:
            return iter(self._held)
        while len(self._runs) > _MERGED_MAX:
            shortest, self._runs = self._runs[:_MERGED_MAX], self._runs[_MERGED_MAX:]
            self._write(heapq.merge(*map(_read, shortest)))
            for path in shortest:
                path.unlink()
        return heapq.merge(self._held, *map(_read, self._runs))

    def _write(self, entries: Iterable[Entry]) -> None:
        path = self._folder / f"run-{next(self._numbers)}"
        with path.open("wb") as file:
            for block in _blocks(entries):
                raw = msgspec.msgpack.encode(block)
                file.write(_LENGTH.pack(len(raw)))
                file.write(raw)
        self._runs.append(path)


def _blocks(entries: Iterable[Entry]) -> Iterator[list[Entry]]:
    rest = iter(entries)
    while block := list(itertools.islice(rest, _BLOCK_ROWS)):
        yield block


def _read(path: Path) -> Iterator[Entry]:
    with path.open("rb") as file:
        while block := _block(file):
            yield from block


def _block(file: IO[bytes]) -> list[Entry]:
    head = file.read(_LENGTH.size)
    return _ENTRIES.decode(file.read(_LENGTH.unpack(head)[0])) if head else []
