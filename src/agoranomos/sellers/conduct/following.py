"""Live: reads the event log behind its end and lets the desks hear.

Everything of a step, and how far it came, is one transaction under one turn: an event is heard once whatever is
killed, and in the order of arrival. Alarms ring on the events' own clock; where the log is at its end and belongs to
these days, the clock goes on with that of the machine.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import datetime, timedelta
from typing import Final

import sqlalchemy as sa

from agoranomos.engine.stream.monitor import Output
from agoranomos.intake.following import next_part
from agoranomos.intake.queries import read_types_after
from agoranomos.kernel import dialects
from agoranomos.kernel.dialects import upsert
from agoranomos.sellers.conduct.desk import Desk
from agoranomos.sellers.conduct.tables import conduct_progress

STEP_EVENTS_MAX: Final = 2_000
HISTORY: Final = timedelta(days=1)
"""A log whose newest event was older than this when it came is a history that was read in; its clock stands still."""
_NAME: Final = "sellers"
_FOLLOWING: Final = 0x73656C6C657201  # "seller": the advisory lock of whoever follows

Keep = Callable[[sa.Connection, Sequence[Output], datetime], None]
"""Keeps what desks said, in the given transaction."""


def follow(connection: sa.Connection, desks: Sequence[Desk], keep: Keep, now: datetime) -> bool:
    """Hears the next part of the log; whether it has reached the end. `desks` look into the store by `connection`."""
    take_turn(connection)
    row = connection.execute(sa.select(conduct_progress).where(conduct_progress.c.name == _NAME)).first()
    heard = sorted({kind for desk in desks for kind in desk.hears})
    found, position, at_end = next_part(connection, heard, row.position if row else 0, STEP_EVENTS_MAX)
    clock = row.heard_until if row else None
    dues = [desk.due() for desk in desks]  # asked again only of those that have heard something since
    for each in found:
        _pass_until(connection, desks, dues, keep, each.event.time, now)
        for place, desk in enumerate(desks):
            if each.event.type in desk.hears:
                _keep(connection, keep, desk.hear(each.event), now)
                dues[place] = desk.due()
        clock = max(clock or each.event.time, each.event.time)
    received = found[-1].received_at if found else (row.received_at if row else None)
    if at_end:
        clock = _clock(clock, received, now)
        _pass_until(connection, desks, dues, keep, clock, now)
    progress = {"name": _NAME, "position": position, "heard_until": clock, "received_at": received}
    if row is None or tuple(progress.values()) != tuple(row._mapping[name] for name in progress):
        upsert(connection, conduct_progress, [progress], ["name"])
    return at_end


def is_behind(connection: sa.Connection, desks: Sequence[Desk]) -> bool:
    """Whether the log holds something that `desks` have yet to hear."""
    query = sa.select(conduct_progress.c.position).where(conduct_progress.c.name == _NAME)
    position = connection.execute(query).scalar() or 0
    heard = sorted({kind for desk in desks for kind in desk.hears})
    return bool(read_types_after(connection, heard, position, 1))


def take_turn(connection: sa.Connection) -> None:
    """Waits until nobody else changes what is kept of conduct, and holds the turn until the transaction ends."""
    dialects.take_turn(connection, _FOLLOWING)


def heard_until(connection: sa.Connection) -> datetime | None:
    """How late it is on the events' own clock; None before anything was heard."""
    query = sa.select(conduct_progress.c.heard_until).where(conduct_progress.c.name == _NAME)
    found: datetime | None = connection.execute(query).scalar()
    return found


def _pass_until(
    connection: sa.Connection, desks: Sequence[Desk], dues: list[datetime | None], keep: Keep, moment: datetime | None,
    now: datetime,
) -> None:  # fmt: skip
    if moment is None:
        return
    for place, desk in enumerate(desks):
        while (due := dues[place]) is not None and due <= moment:
            _keep(connection, keep, desk.wake(due), now)
            dues[place] = desk.due()


def _keep(connection: sa.Connection, keep: Keep, said: Sequence[Output], now: datetime) -> None:
    if said:
        keep(connection, said, now)


def _clock(heard: datetime | None, received_at: datetime | None, now: datetime) -> datetime | None:
    if heard is None or received_at is None or received_at - heard > HISTORY:
        return heard
    return max(heard, now)
