"""All SQL that reads the event log."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping
from datetime import datetime
from typing import Any, Final

import msgspec
import sqlalchemy as sa

from agoranomos.intake.model import Logged
from agoranomos.intake.tables import intake_events, intake_streams
from agoranomos.kernel.errors import NotFound
from agoranomos.kernel.events import Event, typed
from agoranomos.kernel.schema import TYPES

PAGE_MAX: Final = 10_000
_ASKED_MAX: Final = 5_000
_TEXTS_MAX: Final = 50
_PLAIN: Final = {"specversion": "1.0"}

Identity = tuple[str, str]
Content = tuple[str, datetime, str | None, Any]
"""Type, time, subject and data: what must be the same in a repeat."""


def last_position(connection: sa.Connection) -> int:
    """The position of the newest event; 0 in an empty log."""
    return connection.execute(sa.select(sa.func.max(intake_events.c.position))).scalar_one() or 0


def read_after(connection: sa.Connection, position: int, limit: int = PAGE_MAX) -> list[Logged]:
    """The next events behind `position` (0: from the start), in the order of arrival, at most `limit`.

    Whoever has read up to a position never finds a smaller one later.
    """
    query = _ordered(intake_events.c.position > position, limit)
    return [_logged(row) for row in connection.execute(query).mappings()]


def told_between(
    connection: sa.Connection, types: Collection[str], after: int, until: int
) -> Iterator[tuple[str, dict[str, Any]]]:
    """(type, data) of the events of `types` behind the position `after`, up to `until`, in the order of arrival."""
    table = intake_events
    query = sa.select(table.c.type, table.c.data).where(table.c.position > after, table.c.position <= until)
    for row in connection.execute(query.where(table.c.type.in_(sorted(types))).order_by(table.c.position)):
        yield row.type, row.data


def told_with_time(
    connection: sa.Connection, types: Collection[str], after: int, until: int
) -> Iterator[tuple[str, datetime, dict[str, Any]]]:
    """Like `told_between`, with the time of each event between its type and its data."""
    table = intake_events
    query = sa.select(table.c.type, table.c.time, table.c.data).where(
        table.c.position > after, table.c.position <= until, table.c.type.in_(sorted(types))
    )
    for row in connection.execute(query.order_by(table.c.position)):
        yield row.type, row.time, row.data


def telling_of(
    connection: sa.Connection, kind: str, field: str, values: Collection[str], *, since: datetime, until: datetime,
    position: int,
) -> Iterator[tuple[datetime, dict[str, Any]]]:  # fmt: skip
    """(time, data) of the events of type `kind` whose `field` is one of `values`, from `since` on and before `until`,
    at `position` or before it; in the order of arrival. The database looks for the text of the field, so that a window
    of millions of events is not read by the program.
    """
    table, wanted = intake_events.c, set(values)
    text = sa.type_coerce(table.data, sa.Text)
    for part in (sorted(wanted)[start : start + _TEXTS_MAX] for start in range(0, len(wanted), _TEXTS_MAX)):
        texts = [f"{_json(field)}:{_json(value)}" for value in part]
        query = sa.select(table.time, table.data).where(
            table.type == kind, table.time >= since, table.time < until, table.position <= position,
            sa.or_(*(text.contains(each, autoescape=True) for each in texts)),
        )  # fmt: skip
        for row in connection.execute(query.order_by(table.position)):
            if row.data.get(field) in wanted:
                yield row.time, row.data


class Quoted(msgspec.Struct, frozen=True):
    """An event as it stands in the log, for whoever quotes it."""

    position: int
    source: str
    id: str
    type: str
    time: datetime
    data: dict[str, Any]


def naming(
    connection: sa.Connection, kind: str, field: str, values: Collection[str], *, since: datetime, until: datetime,
    limit: int,
) -> list[Quoted]:  # fmt: skip
    """The events of type `kind` whose `field` is one of `values` (or, where it is a list, holds one), from `since` on
    and before `until`; at most `limit`, in the order of arrival. See `telling_of` for how they are looked for.
    """
    table, wanted, found = intake_events.c, set(values), list[Quoted]()
    text = sa.type_coerce(table.data, sa.Text)
    columns = sa.select(table.position, table.source, table.id, table.type, table.time, table.data)
    for part in (sorted(wanted)[start : start + _TEXTS_MAX] for start in range(0, len(wanted), _TEXTS_MAX)):
        said = sa.or_(*(text.contains(_json(value), autoescape=True) for value in part))
        query = columns.where(table.type == kind, table.time >= since, table.time < until, said)
        for row in connection.execute(query.order_by(table.position)):
            there = row.data.get(field)
            if there in wanted if isinstance(there, str) else isinstance(there, list) and wanted & set(map(str, there)):
                found.append(Quoted(*row))
            if len(found) >= limit:
                return found
    return found


def about(connection: sa.Connection, subject: str, *, after: int = 0, limit: int = PAGE_MAX) -> list[Logged]:
    """The events whose envelope names `subject`, in the order of arrival, behind the position `after`."""
    table = intake_events
    query = _ordered(sa.and_(table.c.subject == subject, table.c.position > after), limit)
    return [_logged(row) for row in connection.execute(query).mappings()]


def history(
    connection: sa.Connection,
    types: Collection[str],
    *,
    since: datetime,
    until: datetime,
    position: int,
    after: tuple[datetime, str, str] | None = None,
    limit: int = PAGE_MAX,
) -> list[Event]:
    """The next events of `types`, later than `since` and not later than `until`, in the order of time, source and id.

    Only what lies at `position` or before it; behind `after`, the time, source and id of an event.
    """
    table = intake_events.c
    where = [table.type.in_(sorted(types)), table.time > since, table.time <= until, table.position <= position]
    if after is not None:
        time, source, event_id = after
        same_source = sa.and_(table.source == source, table.id > event_id)
        same_time = sa.and_(table.time == time, sa.or_(table.source > source, same_source))
        where += [table.time >= time, sa.or_(table.time > time, same_time)]
    query = sa.select(intake_events).where(*where).order_by(table.time, table.source, table.id).limit(limit)
    return [_logged(row).event for row in connection.execute(query).mappings()]


def read_types_after(
    connection: sa.Connection, types: Collection[str], position: int, limit: int = PAGE_MAX
) -> list[Logged]:
    """Like `read_after`, only the events of `types`."""
    where = sa.and_(intake_events.c.position > position, intake_events.c.type.in_(sorted(types)))
    return [_logged(row) for row in connection.execute(_ordered(where, limit)).mappings()]


def newest_time(connection: sa.Connection) -> datetime | None:
    """How far the streams are altogether; None while there are none."""
    newest: datetime | None = connection.execute(sa.select(sa.func.max(intake_streams.c.newest_at))).scalar_one()
    return newest


def get_event(connection: sa.Connection, source: str, event_id: str) -> Logged:
    """The event with this identity. Raises NotFound."""
    table = intake_events
    query = sa.select(table).where(table.c.source == source, table.c.id == event_id)
    row = connection.execute(query).mappings().one_or_none()
    if row is None:
        raise NotFound("there is no event of this source with this id")
    return _logged(row)


def count_by_type(connection: sa.Connection) -> dict[str, int]:
    """How many events of each type the log holds; reads the whole log."""
    table = intake_events
    query = sa.select(table.c.type, sa.func.count()).group_by(table.c.type).order_by(table.c.type)
    return {row[0]: row[1] for row in connection.execute(query)}


def count_late(connection: sa.Connection) -> int:
    """How many events came late; reads the whole log."""
    query = sa.select(sa.func.count()).select_from(intake_events).where(intake_events.c.late)
    return int(connection.execute(query).scalar_one())


def contents(connection: sa.Connection, identities: Iterable[Identity]) -> dict[Identity, Content]:
    """What the log holds of those `identities` that it knows."""
    table = intake_events
    by_source: dict[str, list[str]] = {}
    for source, event_id in identities:
        by_source.setdefault(source, []).append(event_id)
    columns = sa.select(table.c.id, table.c.type, table.c.time, table.c.subject, table.c.data)
    found: dict[Identity, Content] = {}
    for source, ids in by_source.items():
        for part in _parts(ids):
            rows = connection.execute(columns.where(table.c.source == source, table.c.id.in_(part)))
            found.update({(source, event_id): (*content,) for event_id, *content in rows})
    return found


def newest_times(connection: sa.Connection, sources: Collection[str]) -> dict[str, datetime]:
    """How far the streams of `sources` are; those that are new are left out."""
    table = intake_streams
    found: dict[str, datetime] = {}
    for part in _parts(list(sources)):
        rows = connection.execute(sa.select(table.c.source, table.c.newest_at).where(table.c.source.in_(part)))
        found.update({row[0]: row[1] for row in rows})
    return found


def _json(text: str) -> str:
    return msgspec.json.encode(text).decode()


def _ordered(condition: sa.ColumnElement[bool], limit: int) -> sa.Select[Any]:
    return sa.select(intake_events).where(condition).order_by(intake_events.c.position).limit(limit)


def _logged(row: sa.RowMapping) -> Logged:
    event = Event(
        id=row["id"],
        source=row["source"],
        type=row["type"],
        time=row["time"],
        subject=row["subject"],
        data=row["data"],
        body=typed(row["data"], TYPES[row["type"]], "/data"),
        extensions=row["extensions"] or dict(_PLAIN),
    )
    return Logged(row["position"], event, row["received_at"], row["late"])


def _parts(names: list[str]) -> Iterator[list[str]]:
    for start in range(0, len(names), _ASKED_MAX):
        yield names[start : start + _ASKED_MAX]


def stored_extensions(extensions: Mapping[str, Any]) -> Mapping[str, Any] | None:
    """What of the envelope's further fields needs to be kept."""
    return None if not extensions or extensions == _PLAIN else extensions


def same(one: Content, other: Content) -> bool:
    """Whether two events with one identity say the same; 1 and 1.0 and true are not the same."""
    return one[:3] == other[:3] and _canonical(one[3]) == _canonical(other[3])


def _canonical(data: Any) -> bytes:
    return msgspec.json.encode(data, order="sorted")
