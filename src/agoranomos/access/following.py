"""Live: what the event log tells of business, reads, exports and canaries goes into tables, behind its end."""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial
from typing import Final

import sqlalchemy as sa

from agoranomos.access.canaries import actions as canaries
from agoranomos.access.exports import actions as exports
from agoranomos.access.exposure import shelf as shelves
from agoranomos.access.exposure.deciding import count_shown
from agoranomos.access.exposure.policy import Policy
from agoranomos.access.exposure.queries import StoreShelf
from agoranomos.access.exposure.tables import access_progress
from agoranomos.intake.following import Bookmark
from agoranomos.kernel.events import Event

STEP_EVENTS_MAX: Final = 250
"""Few, so that a check that waits for the row of a reader waits for milliseconds."""
HEARS: Final = (*shelves.HEARS, *exports.HEARS, "canary.planted", "data.read")
_BOOKMARK: Final = Bookmark(access_progress, "exposure", 0x61636365737301)  # "access": the lock of whoever follows


def follow(connection: sa.Connection, policy: Policy) -> bool:
    """Hears the next part of the log; whether it has reached the end. An event is heard once, in one transaction."""
    return _BOOKMARK.step(connection, HEARS, STEP_EVENTS_MAX, partial(_hear, connection, policy))


def _hear(connection: sa.Connection, policy: Policy, events: Sequence[Event]) -> None:
    shelf = StoreShelf(connection)
    for event in events:
        if event.type == "data.read":
            count_shown(shelf, event, policy)
        elif event.type in exports.HEARS:
            exports.hear(connection, event)
        elif event.type == "canary.planted":
            canaries.hear(connection, event)
        else:
            shelves.hear(shelf, event)
