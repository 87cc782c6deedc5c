"""The contract of a desk whose rules are the same over a history and over the store.

Its rules ask what they have to know through ports, so that one text of them runs in a replay, where everything is in
memory, and live, where it lies in tables, which several processes share and which grow beyond any memory.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import Protocol

import msgspec

from agoranomos.engine.stream.monitor import Out, Output
from agoranomos.goods.evidence.model import Weight
from agoranomos.goods.evidence.scales import weigh
from agoranomos.goods.trade.memory import MemoryTrade
from agoranomos.kernel.events import Event

Said = Output | Weight
"""What a desk says: findings and actions, and what it knows of a listing beside what others know."""


class Desk(Protocol):
    """Rules over events. `due` is when it next wants to be woken, on the events' own clock; woken, it is later."""

    @property
    def name(self) -> str: ...

    @property
    def hears(self) -> Sequence[str]: ...

    def hear(self, event: Event) -> Sequence[Said]: ...
    def due(self) -> datetime | None: ...
    def wake(self, now: datetime) -> Sequence[Said]: ...


class Memory(Protocol):
    """What a desk remembers in a replay."""

    def state(self) -> bytes: ...
    def resume(self, state: bytes) -> None: ...


class DeskMonitor:
    """A desk with its memory in this process: see `engine.stream.Monitor`.

    `trade` hears what was sold before the desk hears it. `only_weighs`: it puts weights on the scales and says nothing
    else; so it is where the same desk speaks from tables.
    """

    def __init__(
        self, desk: Desk, trade: MemoryTrade, memory: Memory, version: str, *, only_weighs: bool = False
    ) -> None:
        self.name = desk.name
        self.version = version
        self.hears: Iterable[str] = tuple(dict.fromkeys((*trade.hears, *desk.hears)))
        self._desk = desk
        self._trade = trade
        self._memory = memory
        self._only_weighs = only_weighs

    def foresee(self, events: Sequence[Event]) -> None:
        """Hears one event after another."""

    def hear(self, event: Event, out: Out) -> None:
        """What was sold, and then what follows from it."""
        if event.type in self._trade.hears:
            self._trade.hear(event)
        if event.type in self._desk.hears:
            self._say(self._desk.hear(event), out)

    def due(self) -> datetime | None:
        """When the desk wants to be woken."""
        return self._desk.due()

    def wake(self, now: datetime, out: Out) -> None:
        """The desk's time has come."""
        self._say(self._desk.wake(now), out)

    def state(self) -> bytes:
        """What was sold and what the desk remembers."""
        return msgspec.msgpack.encode((self._trade.state(), self._memory.state()))

    def resume(self, state: bytes) -> None:
        """See `state`."""
        trade, memory = msgspec.msgpack.decode(state, type=tuple[bytes, bytes])
        self._trade.resume(trade)
        self._memory.resume(memory)

    def _say(self, said: Sequence[Said], out: Out) -> None:
        for each in said:
            if isinstance(each, Weight):
                weigh(out, each)
            elif not self._only_weighs:
                out.say(each)
