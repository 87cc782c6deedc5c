"""The contract of the rooms about conduct, whose rules are the same over a history and over the store.

Rules ask what they have to know through ports, and hand on what is to be done to hands. In a replay both are in memory;
live they are tables, which several processes share. One text of the rules, two drivers.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from datetime import datetime
from typing import Protocol

from agoranomos.engine.stream.monitor import Out, Output
from agoranomos.kernel.events import Event

Suspects = Callable[[str], float]
"""How probably a text says or suspects that goods are fake (0..1)."""


def nobody_suspects(text: str) -> float:  # noqa: ARG001 - the form of `Suspects`
    """Where nobody reads complaints."""
    return 0.0


class Desk(Protocol):
    """Rules over events. `due` is when it next wants to be woken, on the events' own clock; woken, it is later."""

    @property
    def name(self) -> str: ...

    @property
    def hears(self) -> Sequence[str]: ...

    def hear(self, event: Event) -> Sequence[Output]: ...
    def due(self) -> datetime | None: ...
    def wake(self, now: datetime) -> Sequence[Output]: ...


class Memory(Protocol):
    """What a desk remembers in a replay."""

    def state(self) -> bytes: ...
    def resume(self, state: bytes) -> None: ...


class DeskMonitor:
    """A desk with its memory in this process: see `engine.stream.Monitor`."""

    def __init__(self, desk: Desk, memory: Memory, version: str) -> None:
        self.name = desk.name
        self.version = version
        self.hears: Iterable[str] = tuple(desk.hears)
        self._desk = desk
        self._memory = memory

    def foresee(self, events: Sequence[Event]) -> None:
        """Hears one event after another."""

    def hear(self, event: Event, out: Out) -> None:
        """What follows from the event."""
        out.say(*self._desk.hear(event))

    def due(self) -> datetime | None:
        """When the desk wants to be woken."""
        return self._desk.due()

    def wake(self, now: datetime, out: Out) -> None:
        """The desk's time has come."""
        out.say(*self._desk.wake(now))

    def state(self) -> bytes:
        """What the desk remembers."""
        return self._memory.state()

    def resume(self, state: bytes) -> None:
        """See `state`."""
        self._memory.resume(state)
