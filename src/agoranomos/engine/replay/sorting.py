"""Puts any number of events in order within a bounded memory: sorted runs on disk, merged.

External merge sort (Knuth, The Art of Computer Programming, volume 3, section 5.4).
"""

from __future__ import annotations

import itertools
from bisect import bisect_right
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Final

import msgspec

from agoranomos.engine.replay.blocks import Blocks

RUN_BYTES_MAX: Final = 64 << 20
"""Of text held in memory before a run is written; the objects around it come to about as much again."""
_MERGED_MAX: Final = 64
"""Runs open at a time; more are merged into longer ones first."""
_OVERHEAD_BYTES: Final = 250  # of a tuple with two short strings, a bytes object and two integers

Entry = tuple[int, str, str, bytes, int, str]
"""(time in microseconds since 1970, source, id, the line, its number among all, type): sorts as the contract says.

The line takes part, so that the order does not depend on which file came first.
"""
_ENTRIES: Final = Blocks(msgspec.msgpack.Decoder(list[Entry]))


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
        """The runs of all entries that were added: few enough to be read at once. Many are merged into longer ones."""
        if self._held:
            self._spill()
        for number in itertools.count():
            if len(self._runs) <= _MERGED_MAX:
                break
            shortest, longer = self._runs[:_MERGED_MAX], self._folder / f"merged-{number}"
            _ENTRIES.write(longer, merged(shortest))
            for run in shortest:
                run.unlink()
            self._runs = [*self._runs[_MERGED_MAX:], longer]
        return self._runs

    def _spill(self) -> None:
        self._held.sort()
        path = self._folder / f"run-{len(self._runs)}"
        _ENTRIES.write(path, self._held)
        self._runs.append(path)
        self._held, self._held_bytes = [], 0


def merged(runs: Sequence[str | Path]) -> Iterator[Entry]:
    """All entries of `runs` in order; any number of processes may read them."""
    rest = [_ENTRIES.blocks(Path(run)) for run in runs]
    blocks = [next(each) for each in rest]
    while len(blocks) > 1:
        # What no later block can come before is put in order at once: quicker than one entry after the other.
        bound = min(block[-1] for block in blocks)
        ready: list[Entry] = []
        for place in reversed(range(len(blocks))):
            end = bisect_right(blocks[place], bound)
            ready += blocks[place][:end]
            if end < len(blocks[place]):
                blocks[place] = blocks[place][end:]
            elif following := next(rest[place], None):
                blocks[place] = following
            else:
                del blocks[place], rest[place]
        ready.sort()
        yield from ready
    for block, others in zip(blocks, rest, strict=True):
        yield from block
        for other in others:
            yield from other
