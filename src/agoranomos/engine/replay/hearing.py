"""The second half of a replay: monitors hear the events, in this process or shared out among several.

Each process reads parts of the files as soon as its monitors are ready; then each hears all events, of which it parses
those that its own monitors hear. What it says it writes, with the marks of
`marking`, into a file of its own; at the end the files are merged. So no process waits for another, and memory stays
bounded however unevenly they go.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import ExitStack
from multiprocessing.connection import Connection, wait
from pathlib import Path
from types import TracebackType
from typing import Final, Self, cast

import msgspec

from agoranomos.engine.replay.beside import Beside
from agoranomos.engine.replay.blocks import write_block
from agoranomos.engine.replay.dealing import dealt, events_in
from agoranomos.engine.replay.desks import Desks
from agoranomos.engine.replay.history import History, Told
from agoranomos.engine.replay.marking import MarkedRun, heard_apart
from agoranomos.engine.replay.outputs import Counts, Line, MarkedLine, Teller, merged_lines
from agoranomos.engine.replay.parts import parted
from agoranomos.engine.replay.reading import Reader, together
from agoranomos.engine.replay.work import Taken, Work
from agoranomos.kernel.collecting import collect_no_history
from agoranomos.kernel.errors import Conflict

_BLOCK_LINES: Final = 256
_TOLD_EVERY: Final = 16_384
"""Events between two messages of how far it is: each wakes the process that listens."""


class Heard(msgspec.Struct):
    """What came of it: the history, counts of what was said, the versions of the monitors by their names."""

    told: Told
    counts: Counts
    monitors: dict[str, str]


class Wanting(msgspec.Struct):
    """Said by a process that would read a part; so many lines it has read."""

    lines: int


class Hearing:
    """Monitors of the desks (those of `seats`, None: all), made at once, which hear what was taken and say it in
    lines. Seats know nothing of each other here either: each hears a stretch on its own.
    """

    def __init__(self, desks: Desks, seats: Sequence[int] | None = None) -> None:
        self._runs = [MarkedRun(seated) for seated in desks.seated(seats)]
        self._monitors = _versions((each.name, each.version) for run in self._runs for each in run.monitors)
        self._view = desks.make_view()
        self._teller = Teller()
        self.heard: Heard | None = None

    def lines(self, work: Work, taken: Taken, tell: Callable[[int], None]) -> Iterator[list[MarkedLine]]:
        """What is said, stretch by stretch; `tell` hears how many events were heard. `heard` is whole afterwards."""
        history, line = History(work, taken), self._teller.line
        hears = frozenset[str]().union(*(run.hears for run in self._runs))
        for stretch in history.stretches(hears, self._view):
            yield [(mark, *line(said)) for mark, said in heard_apart(self._runs, stretch)]
            tell(history.told.heard)
        self.heard = Heard(history.told, self._teller.counts, self._monitors)


class Hearers:
    """Processes among which the desks are shared out, from the moment that this is entered; each makes its monitors at
    once, helps to read the files of `work`, and waits for the events.
    """

    def __init__(self, desks: Desks, processes: int, work: Work) -> None:
        shares = dealt(desks.seats, desks.ready_us, processes, events_in(work.sources), desks.parsed_us)
        self._work, self._of = work, 1 + len(shares)
        self._files = [Path(work.folder) / f"said-{number}" for number in range(len(shares))]
        self._each = [
            Beside("heard the events", _beside, desks, share, str(file), work, 1 + number, self._of)
            for number, (share, file) in enumerate(zip(shares, self._files, strict=True))
        ]
        self._stack = ExitStack()

    def __enter__(self) -> Self:
        with ExitStack() as stack:
            for each in self._each:
                stack.enter_context(each)
            self._stack = stack.pop_all()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._stack.close()

    def read(self, tell: Callable[[int], None]) -> Taken:
        """Reads the files, part by part, this process and all that are ready; `tell` hears how many lines were read.

        What makes a desk impossible is raised before all is read.
        """
        parts = parted(self._work.sources)
        left = list(enumerate(parts))[::-1]
        far = [0] * self._of
        busy: dict[int, Beside] = {}  # who reads a part
        readers: dict[int, Beside] = {}  # who has ever read one

        def told(lines: int) -> None:
            far[0] = lines
            for number, each in enumerate(self._each, 1):
                while each.pipe.poll():
                    message = each.hear()
                    if isinstance(message, Wanting):
                        far[number] = message.lines
                        busy.pop(number, None)
                        if left:
                            each.give(left.pop())
                            busy[number] = readers[number] = each
            tell(sum(far))

        reader = Reader(self._work, 0, self._of)
        while left:
            reader.read(*left.pop(), told)
        while busy:
            wait([each.pipe for each in busy.values()])
            told(far[0])
        for each in readers.values():
            each.give(None)
        return together(self._work, parts, [reader.share(), *(each.hear() for each in readers.values())])

    def hear(self, taken: Taken, tell: Callable[[int], None]) -> Heard:
        """Has all of them hear what was taken; `tell` hears how far the last of them is."""
        for each in self._each:
            each.give(taken)
        waiting = {each.pipe: each for each in self._each}
        far = dict.fromkeys(waiting, 0)
        done: list[Heard] = []
        while waiting:
            for ready in wait(list(waiting)):
                pipe = cast("Connection", ready)
                message = waiting[pipe].hear()
                if isinstance(message, Heard):
                    done.append(message)
                    del waiting[pipe], far[pipe]
                elif isinstance(message, int):  # no longer whoever wanted to read when nothing was left
                    far[pipe] = message
                    tell(min(far.values()))
        return _together(done)

    def lines(self) -> Iterator[Line]:
        """All that they have said, in order."""
        return merged_lines(self._files)


def _beside(desks: Desks, seats: Sequence[int], file: str, work: Work, number: int, of: int, pipe: Connection) -> Heard:
    """A process of its own: makes its monitors, reads what parts it is given, and hears what was taken of all."""
    hearing = Hearing(desks, seats)
    collect_no_history()
    taken = _read_until_taken(work, number, of, pipe)
    told = 0

    def tell(events: int) -> None:
        nonlocal told
        if events - told >= _TOLD_EVERY:
            told = events
            pipe.send(events)

    with Path(file).open("wb") as kept:
        for lines in hearing.lines(work, taken, tell):
            for start in range(0, len(lines), _BLOCK_LINES):
                write_block(kept, lines[start : start + _BLOCK_LINES])
    assert hearing.heard is not None, "all stretches were heard"
    return hearing.heard


def _read_until_taken(work: Work, number: int, of: int, pipe: Connection) -> Taken:
    """Asks for parts and reads them, says what came of all of them when there are no more, and waits for what was
    taken of those of everybody.
    """
    reader: Reader | None = None
    lines = 0

    def told(read: int) -> None:
        nonlocal lines
        lines = read

    pipe.send(Wanting(lines))
    while not isinstance(message := pipe.recv(), Taken):
        reader = reader or Reader(work, number, of)
        if message is None:
            pipe.send(reader.share())
        else:
            place, part = message
            reader.read(place, part, told)
            pipe.send(Wanting(lines))
    return message


def _together(done: Sequence[Heard]) -> Heard:
    """What came of all shares. The history is the same for each of them."""
    counts = Counts()
    for each in done:
        counts.add(each.counts)
    return Heard(done[0].told, counts, _versions(pair for each in done for pair in each.monitors.items()))


def _versions(named: Iterable[tuple[str, str]]) -> dict[str, str]:
    """The versions of monitors by their names."""
    versions: dict[str, str] = {}
    for name, version in named:
        if name in versions:
            raise Conflict("two monitors have one name; the summary could not tell them apart")
        versions[name] = version
    return versions
