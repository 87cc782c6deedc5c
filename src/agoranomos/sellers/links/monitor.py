"""Links over a history, in the memory of one process. Live, `following` does the same over the tables."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Final

from agoranomos.engine.stream.monitor import Out
from agoranomos.kernel.events import Event
from agoranomos.kernel.findings import Finding
from agoranomos.sellers.links.desk import HEARS, LinkDesk
from agoranomos.sellers.links.memory import Memory
from agoranomos.sellers.links.policy import Policy
from agoranomos.sellers.links.telling import VERSION

NAME: Final = "sellers.links"


class LinkMonitor:
    """See `engine.stream.Monitor`."""

    def __init__(self, policy: Policy) -> None:
        self.name = NAME
        self.version = f"{VERSION}:{policy.version}"
        self.hears = HEARS
        self._desk = LinkDesk(Memory(policy.model), policy)

    def foresee(self, events: Sequence[Event]) -> None:
        """Hears one event after another."""

    def hear(self, event: Event, out: Out) -> None:
        """What is known grows; what follows is said."""
        out.say(*self._desk.hear(event))

    def judged(self, event: Event) -> list[Finding]:
        """What is to be said of an application before it is heard; changes nothing."""
        return self._desk.judged(event)

    def due(self) -> datetime | None:
        """Nothing waits for a time."""
        return None

    def wake(self, now: datetime, out: Out) -> None:
        """Never asked for."""

    def state(self) -> bytes:
        """All rows, sellers, stores and applications."""
        return self._desk.memory.state()

    def resume(self, state: bytes) -> None:
        """See `state`."""
        self._desk.memory.resume(state)
