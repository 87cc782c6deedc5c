"""A monitor to try the stream with: it says what it hears, and an hour later that it has heard it."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any

import msgspec

from agoranomos.engine.stream.monitor import Out
from agoranomos.engine.stream.timers import Timers
from agoranomos.kernel.clock import rfc3339
from agoranomos.kernel.events import Event, parse_event
from agoranomos.kernel.findings import Finding, Reason, Subject, finding_id
from tests.builders import NOW


class Echo:
    """Says `test.heard` for each listing with how many it has heard, and `test.later` an hour afterwards."""

    def __init__(self, name: str = "echo", delay: timedelta = timedelta(hours=1)) -> None:
        self.name, self.version, self.hears = name, "1", ("listing.submitted",)
        self.delay = delay
        self.count = 0
        self.timers = Timers()
        self.foreseen: list[str] = []

    def foresee(self, events: Sequence[Event]) -> None:
        self.foreseen += [event.id for event in events]

    def hear(self, event: Event, out: Out) -> None:
        assert event.id in self.foreseen
        self.count += 1
        out.say(self._finding("test.heard", event.id, event.time))
        self.timers.set(event.id, event.time + self.delay)

    def due(self) -> datetime | None:
        return self.timers.due()

    def wake(self, now: datetime, out: Out) -> None:
        for identity in self.timers.ring(now):
            out.say(self._finding("test.later", identity, now))

    def state(self) -> bytes:
        return msgspec.msgpack.encode((self.count, self.timers.state()))

    def resume(self, state: bytes) -> None:
        self.count, timers = msgspec.msgpack.decode(state, type=tuple[int, bytes])
        self.timers.resume(timers)

    def _finding(self, code: str, identity: str, at: datetime) -> Finding:
        subject = Subject("listing", identity)
        reason = Reason(code, f"{self.name} {self.count}")
        return Finding(
            id=finding_id(code, subject, at), at=rfc3339(at), code=code, subject=subject, score=0.5,
            reasons=(reason,), detector=self.name, version=self.version,
        )  # fmt: skip


def make_event(identity: str, minutes: float = 0, source: str = "shop", **data: Any) -> dict[str, Any]:
    """`listing.submitted` so many minutes after NOW, as a decoded line."""
    listing = {
        "listing_id": identity,
        "store_id": "s1",
        "title": "Canvas shoes",
        "price": {"amount": 59900, "currency": "CNY"},
    }
    return {
        "specversion": "1.0", "id": identity, "source": source, "type": "listing.submitted",
        "time": rfc3339(NOW + timedelta(minutes=minutes)), "data": {**listing, **data},
    }  # fmt: skip


def event(identity: str, minutes: float = 0, **data: Any) -> Event:
    """The same, parsed."""
    return parse_event(make_event(identity, minutes, **data))
