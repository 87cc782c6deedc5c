"""What the intake says: an event in the log, and what became of those that came in."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Final

import msgspec

from agoranomos.kernel.events import Event

LATE_AFTER: Final = timedelta(minutes=10)
"""An event that is further behind the newest one of its source is late: applied, and counted."""


class Logged(msgspec.Struct, frozen=True):
    """An event in the log, with tokens in the place of personal data; `late`: see `LATE_AFTER`."""

    position: int
    event: Event
    received_at: datetime
    late: bool


class Counts(msgspec.Struct, frozen=True):
    """How many events were accepted (`late` ones among them, and by type), and how many ignored as `repeated`
    (among them `conflicting` ones: known by source and id, but with other content).
    """

    accepted: int = 0
    repeated: int = 0
    conflicting: int = 0
    late: int = 0
    by_type: dict[str, int] = {}

    def __add__(self, other: Counts) -> Counts:
        kinds = sorted(self.by_type.keys() | other.by_type.keys())
        return Counts(
            self.accepted + other.accepted,
            self.repeated + other.repeated,
            self.conflicting + other.conflicting,
            self.late + other.late,
            {kind: self.by_type.get(kind, 0) + other.by_type.get(kind, 0) for kind in kinds},
        )
