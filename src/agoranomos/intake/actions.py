"""The verb of the intake, given an open transaction: take events into the log, each once."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from datetime import datetime
from types import MappingProxyType
from typing import Any, Final

import sqlalchemy as sa

from agoranomos.intake import queries
from agoranomos.intake.model import LATE_AFTER, Counts
from agoranomos.intake.personal import veiled, without_personal
from agoranomos.intake.tables import intake_events, intake_streams
from agoranomos.kernel.dialects import take_turn, upsert
from agoranomos.kernel.events import Event
from agoranomos.vault.actions import keep
from agoranomos.vault.keys import Vault
from agoranomos.vault.tokens import Personal

_APPENDING: Final = 0x6576656E7473  # "events"

Hearer = Callable[[sa.Connection, Event, datetime], None]
"""What a room does at once with an event of a type, in the transaction that takes it into the log."""
Hearers = Mapping[str, Hearer]
NOBODY: Final[Hearers] = MappingProxyType({})


def accept(
    connection: sa.Connection, vault: Vault, events: Sequence[Event], *, now: datetime, hearers: Hearers = NOBODY
) -> Counts:
    """Takes `events` into the log in this order and gives them the next positions; personal data goes to the vault.

    An event whose source and id are known is ignored and counted, whatever it says now. `hearers`, by type of event,
    hear those that are new, with tokens in the place of personal data.

    One transaction at a time appends, until it ends, so that positions become visible in their order. Without that,
    on PostgreSQL a later position could be committed before an earlier one, and a reader who has seen the later one
    would never look for the earlier again.
    """
    if not events:
        return Counts()
    take_turn(connection, _APPENDING)
    known = queries.contents(connection, {event.identity for event in events})
    fresh: list[dict[str, Any]] = []
    heard: list[Event] = []
    personal: list[Personal] = []
    repeated = conflicting = 0
    for event in events:
        data, found = without_personal(vault.keys, event)
        content = (event.type, event.time, event.subject, data)
        earlier = known.setdefault(event.identity, content)
        if earlier is content:
            fresh.append(_row(event, data, now))
            personal += found
            if event.type in hearers:
                heard.append(veiled(vault.keys, event))
        else:
            repeated += 1
            conflicting += not queries.same(earlier, content)
    _append(connection, fresh, now)
    if personal:
        keep(connection, vault, personal, now=now)
    for event in heard:
        hearers[event.type](connection, event, now)
    by_type = Counter(row["type"] for row in fresh)
    late = sum(row["late"] for row in fresh)
    return Counts(len(fresh), repeated, conflicting, late, dict(sorted(by_type.items())))


def hold_log(connection: sa.Connection) -> None:
    """Keeps others from appending until the transaction ends: for verbs that hold rows which hearers ask for."""
    take_turn(connection, _APPENDING)


def _row(event: Event, data: dict[str, Any], now: datetime) -> dict[str, Any]:
    return {
        "source": event.source,
        "id": event.id,
        "type": event.type,
        "time": event.time,
        "subject": event.subject,
        "data": data,
        "extensions": queries.stored_extensions(event.extensions),
        "received_at": now,
    }


def _append(connection: sa.Connection, rows: list[dict[str, Any]], now: datetime) -> None:
    if not rows:
        return
    _mark_late(connection, rows, now)
    first = queries.last_position(connection) + 1
    for position, row in enumerate(rows, start=first):
        row["position"] = position
    connection.execute(intake_events.insert(), rows)


def _mark_late(connection: sa.Connection, rows: list[dict[str, Any]], now: datetime) -> None:
    """Sets `late` in each row, and moves the streams on."""
    newest = queries.newest_times(connection, {row["source"] for row in rows})
    before = dict(newest)
    for row in rows:
        source, time = row["source"], row["time"]
        reached = newest.get(source)
        row["late"] = reached is not None and time < reached - LATE_AFTER
        if reached is None or reached < time:
            newest[source] = min(time, now) if reached is None else max(reached, min(time, now))
    moved = [{"source": source, "newest_at": at} for source, at in newest.items() if before.get(source) != at]
    upsert(connection, intake_streams, moved, ["source"])
