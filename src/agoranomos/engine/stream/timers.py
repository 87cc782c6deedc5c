"""Alarms by key on the events' clock, for monitors."""

from __future__ import annotations

import heapq
from datetime import UTC, datetime
from typing import Final

import msgspec

_STALE_SHARE_MAX: Final = 2
"""The heap is swept when it holds this many times more entries than there are alarms."""


class Timers:
    """At most one alarm per key; setting it again moves it.

    Alarms of one moment ring in the order of their keys, so that a run is repeatable.
    """

    def __init__(self) -> None:
        self._due: dict[str, datetime] = {}
        self._heap: list[tuple[datetime, str]] = []  # also what was moved or cancelled since: see `due`

    def __len__(self) -> int:
        return len(self._due)

    def set(self, key: str, due: datetime) -> None:
        """Rings for `key` at `due`, and no longer at any earlier setting."""
        self._due[key] = due
        heapq.heappush(self._heap, (due, key))
        if len(self._heap) > 64 + _STALE_SHARE_MAX * len(self._due):
            self._heap = [(at, each) for each, at in self._due.items()]
            heapq.heapify(self._heap)

    def cancel(self, key: str) -> None:
        """No longer rings for `key`."""
        self._due.pop(key, None)

    def due(self) -> datetime | None:
        """When the next alarm rings."""
        while self._heap and self._due.get(self._heap[0][1]) != self._heap[0][0]:
            heapq.heappop(self._heap)
        return self._heap[0][0] if self._heap else None

    def ring(self, now: datetime) -> list[str]:
        """The keys whose alarms are due at `now` or before, earliest first; they are off afterwards."""
        keys = []
        while (due := self.due()) is not None and due <= now:
            key = heapq.heappop(self._heap)[1]
            del self._due[key]
            keys.append(key)
        return keys

    def state(self) -> bytes:
        """All alarms."""
        return msgspec.msgpack.encode(sorted((key, due.astimezone(UTC)) for key, due in self._due.items()))

    def resume(self, state: bytes) -> None:
        """The alarms of `state`, and no others."""
        pairs = msgspec.msgpack.decode(state, type=list[tuple[str, datetime]])
        self._due = dict(pairs)
        self._heap = [(due, key) for key, due in pairs]
        heapq.heapify(self._heap)
