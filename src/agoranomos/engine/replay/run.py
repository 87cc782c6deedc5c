"""Reads files of events, puts them in order, and lets the monitors hear them on the events' own clock."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any

from agoranomos.engine.replay.desks import Desks, Seat, View, as_it_is
from agoranomos.engine.replay.hearing import Heard, Hearers, Hearing
from agoranomos.engine.replay.history import moment
from agoranomos.engine.replay.outputs import REJECTS, Outputs, Telling, as_said
from agoranomos.engine.replay.progress import Progress
from agoranomos.engine.replay.reading import OWN_PROCESS_BYTES_MIN, Reading, size_of
from agoranomos.engine.replay.sorting import RUN_BYTES_MAX
from agoranomos.engine.replay.work import Taken, Work
from agoranomos.engine.scan.sources import Source
from agoranomos.engine.stream.monitor import Monitor
from agoranomos.kernel.clock import rfc3339


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
    """`replay_desks` with the monitors that `make_monitors` makes, in this process."""
    desks = Desks((Seat("all", make_monitors),), lambda: view)
    return replay_desks(
        sources, desks, out, progress=progress, telling=telling, run_bytes_max=run_bytes_max,
        own_process_bytes_min=own_process_bytes_min,
    )  # fmt: skip


def replay_desks(
    sources: Sequence[Source],
    desks: Desks,
    out: Path,
    *,
    progress: Progress,
    telling: Telling = as_said,
    processes: int = 1,
    run_bytes_max: int = RUN_BYTES_MAX,
    own_process_bytes_min: int = OWN_PROCESS_BYTES_MIN,
) -> dict[str, Any]:
    """Lets the desks hear the events of `sources` in order; writes the files of the contract, of actions what `telling`
    leaves, into `out`. The desks get ready while the events are read. With several `processes` they are shared out
    among them, where files of at least `own_process_bytes_min` make that pay.

    Returns the summary. It holds no seconds: the same input gives the same bytes, whatever the number of processes.
    Memory is bounded by `run_bytes_max` and what the monitors know; the disk of `out` needs room for about as much as
    the events take and what is said.
    """
    with Outputs(out, telling) as outputs:
        work = Work(tuple(sources), str(outputs.draft), str(outputs.draft / REJECTS), run_bytes_max)
        if processes > 1 and len(desks.seats) > 1 and size_of(sources) >= own_process_bytes_min:
            taken, heard = _shared(work, desks, outputs, processes, progress)
        else:
            taken, heard = _here(work, desks, outputs, own_process_bytes_min, progress)
        summary = _summary(taken, heard, outputs.actions)
        outputs.finish(summary)
    return summary


def _here(
    work: Work, desks: Desks, outputs: Outputs, own_process_bytes_min: int, progress: Progress
) -> tuple[Taken, Heard]:
    """All desks in this process; the events are read beside it where that pays."""
    with Reading(work, own_process_bytes_min=own_process_bytes_min) as reading:
        hearing = Hearing(desks)
        taken = reading.taken(progress.read)
    for lines in hearing.lines(work, taken, lambda events: progress.heard(events, taken.events)):
        outputs.write((name, text) for _, name, text in lines)
    assert hearing.heard is not None, "all stretches were heard"
    return taken, hearing.heard


def _shared(work: Work, desks: Desks, outputs: Outputs, processes: int, progress: Progress) -> tuple[Taken, Heard]:
    """The desks in processes of their own, which get ready while this one begins to read."""
    with Hearers(desks, processes, work) as hearers:
        taken = hearers.read(progress.read)
        heard = hearers.hear(taken, lambda events: progress.heard(events, taken.events))
        outputs.write(hearers.lines())
    return taken, heard


def _summary(taken: Taken, heard: Heard, actions: Mapping[str, int]) -> dict[str, Any]:
    told, counts = heard.told, heard.counts
    return {
        "events": {
            "lines": taken.lines,
            "heard": told.heard,
            "repeated": told.repeated,
            "rejected": taken.rejected + counts.refused,
        },
        "first": None if told.first_us is None else rfc3339(moment(told.first_us)),
        "last": None if told.last_us is None else rfc3339(moment(told.last_us)),
        "by_type": dict(sorted(told.types.items())),
        "findings": dict(sorted(counts.findings.items())),
        "decisions": dict(sorted(counts.decisions.items())),
        "checks": dict(sorted(counts.checks.items())),
        "actions": dict(sorted(actions.items())),
        "monitors": dict(sorted(heard.monitors.items())),
    }
