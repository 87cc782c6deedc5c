"""Reads files of events, puts them in order, and lets the monitors hear them on the events' own clock."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any, Final

from agoranomos.engine.replay.outputs import REJECTS, Outputs
from agoranomos.engine.replay.progress import Progress
from agoranomos.engine.replay.reading import OWN_PROCESS_BYTES_MIN, Reading, Work, repeated
from agoranomos.engine.replay.sorting import RUN_BYTES_MAX, Entry, merged
from agoranomos.engine.scan.sources import Source
from agoranomos.engine.stream.monitor import Monitor, Output
from agoranomos.engine.stream.run import FORESEEN, Run
from agoranomos.kernel.clock import rfc3339
from agoranomos.kernel.events import Event, parse_again

_EPOCH: Final = datetime(1970, 1, 1, tzinfo=UTC)

View = Callable[[Event], Event]
"""An event as monitors see it: without what only few may see."""
Telling = Callable[[Iterable[Output]], Iterable[Output]]
"""What is written of what monitors say: whoever acts on it knows what was asked for before."""


def as_it_is(event: Event) -> Event:
    """The whole event, as it came."""
    return event


def as_said(outputs: Iterable[Output]) -> Iterable[Output]:
    """All of it."""
    return outputs


def replay(
    sources: Sequence[Source],
    make_monitors: Callable[[], Sequence[Monitor]],
    out: Path,
    *,
    progress: Progress,
    view: View = as_it_is,
    telling: Telling = as_said,
    run_bytes_max: int = RUN_BYTES_MAX,
    own_process_bytes_min: int = OWN_PROCESS_BYTES_MIN,
) -> dict[str, Any]:
    """Lets monitors hear the events of `sources` in order, each through `view`; writes the files of the contract, by
    `telling`, into `out`. `make_monitors` is called while the events are read.

    Returns the summary. It holds no seconds: the same input gives the same bytes. Memory is bounded by
    `run_bytes_max` and what the monitors know; the disk of `out` needs room for about as much as the events take.
    """
    with Outputs(out) as outputs:
        work = Work(tuple(sources), str(outputs.draft), str(outputs.draft / REJECTS), run_bytes_max)
        with Reading(work, own_process_bytes_min=own_process_bytes_min) as reading:
            run = Run(make_monitors())
            taken = reading.taken(progress.read)
        outputs.rejects += taken.rejected
        history = _History(merged(taken.runs, outputs.draft), work)
        for part in history.parts(run.hears):
            outputs.say(telling(run.feed([view(event) for event in part])))
            for refusal in run.refused():
                outputs.reject(refusal)
            progress.heard(history.heard, taken.events)
        if history.last is not None:
            outputs.say(telling(run.pass_until(history.last)))
        summary = {
            "events": {
                "lines": taken.lines,
                "heard": history.heard,
                "repeated": history.repeated,
                "rejected": outputs.rejects,
            },
            "first": history.first and rfc3339(history.first),
            "last": history.last and rfc3339(history.last),
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
    """The events in order, without the repeats; `heard` counts them all, `first` and `last` are times."""

    def __init__(self, entries: Iterator[Entry], work: Work) -> None:
        self.heard = self.repeated = 0
        self.types: Counter[str] = Counter()
        self.first: datetime | None = None
        self.last: datetime | None = None
        self._entries = entries
        self._repeated = repeated(work)

    def parts(self, wanted: frozenset[str]) -> Iterator[list[Event]]:
        """The events of the types in `wanted`, so many at a time as monitors foresee. Of others only the time counts,
        and the next event tells that as well: they need not be parsed again.
        """
        before: tuple[str, str, int] | None = None
        part: list[Event] = []
        for time_us, source, identity, line, number, kind in self._entries:
            if self._repeated[number] or before == (source, identity, time_us):
                self.repeated += 1
                continue
            before = (source, identity, time_us)
            self.heard += 1
            self.types[kind] += 1
            if self.first is None:
                self.first = _moment(time_us)
            if kind in wanted:
                part.append(parse_again(line))
            if len(part) == FORESEEN:
                yield part
                part = []
        yield part
        self.last = before and _moment(before[2])


def _moment(time_us: int) -> datetime:
    return _EPOCH + timedelta(microseconds=time_us)
