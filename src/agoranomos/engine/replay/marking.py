"""Monitors hear a history, and each thing they say is marked with its place in what all monitors together say.

The marks are in the order in which one process would say it: before an event those who are due, by time, then by
their place; then those who hear the event, by their place. So what any number of processes say can be merged, by the
marks alone, into the same files.
"""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Sequence
from datetime import datetime
from operator import itemgetter
from typing import Final

from agoranomos.engine.replay.desks import Place
from agoranomos.engine.replay.history import Stretch, microseconds, moment
from agoranomos.engine.stream.monitor import Monitor, Output, Refusal
from agoranomos.engine.stream.run import Run
from agoranomos.kernel.events import Event

Mark = tuple[int, int, int, int, int]
"""The number of the event; 0 when it is said before the event, 1 when about it; if before, when it was due in
microseconds since 1970; the monitor's seat and its place there. Of equal marks the order is that of saying.
"""
Marked = tuple[Mark, Output | Refusal]
_mark = itemgetter(0)
_BEFORE: Final = 0
_ABOUT: Final = 1


class MarkedRun(Run):
    """A run of monitors that have places; they are given in the order of these."""

    def __init__(self, seated: Sequence[tuple[Place, Monitor]]) -> None:
        super().__init__([monitor for _, monitor in seated])
        self._places = [place for place, _ in seated]
        self._said: list[Marked] = []
        self._first, self._times_us = 0, [0]
        self._number = 0  # of the event that is heard; between two, of the one after the last that was

    def hear(self, stretch: Stretch) -> list[Marked]:
        """What is said about the events of `stretch`, and by whom its time wakes."""
        self._first, self._times_us = stretch.first, stretch.times_us
        hear = self._hear
        wanted = [each for each in stretch.wanted if each[1].type in hear]
        self._show([event for _, event in wanted])
        self._hear_all(wanted)
        self.pass_until(moment(stretch.times_us[-1]))
        said, self._said = self._said, []
        return said

    def _hear_all(self, wanted: Sequence[tuple[int, Event]]) -> None:
        """What `Run.feed` does for each event, in one loop: it goes round for every event of every seat."""
        out, who, monitors, dues = self._out, self._hear, self.monitors, self._due
        for number, event in wanted:
            if self._next is not None and self._next <= event.time:
                self._advance(event.time)
            self._number = number
            for place in who[event.type]:
                monitor = monitors[place]
                monitor.hear(event, out)
                if out.spoken:
                    self._note((number, _ABOUT, 0, *self._places[place]))
                due = monitor.due()
                if due is not dues[place] and due != dues[place]:
                    self._set(place, due)
            self._number = number + 1

    def _wakes(self, place: int, due: datetime) -> None:
        super()._wakes(place, due)
        if self._out.spoken:
            due_us = microseconds(due)
            # Before the first event that is not earlier, but after the one that made it due, however late that was.
            number = max(self._number, self._first + bisect_left(self._times_us, due_us))
            self._note((number, _BEFORE, due_us, *self._places[place]))

    def _note(self, mark: Mark) -> None:
        self._said += [(mark, said) for said in (*self._out.take(), *self._out.take_refused())]


def heard_apart(runs: Sequence[MarkedRun], stretch: Stretch) -> list[Marked]:
    """What all `runs` say about `stretch`, each of which hears it to its end before the next begins, in order.

    Nothing of one is of use to another, so that the processor finds what it needs closer by.
    """
    said = [marked for run in runs for marked in run.hear(stretch)]
    said.sort(key=_mark)  # stable, as what is said of one mark stays in its order
    return said
