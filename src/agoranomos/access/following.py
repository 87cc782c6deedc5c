"""Live: what the event log tells of business, reads, exports and canaries goes into tables, behind its end."""

from __future__ import annotations

from typing import Final

import sqlalchemy as sa

from agoranomos.access.canaries import actions as canaries
from agoranomos.access.exports import actions as exports
from agoranomos.access.exposure import shelf as shelves
from agoranomos.access.exposure.deciding import count_shown
from agoranomos.access.exposure.policy import Policy
from agoranomos.access.exposure.queries import StoreShelf
from agoranomos.access.exposure.tables import access_progress
from agoranomos.intake.queries import last_position, read_types_after
from agoranomos.kernel import dialects
from agoranomos.kernel.dialects import upsert

STEP_EVENTS_MAX: Final = 250
"""Few, so that a check that waits for the row of a reader waits for milliseconds."""
HEARS: Final = (*shelves.HEARS, *exports.HEARS, "canary.planted", "data.read")
_NAME: Final = "exposure"
_FOLLOWING: Final = 0x61636365737301  # "access": the advisory lock of whoever follows


def follow(connection: sa.Connection, policy: Policy) -> bool:
    """Hears the next part of the log; whether it has reached the end. An event is heard once, in one transaction."""
    dialects.take_turn(connection, _FOLLOWING)
    known = sa.select(access_progress.c.position).where(access_progress.c.name == _NAME)
    before = connection.execute(known).scalar_one_or_none() or 0
    end = last_position(connection)  # asked first: what arrives in between is read, and read again is not
    found = read_types_after(connection, HEARS, before, STEP_EVENTS_MAX)
    shelf = StoreShelf(connection)
    for each in found:
        if each.event.type == "data.read":
            count_shown(shelf, each.event, policy)
        elif each.event.type in exports.HEARS:
            exports.hear(connection, each.event)
        elif each.event.type == "canary.planted":
            canaries.hear(connection, each.event)
        else:
            shelves.hear(shelf, each.event)
    at_end = len(found) < STEP_EVENTS_MAX
    position = max([end, *(each.position for each in found)]) if at_end else found[-1].position
    if position != before:
        upsert(connection, access_progress, [{"name": _NAME, "position": position}], ["name"])
    return at_end
