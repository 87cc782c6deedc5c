"""What the event log keeps about people, for the schedule: clients and readers go, words go, everything else stays."""

from __future__ import annotations

from typing import Final

from agoranomos.intake.tables import intake_events
from agoranomos.kernel.retained import Kept

_E: Final = intake_events.c
WORDS: Final = (
    "complaint.filed",
    "contact.made",
    "harassment.reported",
    "return.requested",
    "review.edited",
    "review.posted",
)
FIELDS: Final = ("pictures", "text")
KEPT: Final = (
    Kept(
        kind="events.sessions", about="who signed in from which device and address", table=intake_events, at=_E.time,
        names=_E.data, where=_E.type == "session.started", least_days=200,
    ),
    Kept(
        kind="events.reads", about="who read whom", table=intake_events, at=_E.time, names=_E.data,
        where=_E.type == "data.read", least_days=90,
    ),
    Kept(
        kind="events.words", about="what people wrote in complaints, reviews and calls", table=intake_events,
        at=_E.time, action="thin", names=_E.data, where=_E.type.in_(WORDS), fields=FIELDS, least_days=200,
    ),
)  # fmt: skip
"""Monitors look back half a year at most, and keep what they know in checkpoints of their own."""
