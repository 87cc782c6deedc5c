"""Puts any number of events in order within a bounded memory: sorted runs on disk, merged.

External merge sort (Knuth, The Art of Computer Programming, volume 3, section 5.4).
"""

from __future__ import annotations

import heapq
import itertools
import struct
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path
from typing import IO, Final

import msgspec

RUN_BYTES_MAX: Final = 64 << 20
"""Of text held in memory before a run is written; the objects around it come to about as much again."""
_MERGED_MAX: Final = 64
"""Runs open at a time; more are merged into longer ones first."""
_BLOCK_ROWS: Final = 256
_OVERHEAD_BYTES: Final = 250  # of a tuple with two short strings, a bytes object and two integers

Entry = tuple[int, str, str, bytes, int, str]
"""(time in microseconds since 1970, source, id, the line, its number among all, type): sorts as the contract says.

The line takes part, so that the order does not depend on which file came first.
"""
_ENTRIES = msgspec.msgpack.Decoder(list[Entry])
_LENGTH = struct.Struct(">I")


class Sorter:
    """Takes entries in any order and leaves sorted runs of them in `folder`."""

    def __init__(self, folder: Path, *, run_bytes_max: int = RUN_BYTES_MAX) -> None:
        self._folder = folder
        self._run_bytes_max = run_bytes_max
        self._held: list[Entry] = []
        self._held_bytes = 0
        self._runs: list[Path] = []

    def add(self, entry: Entry) -> None:
        """One more entry."""
        self._held.append(entry)
        self._held_bytes += len(entry[3]) + _OVERHEAD_BYTES
        if self._held_bytes >= self._run_bytes_max:
            self._spill()

    def runs(self) -> list[Path]:
        """The runs of all entries that were added."""
        if self._held:
            self._spill()
        return self._runs

    def _spill(self) -> None:
        self._held.sort()
        path = self._folder / f"run-{len(self._runs)}"
        _write(path, self._held)
        self._runs.append(path)
        self._held, self._held_bytes = [], 0


def merged(runs: Sequence[str | Path], folder: Path) -> Iterator[Entry]:
    """All entries of `runs` in order. Many are merged into longer ones in `folder` first; all are gone at the end."""
    waiting = [Path(run) for run in runs]
    for number in itertools.count():
        if len(waiting) <= _MERGED_MAX:
            break
        shortest, waiting = waiting[:_MERGED_MAX], waiting[_MERGED_MAX:]
        longer = folder / f"merged-{number}"
        _write(longer, heapq.merge(*map(_read, shortest)))
        waiting.append(longer)
    yield from _read(waiting[0]) if len(waiting) == 1 else heapq.merge(*map(_read, waiting))


def _write(path: Path, entries: Iterable[Entry]) -> None:
    with path.open("wb") as file:
        for block in _blocks(entries):
            raw = msgspec.msgpack.encode(block)
            file.write(_LENGTH.pack(len(raw)))
            file.write(raw)


def _blocks(entries: Iterable[Entry]) -> Iterator[list[Entry]]:
    rest = iter(entries)
    while block := list(itertools.islice(rest, _BLOCK_ROWS)):
        yield block


def _read(path: Path) -> Iterator[Entry]:
    with path.open("rb") as file:
        while block := _block(file):
            yield from block
    path.unlink()


def _block(file: IO[bytes]) -> list[Entry]:
    head = file.read(_LENGTH.size)
    return _ENTRIES.decode(file.read(_LENGTH.unpack(head)[0])) if head else []
