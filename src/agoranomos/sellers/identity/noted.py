"""What detectors see of an application: what was noted when it came in, and what of its photos was seen before."""

from __future__ import annotations

from typing import Final

import msgspec

from agoranomos.intake.noting import notes_of
from agoranomos.kernel.events import Event
from agoranomos.sellers.identity.book import PhotoBook, kept_of, met
from agoranomos.sellers.identity.deciding import UNSEEN
from agoranomos.sellers.identity.facts import ApplicationFacts, Verdict
from agoranomos.sellers.identity.seen import ROOM, Seen

_NOTHING_SEEN: Final = Seen(id_kind=UNSEEN, number_kind="not_seen")
"""Of an application that came in before anybody looked."""


def seen_of(event: Event) -> Seen:
    """What was seen when the application came in."""
    notes = notes_of(event, ROOM)
    return msgspec.convert(notes, Seen) if notes else _NOTHING_SEEN


def facts_of(event: Event, book: PhotoBook, verdict: Verdict) -> ApplicationFacts:
    """All that detectors see of the application that `event`, noted and with tokens in it, tells of."""
    seen = seen_of(event)
    return ApplicationFacts(seen, met(book, kept_of(event, seen)), verdict)
