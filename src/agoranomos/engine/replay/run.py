"""Reads files of events, puts them in order, and lets the monitors hear them on the events' own clock."""

from __future__ import annotations

import os
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from datetime import UTC, datetime, timedelta
from itertools import islice
from pathlib import Path
from typing import Any, Final

from agoranomos.engine.replay.outputs import LineReject, Outputs
from agoranomos.engine.replay.progress import Progress
from agoranomos.engine.replay.repeats import Repeats
from agoranomos.engine.replay.sorting import RUN_BYTES_MAX, Sorter
from agoranomos.engine.scan.sources import Source
from agoranomos.engine.stream.lines import lines
from agoranomos.engine.stream.monitor import Monitor
from agoranomos.engine.stream.run import FORESEEN, Run
from agoranomos.kernel.clock import rfc3339
from agoranomos.kernel.errors import Invalid
from agoranomos.kernel.events import Event, parse_line

_EPOCH: Final = datetime(1970, 1, 1, tzinfo=UTC)
_MICROSECOND: Final = timedelta(microseconds=1)

View = Callable[[Event], Event]
"""An event as monitors see it: without what only few may see."""


def as_it_is(event: Event) -> Event:
    """The whole event, as it came."""
    return event


def replay(
    sources: Sequence[Source],
    monitors: Sequence[Monitor],
    out: Path,
    *,
    progress: Progress,
    view: View = as_it_is,
    run_bytes_max: int = RUN_BYTES_MAX,
) -> dict[str, Any]:
    """Lets `monitors` hear the events of `sources` in order, each through `view`; writes the files of the contract into
    `out`.

    Returns the summary. It holds no seconds: the same input gives the same bytes. Memory is bounded by
    `run_bytes_max` and what the monitors know; the disk of `out` needs room for about as much as the events take.
    """
    with Outputs(out) as outputs, Sorter(outputs.draft, run_bytes_max=run_bytes_max) as sorter:
        history = _History(outputs, sorter, progress)
        history.read(sources)
        run = Run(monitors)
        heard = 0
        for part in _parts(map(view, history.events())):
            outputs.say(run.feed(part))
            for refusal in run.refused():
                outputs.reject(refusal)
            heard += len(part)
            progress.heard(heard, history.taken)
        summary = {
            "events": {
                "lines": history.lines,
                "heard": heard,
                "repeated": history.repeated,
                "rejected": outputs.rejects,
            },
            "first": history.first and rfc3339(history.first),
            "last": run.now and rfc3339(run.now),
            "by_type": dict(sorted(history.types.items())),
            "findings": dict(sorted(outputs.findings.items())),
            "decisions": dict(sorted(outputs.decisions.items())),
            "checks": dict(sorted(outputs.checks.items())),
            "actions": dict(sorted(outputs.actions.items())),
            "monitors": {monitor.name: monitor.version for monitor in run.monitors},
        }
        outputs.finish(summary)
    return summary


class _History:
    """The events of all files, first read, then in order."""

    def __init__(self, outputs: Outputs, sorter: Sorter, progress: Progress) -> None:
        self.lines = self.taken = self.repeated = 0
        self.types: Counter[str] = Counter()
        self.first: datetime | None = None
        self._outputs = outputs
        self._sorter = sorter
        self._repeats = Repeats(outputs.draft)
        self._progress = progress

    def read(self, sources: Sequence[Source]) -> None:
        """Reads all lines; those that are no events become rejects."""
        for source, name in zip(sources, short_names([source.path for source in sources]), strict=True):
            last = 0
            try:
                for number, line in lines(source):
                    last = number
                    self.lines += 1
                    self._line(name, number, line)
            except Invalid as error:  # the file itself
                self._outputs.reject(LineReject(name, last + 1, error.message, error.pointer))

    def _line(self, name: str, number: int, line: bytes) -> None:
        try:
            event = parse_line(line)
        except Invalid as error:
            self._outputs.reject(LineReject(name, number, error.message, error.pointer))
            return
        time_us = (event.time - _EPOCH) // _MICROSECOND
        self._repeats.note(event.source, event.id, time_us, self.taken)
        self._sorter.add((time_us, event.source, event.id, line, self.taken))
        self.taken += 1
        self._progress.read(self.lines)

    def events(self) -> Iterator[Event]:
        """The events in order, without the repeats."""
        later = self._repeats.later()
        before: tuple[str, str, int] | None = None
        for time_us, source, identity, line, number in self._sorter.entries():
            if later[number] or before == (source, identity, time_us):
                self.repeated += 1
                continue
            before = (source, identity, time_us)
            event = parse_line(line)
            self.first = self.first or event.time
            self.types[event.type] += 1
            yield event


def _parts(events: Iterator[Event]) -> Iterator[list[Event]]:
    while part := list(islice(events, FORESEEN)):
        yield part


def short_names(paths: Sequence[str]) -> list[str]:
    """The paths without the folders that they share, so that results do not depend on where the files lie."""
    common = os.path.commonpath([Path(path).resolve().parent for path in paths]) if paths else ""
    return [Path(path).resolve().relative_to(common).as_posix() for path in paths]
