"""The contract of a monitor: how a desk watches the stream of events.

A monitor keeps its state in memory and tells what it finds to `Out`. It knows no clock but the events' own, no
store and no network, so that the same code runs over ten years of files and over what arrives this minute.
The model is that of a stateful operator with event-time timers (Akidau et al., "The Dataflow Model", VLDB 2015).
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import Protocol

import msgspec

from agoranomos.kernel.actions import Action
from agoranomos.kernel.decisions import Decision
from agoranomos.kernel.errors import Invalid
from agoranomos.kernel.events import Event
from agoranomos.kernel.findings import Finding

Output = Finding | Decision | Action


class Refusal(msgspec.Struct, frozen=True):
    """An event that is one of the contract but cannot be used, such as a brand without a name that can be shown."""

    source: str
    event_id: str
    reason: str
    pointer: str


class Out:
    """What monitors say, in the order in which they say it. `spoken`: whether there is anything to take."""

    def __init__(self) -> None:
        self.spoken = False
        self._said: list[Output] = []
        self._refused: list[Refusal] = []

    def say(self, *outputs: Output) -> None:
        """Findings, decisions and actions for whoever reads them next."""
        if outputs:
            self._said += outputs
            self.spoken = True

    def refuse(self, event: Event, error: Invalid) -> None:
        """`event` cannot be used: nothing is dropped silently."""
        self.spoken = True
        self._refused.append(Refusal(event.source, event.id, error.message, error.pointer))

    def take_refused(self) -> list[Refusal]:
        """What was refused since the last time."""
        refused, self._refused = self._refused, []
        self.spoken = bool(self._said)
        return refused

    def take(self) -> list[Output]:
        """What was said since the last time."""
        said, self._said = self._said, []
        self.spoken = bool(self._refused)
        return said


class Monitor(Protocol):
    """A desk's part in the stream. The same events in the same order give the same outputs.

    `name` and `version` are kept with its state: state of another version is not resumed, but made again from
    the log.
    """

    @property
    def name(self) -> str: ...

    @property
    def version(self) -> str: ...

    @property
    def hears(self) -> Iterable[str]:
        """The types of event that it wants."""

    def foresee(self, events: Sequence[Event]) -> None:
        """The events (of the types it hears) that come next, in order: a chance to judge many at once.

        It may change how fast `hear` answers, never what.
        """

    def hear(self, event: Event, out: Out) -> None:
        """An event, at its place in time."""

    def due(self) -> datetime | None:
        """When it next wants to be woken, if ever."""

    def wake(self, now: datetime, out: Out) -> None:
        """The time asked for has come. Afterwards `due` is later than `now`, or None."""

    def state(self) -> bytes:
        """Everything that it knows."""

    def resume(self, state: bytes) -> None:
        """Knows again what `state` said, and nothing else."""
