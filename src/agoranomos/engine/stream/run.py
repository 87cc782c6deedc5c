"""Hands events to monitors in order, and wakes them when their time has come."""

from __future__ import annotations

from collections.abc import Container, Iterator, Sequence
from datetime import datetime
from functools import cached_property
from typing import overload

from agoranomos.engine.stream.monitor import Monitor, Out, Output, Refusal
from agoranomos.kernel.errors import Conflict
from agoranomos.kernel.events import Event

FORESEEN = 512
"""Events that monitors are shown at a time: enough for bulk work to pay, few enough to be forgotten again."""


class OfTypes(Sequence[Event]):
    """Those of `events` that are of one of `kinds`, picked out when somebody looks: most monitors hear events as they
    come.
    """

    def __init__(self, events: Sequence[Event], kinds: Container[str]) -> None:
        self._events, self._kinds = events, kinds

    @cached_property
    def _picked(self) -> list[Event]:
        kinds = self._kinds
        return [event for event in self._events if event.type in kinds]

    def __len__(self) -> int:
        return len(self._picked)

    def __iter__(self) -> Iterator[Event]:
        return iter(self._picked)

    @overload
    def __getitem__(self, place: int) -> Event: ...
    @overload
    def __getitem__(self, place: slice) -> list[Event]: ...
    def __getitem__(self, place: int | slice) -> Event | list[Event]:
        return self._picked[place]


class Run:
    """Monitors in the order in which they hear; `now` is the time of the latest event so far."""

    def __init__(self, monitors: Sequence[Monitor], *, now: datetime | None = None) -> None:
        names = [monitor.name for monitor in monitors]
        if len(set(names)) < len(names):
            raise Conflict("two monitors have one name; their states would overwrite each other")
        self.monitors = tuple(monitors)
        self.now = now
        self._out = Out()
        self._wants = [frozenset(monitor.hears) for monitor in monitors]
        self._hear: dict[str, tuple[int, ...]] = {
            kind: tuple(place for place, kinds in enumerate(self._wants) if kind in kinds)
            for kind in frozenset().union(*self._wants)
        }
        self._due: list[datetime | None] = [monitor.due() for monitor in monitors]
        self._next = self._first_due()

    @property
    def hears(self) -> frozenset[str]:
        """The types of event that anybody hears."""
        return frozenset(self._hear)

    def feed(self, events: Sequence[Event]) -> list[Output]:
        """What the monitors say about `events`, which are in order, and about what fell due before each.

        An event older than the one before is heard at once; time does not run backwards for it.
        """
        for start in range(0, len(events), FORESEEN):
            part = events[start : start + FORESEEN]
            self._show(part)
            for event in part:
                self._advance(event.time)
                self._let_hear(event)
        self._wake(self.now)  # what an event itself made due at once
        return self._out.take()

    def refused(self) -> list[Refusal]:
        """The events that a monitor could not use, since the last time."""
        return self._out.take_refused()

    def pass_until(self, now: datetime) -> list[Output]:
        """What falls due until `now` although nothing happens."""
        self._advance(now)
        return self._out.take()

    def _show(self, events: Sequence[Event]) -> None:
        for monitor, kinds in zip(self.monitors, self._wants, strict=True):
            monitor.foresee(OfTypes(events, kinds))

    def _advance(self, now: datetime) -> None:
        if self.now is None or now > self.now:
            self.now = now
        self._wake(self.now)

    def _wake(self, now: datetime | None) -> None:
        """Wakes who is due, the earliest first; at one moment in the order of the monitors."""
        while now is not None and self._next is not None and self._next <= now:
            due, place = min((due, place) for place, due in enumerate(self._due) if due is not None)
            self._wakes(place, due)
            self._ask(place)
            again = self._due[place]
            if again is not None and again <= due:
                raise Conflict(f"the monitor {self.monitors[place].name} wants to be woken for ever at {again}")

    def _let_hear(self, event: Event) -> None:
        """All that want to hear `event`, in their order."""
        for place in self._hear.get(event.type, ()):
            self.monitors[place].hear(event, self._out)
            self._ask(place)

    def _wakes(self, place: int, due: datetime) -> None:
        """The monitor at `place` is woken."""
        self.monitors[place].wake(due, self._out)

    def _ask(self, place: int) -> None:
        """When the monitor at `place` wants to be woken now."""
        due = self.monitors[place].due()
        if due != self._due[place]:
            self._set(place, due)

    def _set(self, place: int, due: datetime | None) -> None:
        self._due[place] = due
        self._next = due if len(self._due) == 1 else self._first_due()

    def _first_due(self) -> datetime | None:
        return min((due for due in self._due if due is not None), default=None)
