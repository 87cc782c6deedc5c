"""The verbs and queries of lists, given an open transaction: values that rules look up, each with a reason.

What stands on a list may be about a person (an address, a phone's token), so the audit log has the list and how many,
and commits to values and reasons under a salt that can be erased.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from datetime import datetime
from typing import Any, Final

import msgspec
import sqlalchemy as sa

from agoranomos.audit.actions import record
from agoranomos.audit.model import SALT_BYTES, Entry, seal
from agoranomos.kernel.actors import Actor
from agoranomos.kernel.dialects import insert_ignore, upsert
from agoranomos.kernel.errors import Conflict, Invalid, NotFound
from agoranomos.kernel.ids import is_id
from agoranomos.rules.actions import bump, take_turn
from agoranomos.rules.model import ListEntry, ListKind, NewEntry, RuleList
from agoranomos.rules.tables import rule_list_entries, rule_lists

ENTRIES_MAX: Final = 200_000
"""Values on one list: every process holds all of them in memory, about 100 bytes each."""
REASON_MAX: Final = 1_000
_IDS_AT_A_TIME: Final = 5_000
Draw = Callable[[int], bytes]
"""Random bytes."""


def create(connection: sa.Connection, list_id: str, kind: ListKind, *, by: Actor, now: datetime) -> RuleList:
    """Makes an empty list; making it again with the same kind changes nothing. Raises Invalid, Conflict."""
    if not _is_name(list_id):
        raise Invalid("a list is called by lower-case letters, digits and _, such as known_farms", pointer="/list_id")
    take_turn(connection)
    row = {"list_id": list_id, "kind": kind, "made_by": str(by), "made_at": now}
    new = insert_ignore(connection, rule_lists, [row])
    found = get(connection, list_id, now)
    if found.kind != kind:
        raise Conflict(f"there is a list of this name, of the kind {found.kind}")
    if new:
        bump(connection, "lists")
        record(connection, _entry(list_id, "list.create", {"kind": kind}, by, now))
    return found


def add(
    connection: sa.Connection, list_id: str, entries: Sequence[NewEntry], *, by: Actor, now: datetime, draw: Draw
) -> int:
    """Puts values on a list, or gives those on it a new reason and end; returns how many are there now.

    Raises NotFound, and Invalid for a value that is no id, a missing reason, an end in the past, or too many values.
    """
    take_turn(connection)
    get(connection, list_id, now)
    for number, entry in enumerate(entries):
        _check(entry, number, now)
    rows = [
        {
            "list_id": list_id, "value": entry.value, "reason": entry.reason, "added_by": str(by), "added_at": now,
            "expires_at": entry.expires_at,
        }
        for entry in {entry.value: entry for entry in entries}.values()
    ]  # fmt: skip
    upsert(connection, rule_list_entries, rows, ["list_id", "value"])
    count = _count(connection, list_id)
    if count > ENTRIES_MAX:
        raise Invalid(f"a list has at most {ENTRIES_MAX:,} values; make another one, or take off what has expired")
    bump(connection, "lists")
    _record(connection, list_id, "list.add", entries, by, now, draw)
    return count


def remove(
    connection: sa.Connection, list_id: str, values: Sequence[str], *, by: Actor, now: datetime, draw: Draw
) -> int:
    """Takes values off a list; returns how many were on it. Raises NotFound."""
    take_turn(connection)
    get(connection, list_id, now)
    table, gone = rule_list_entries.c, 0
    wanted = sorted({value for value in values if is_id(value)})
    for start in range(0, len(wanted), _IDS_AT_A_TIME):
        part = wanted[start : start + _IDS_AT_A_TIME]
        delete = sa.delete(rule_list_entries).where(table.list_id == list_id, table.value.in_(part))
        gone += connection.execute(delete).rowcount
    if gone:
        bump(connection, "lists")
        taken = [NewEntry(value=value, reason="") for value in wanted]
        _record(connection, list_id, "list.remove", taken, by, now, draw)
    return gone


def get(connection: sa.Connection, list_id: str, now: datetime) -> RuleList:
    """Raises NotFound."""
    found = _lists(connection, now, rule_lists.c.list_id == list_id) if is_id(list_id) else []
    if not found:
        raise NotFound("there is no such list; see `agora lists list`")
    return found[0]


def listed(connection: sa.Connection, now: datetime, *, after: str = "", limit: int | None = None) -> list[RuleList]:
    """All lists in the order of their names."""
    return _lists(connection, now, rule_lists.c.list_id > after, limit=limit)


def entries_of(
    connection: sa.Connection, list_id: str, now: datetime, *, after: str = "", limit: int | None = None
) -> list[ListEntry]:
    """What stands on a list at `now`, in the order of values behind `after`. Raises NotFound."""
    get(connection, list_id, now)
    table = rule_list_entries.c
    query = sa.select(table.value, table.reason, table.added_by, table.added_at, table.expires_at).where(
        table.list_id == list_id, table.value > after, _standing(now)
    )
    rows = connection.execute(query.order_by(table.value).limit(limit))
    return [ListEntry(**row._mapping) for row in rows]


def all_values(connection: sa.Connection) -> Iterator[tuple[str, str, datetime | None]]:
    """(list, value, until) of all lists, for whoever evaluates rules; what has expired is left to them."""
    table = rule_list_entries.c
    query = sa.select(table.list_id, table.value, table.expires_at).order_by(table.list_id, table.value)
    yield from ((row[0], row[1], row[2]) for row in connection.execute(query))


def _lists(
    connection: sa.Connection, now: datetime, where: sa.ColumnElement[bool], limit: int | None = None
) -> list[RuleList]:
    table = rule_list_entries.c
    counted = (
        sa.select(sa.func.count())
        .where(table.list_id == rule_lists.c.list_id, _standing(now))
        .correlate(rule_lists)
        .scalar_subquery()
    )
    query = sa.select(rule_lists, counted.label("entries")).where(where).order_by(rule_lists.c.list_id).limit(limit)
    return [RuleList(**row._mapping) for row in connection.execute(query)]


def _standing(now: datetime) -> sa.ColumnElement[bool]:
    return sa.or_(rule_list_entries.c.expires_at.is_(None), rule_list_entries.c.expires_at > now)


def _count(connection: sa.Connection, list_id: str) -> int:
    query = sa.select(sa.func.count()).where(rule_list_entries.c.list_id == list_id)
    return int(connection.execute(query).scalar_one())


def _check(entry: NewEntry, number: int, now: datetime) -> None:
    pointer = f"/entries/{number}"
    if not is_id(entry.value):
        raise Invalid("a value on a list has 1 to 128 printable characters", pointer=f"{pointer}/value")
    if not entry.reason.strip() or len(entry.reason) > REASON_MAX or "\0" in entry.reason:
        raise Invalid(f"say why, in 1 to {REASON_MAX:,} characters", pointer=f"{pointer}/reason")
    if entry.expires_at is not None and (entry.expires_at.tzinfo is None or entry.expires_at <= now):
        raise Invalid(
            "it must expire later than now; leave it out to keep it for good", pointer=f"{pointer}/expires_at"
        )


def _is_name(list_id: str) -> bool:
    return is_id(list_id) and list_id.isascii() and list_id.replace("_", "a").isalnum() and list_id == list_id.lower()


def _record(
    connection: sa.Connection, list_id: str, verb: str, entries: Sequence[NewEntry], by: Actor, now: datetime,
    draw: Draw,
) -> None:  # fmt: skip
    text = msgspec.json.encode(list(entries), order="sorted").decode()
    sealed = {"entries": seal(text, draw(SALT_BYTES))}
    record(connection, _entry(list_id, verb, {"count": len(entries)}, by, now), sealed)


def _entry(list_id: str, verb: str, params: dict[str, Any], by: Actor, now: datetime) -> Entry:
    return Entry(at=now, actor=by, verb=verb, subject_kind="list", subject_id=list_id, params=params)
