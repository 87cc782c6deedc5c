"""Puts events that arrive a little late in order, without waiting for ever.

An event is held until its stream has moved `LATENESS` beyond it; then all that came by then are let go in the order
of the contract. Whatever comes later still is heard when it comes, and counted. (A watermark with bounded
out-of-orderness: Akidau et al., "The Dataflow Model", VLDB 2015, section 2.3.)
"""

from __future__ import annotations

import heapq
from datetime import datetime, timedelta
from typing import Final

from agoranomos.kernel.events import Event

LATENESS: Final = timedelta(minutes=10)
Held = tuple[datetime, str, str, int, Event]
"""(time, source, id, position, event): sorts as the contract says; of one identity the log holds one."""


class Reorderer:
    """Holds events back. `watermark`: what is older was let go; None before anything was.

    `newest` is the latest time of an event so far, `late` counts those that came after their turn.
    """

    def __init__(self, watermark: datetime | None = None, newest: datetime | None = None) -> None:
        self.watermark = watermark
        self.newest = newest
        self.late = 0
        self._held: list[Held] = []

    def arrive(self, position: int, event: Event) -> bool:
        """Takes `event`; False when it is too late to be held and must be heard now."""
        if self.newest is None or event.time > self.newest:
            self.newest = event.time
        if self.watermark is not None and event.time <= self.watermark:
            self.late += 1
            return False
        heapq.heappush(self._held, (event.time, event.source, event.id, position, event))
        return True

    def let_go(self, watermark: datetime | None = None) -> list[Event]:
        """What has waited long enough, in order; up to `watermark` when one is given."""
        until = watermark or (self.newest and self.newest - LATENESS)
        if until is None:
            return []
        if self.watermark is None or until > self.watermark:
            self.watermark = until
        gone: list[Event] = []
        while self._held and self._held[0][0] <= self.watermark:
            gone.append(heapq.heappop(self._held)[4])
        return gone

    def first_held(self) -> int | None:
        """The smallest position of an event that is held."""
        return min((position for _, _, _, position, _ in self._held), default=None)

    def __len__(self) -> int:
        return len(self._held)
