"""The first half of a replay: all files read, checked, and sorted onto the disk.

It needs nothing of what hears the events, so that a large history is read by a process of its own while this one
gets its monitors ready, which takes a second or two.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Iterable, Sequence
from datetime import UTC, datetime, timedelta
from multiprocessing.connection import Connection
from pathlib import Path
from types import TracebackType
from typing import IO, Final, Self

import msgspec
import numpy as np

from agoranomos.engine.replay.beside import Beside
from agoranomos.engine.replay.repeats import Repeats
from agoranomos.engine.replay.sorting import Sorter
from agoranomos.engine.replay.work import REPEATS, Taken, Work
from agoranomos.engine.scan.sources import Source
from agoranomos.engine.stream.lines import lines
from agoranomos.kernel.errors import Invalid
from agoranomos.kernel.events import check_line

OWN_PROCESS_BYTES_MIN: Final = 8 << 20
"""Of files; less is read before a process has started."""
_TOLD_EVERY: Final = 4_096
"""Lines between two messages of how far it is."""
_EPOCH: Final = datetime(1970, 1, 1, tzinfo=UTC)
_MICROSECOND: Final = timedelta(microseconds=1)


class LineReject(msgspec.Struct, frozen=True):
    """A line that was not taken; it is not repeated, since it may hold personal data."""

    file: str
    line: int
    reason: str
    pointer: str


class Reading:
    """Reads `work` from the moment that it is entered; beside this process where that pays."""

    def __init__(self, work: Work, *, own_process_bytes_min: int = OWN_PROCESS_BYTES_MIN) -> None:
        self._work = work
        large = size_of(work.sources) >= own_process_bytes_min
        self._beside = Beside("read the events", _beside, work) if large else None

    def __enter__(self) -> Self:
        if self._beside is not None:
            self._beside.__enter__()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self._beside is not None:
            self._beside.__exit__(kind, error, trace)

    def taken(self, told: Callable[[int], None]) -> Taken:
        """Waits for the end; `told` hears meanwhile how many lines have been read."""
        if self._beside is None:
            return read(self._work, told)
        while not isinstance(message := self._beside.hear(), Taken):
            told(message)
        return message


def size_of(sources: Iterable[Source]) -> int:
    """The bytes of all files."""
    return sum(source.size for source in sources)


def read(work: Work, told: Callable[[int], None]) -> Taken:
    """Reads all; the runs, and what `repeated` gives, are in the folder afterwards."""
    folder = Path(work.folder)
    with Path(work.rejects).open("ab") as rejects:
        reader = _Reader(folder, rejects, work.run_bytes_max, told)
        names = short_names([source.path for source in work.sources])
        for source, name in zip(work.sources, names, strict=True):
            reader.read(source, name)
    np.save(folder / REPEATS, reader.repeats.later())
    return Taken(reader.lines, reader.events, reader.rejected, tuple(map(str, reader.sorter.runs())))


class _Reader:
    def __init__(self, folder: Path, rejects: IO[bytes], run_bytes_max: int, told: Callable[[int], None]) -> None:
        self.lines = self.events = self.rejected = 0
        self.sorter = Sorter(folder, run_bytes_max=run_bytes_max)
        self.repeats = Repeats(folder)
        self._rejects = rejects
        self._told = told

    def read(self, source: Source, name: str) -> None:
        """Reads one file; lines that are no events become rejects."""
        last = 0
        try:
            for number, line in lines(source):
                last = number
                self.lines += 1
                self._line(name, number, line)
                if self.lines % _TOLD_EVERY == 0:
                    self._told(self.lines)
        except Invalid as error:  # the file itself
            self._reject(name, last + 1, error)

    def _line(self, name: str, number: int, line: bytes) -> None:
        try:
            event = check_line(line)
        except Invalid as error:
            self._reject(name, number, error)
            return
        time_us = (event.time - _EPOCH) // _MICROSECOND
        self.repeats.note(event.source, event.id, time_us, self.events)
        self.sorter.add((time_us, event.source, event.id, line, self.events, event.type))
        self.events += 1

    def _reject(self, name: str, number: int, error: Invalid) -> None:
        self._rejects.write(msgspec.json.encode(LineReject(name, number, error.message, error.pointer)) + b"\n")
        self.rejected += 1


def _beside(work: Work, pipe: Connection) -> Taken:
    return read(work, pipe.send)


def short_names(paths: Sequence[str]) -> list[str]:
    """The paths without the folders that they share, so that results do not depend on where the files lie."""
    common = os.path.commonpath([Path(path).resolve().parent for path in paths]) if paths else ""
    return [Path(path).resolve().relative_to(common).as_posix() for path in paths]
