"""The contract of a desk whose rules are the same over a history and over the store.

Its rules ask what they have to know through ports, so that one text of them runs in a replay, where everything is in
memory, and live, where it lies in tables, which several processes share and which grow beyond any memory.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import Protocol

from agoranomos.engine.stream.monitor import Out, Output
from agoranomos.goods.trade.memory import MemoryTrade
from agoranomos.kernel.events import Event


class Desk(Protocol):
    """Rules over events. `due` is when it next wants to be woken, on the events' own clock; woken, it is later."""

    @property
    def name(self) -> str: ...

    @property
    def hears(self) -> Sequence[str]: ...

    def hear(self, event: Event) -> list[Output]: ...
    def due(self) -> datetime | None: ...
    def wake(self, now: datetime) -> list[Output]: ...


class Memory(Protocol):
    """What a desk remembers in a replay."""

    def state(self) -> bytes: ...
    def resume(self, state: bytes) -> None: ...


class DeskMonitor:
    """A desk in a replay: see `engine.stream.Monitor`. `trade` hears what was sold before the desk hears it."""

    def __init__(self, desk: Desk, trade: MemoryTrade, memory: Memory, version: str) -> None:
        self.name = desk.name
        self.version = version
        self.hears: Iterable[str] = tuple(dict.fromkeys((*trade.hears, *desk.hears)))
        self._desk = desk
        self._trade = trade
        self._memory = memory

    def foresee(self, events: Sequence[Event]) -> None:
        """Hears one event after another."""

    def hear(self, event: Event, out: Out) -> None:
        """What was sold, and then what follows from it."""
        if event.type in self._trade.hears:
            self._trade.hear(event)
        if event.type in self._desk.hears:
            out.say(*self._desk.hear(event))

    def due(self) -> datetime | None:
        """When the desk wants to be woken."""
        return self._desk.due()

    def wake(self, now: datetime, out: Out) -> None:
        """The desk's time has come."""
        out.say(*self._desk.wake(now))

    def state(self) -> bytes:
        """What was sold and what the desk remembers; four bytes say where one ends."""
        trade = self._trade.state()
        return len(trade).to_bytes(4, "big") + trade + self._memory.state()

    def resume(self, state: bytes) -> None:
        """See `state`."""
        length = int.from_bytes(state[:4], "big")
        self._trade.resume(state[4 : 4 + length])
        self._memory.resume(state[4 + length :])
