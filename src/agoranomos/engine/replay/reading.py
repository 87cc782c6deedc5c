"""The first half of a replay: all files read, checked, and sorted onto the disk.

It needs nothing of what hears the events, so that a large history is read by a process of its own while this one
gets its monitors ready, which takes a second or two; or by all that will hear it, each of which reads parts of it from
the moment that it is ready. Who reads what makes no difference to what comes of it.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from datetime import UTC, datetime, timedelta
from multiprocessing.connection import Connection
from pathlib import Path
from types import TracebackType
from typing import IO, Final, Self

import msgspec
import numpy as np

from agoranomos.engine.replay.beside import Beside
from agoranomos.engine.replay.parts import Part, lines_before, parted
from agoranomos.engine.replay.repeats import HELD_ROWS_MAX, Repeats, later
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


class _Rejects:
    """The rejects of a part, in a file that is there only when there are any."""

    def __init__(self, path: Path, name: str) -> None:
        self.count = 0
        self._path, self._name = path, name
        self._file: IO[bytes] | None = None

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        if self._file is not None:
            self._file.close()

    def add(self, line: int, error: Invalid) -> None:
        """The line with this number was not taken."""
        if self._file is None:
            self._file = self._path.open("wb")
        self._file.write(msgspec.json.encode(LineReject(self._name, line, error.message, error.pointer)) + b"\n")
        self.count += 1


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
    parts, reader = parted(work.sources), Reader(work)
    for place, part in enumerate(parts):
        reader.read(place, part, told)
    return together(work, parts, [reader.share()])


class Share(msgspec.Struct, frozen=True):
    """What came of the parts that one reader read; `noted` is the folder of its identities, `numbers` are those of its
    events, below which all lie.
    """

    lines: int
    events: int
    rejected: int
    runs: tuple[str, ...]
    noted: str
    numbers: int


class Reader:
    """Reads parts of `work`, as the one with `number` among `of` who read side by side."""

    def __init__(self, work: Work, number: int = 0, of: int = 1) -> None:
        self._number, self._of = number, of
        self._work_folder = Path(work.folder)
        self._folder = self._work_folder / f"read-{number}"
        self._folder.mkdir()
        self._sorter = Sorter(self._folder, run_bytes_max=max(1, work.run_bytes_max // of))
        self._repeats = Repeats(self._folder, held_rows_max=HELD_ROWS_MAX // of)
        self._lines = self._events = self._rejected = 0

    def read(self, place: int, part: Part, told: Callable[[int], None]) -> None:
        """Reads the part that has this place among all; lines that are no events become rejects. `told` hears now and
        then how many lines this one has read.
        """
        with _Rejects(_rejects_of(self._work_folder, place), part.name) as rejects:
            last = 0
            try:
                for number, line in lines(part.source, start=part.start, end=part.end):
                    last = number
                    self._lines += 1
                    try:
                        self._take(line)
                    except Invalid as error:
                        rejects.add(number, error)
                    if self._lines % _TOLD_EVERY == 0:
                        told(self._lines)
            except Invalid as error:  # the file itself
                rejects.add(last + 1, error)
            self._rejected += rejects.count
        told(self._lines)

    def share(self) -> Share:
        """What came of all that it has read."""
        runs = tuple(map(str, self._sorter.runs()))
        self._repeats.close()
        return Share(
            self._lines, self._events, self._rejected, runs, str(self._folder), self._number + self._events * self._of
        )  # fmt: skip

    def _take(self, line: bytes) -> None:
        event = check_line(line)
        time_us = (event.time - _EPOCH) // _MICROSECOND
        own = self._number + self._events * self._of
        self._repeats.note(event.source, event.id, time_us, own)
        self._sorter.add((time_us, event.source, event.id, line, own, event.type))
        self._events += 1


def together(work: Work, parts: Sequence[Part], shares: Sequence[Share]) -> Taken:
    """What came of all `parts`, of which each was read by one of those whose `shares` these are."""
    _gather_rejects(work, parts)
    repeated = later([Path(share.noted) for share in shares], max(share.numbers for share in shares))
    np.save(Path(work.folder) / REPEATS, repeated)
    return Taken(
        sum(share.lines for share in shares),
        sum(share.events for share in shares),
        sum(share.rejected for share in shares),
        tuple(run for share in shares for run in share.runs),
    )


def _gather_rejects(work: Work, parts: Sequence[Part]) -> None:
    """The rejects of all parts, in their order, counted from the beginning of their files."""
    with Path(work.rejects).open("ab") as rejects:
        for place, part in enumerate(parts):
            own = _rejects_of(Path(work.folder), place)
            if not own.exists():
                continue
            before = lines_before(part)
            with own.open("rb") as file:
                for line in file:
                    reject = msgspec.json.decode(line, type=LineReject)
                    moved = msgspec.structs.replace(reject, line=before + reject.line)
                    rejects.write(msgspec.json.encode(moved) + b"\n")
            own.unlink()


def _rejects_of(folder: Path, place: int) -> Path:
    return folder / f"rejects-{place}"


def _beside(work: Work, pipe: Connection) -> Taken:
    return read(work, pipe.send)
