"""All SQL that reads actions and measures; lists are newest first."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence
from datetime import datetime
from typing import Any

import msgspec
import sqlalchemy as sa

from agoranomos.enforcement.model import Measure
from agoranomos.enforcement.tables import action_reasons, actions, joined_reasons, measures
from agoranomos.kernel.actions import Action, ActionStatus
from agoranomos.kernel.clock import rfc3339
from agoranomos.kernel.dialects import among
from agoranomos.kernel.errors import Invalid, NotFound
from agoranomos.kernel.findings import Subject
from agoranomos.kernel.ids import is_id
from agoranomos.kernel.lists import Place, asked_for, newest_first

AT_A_TIME = 1_000


class Kept(Action, frozen=True, kw_only=True):
    """An action as it is kept.

    `approval_id`: what it waits, or waited, for; `reverses`: the action that it takes back; `undo_by`: who wants it
    undone as soon as it has taken effect.
    """

    measure_id: str | None = None
    approval_id: str | None = None
    reverses: str | None = None
    undo_by: str | None = None

    @property
    def plain(self) -> Action:
        """The action of the contract."""
        return Action(**{name: getattr(self, name) for name in Action.__struct_fields__})


class About(msgspec.Struct, frozen=True, kw_only=True):
    """Which actions are meant; None is any. Raises Invalid."""

    kind: str | None = None
    status: ActionStatus | None = None
    subject_kind: str | None = None
    subject_id: str | None = None
    measure_id: str | None = None
    approval_id: str | None = None
    requested_by: str | None = None

    def __post_init__(self) -> None:
        if not all(value is None or is_id(value) for value in msgspec.structs.astuple(self)):
            raise Invalid("a filter is a printable text of 1 to 128 characters")


def by_ids(connection: sa.Connection, action_ids: Collection[str]) -> dict[str, Kept]:
    """Those of `action_ids` that are kept."""
    return {each.id: each for each in _found(connection, actions.c.action_id, sorted(action_ids))}


def reversals_of(connection: sa.Connection, action_ids: Collection[str]) -> dict[str, Kept]:
    """The actions that take back `action_ids`, by what they take back."""
    found = _found(connection, actions.c.reverses, sorted(action_ids))
    return {each.reverses: each for each in found if each.reverses is not None}


def get(connection: sa.Connection, action_id: str) -> Kept:
    """The action. Raises NotFound."""
    found = by_ids(connection, [action_id]) if is_id(action_id) else {}
    if not found:
        raise NotFound("there is no action with this id")
    return found[action_id]


def waiting_for(connection: sa.Connection, approval_id: str) -> list[Kept]:
    """The actions that wait for an approval."""
    query = sa.select(actions).where(actions.c.approval_id == approval_id, actions.c.status == "proposed")
    return [_kept(row) for row in connection.execute(query.order_by(actions.c.at, actions.c.action_id))]


def of_measure(connection: sa.Connection, measure_id: str) -> list[Kept]:
    """The actions of a measure. Raises NotFound for one that is not there."""
    get_measure(connection, measure_id)
    query = sa.select(actions).where(actions.c.measure_id == measure_id).order_by(actions.c.action_id)
    return [_kept(row) for row in connection.execute(query)]


def listed(connection: sa.Connection, about: About, *, after: Place | None, limit: int) -> list[Kept]:
    """At most `limit` actions behind `after`."""
    query = asked_for(sa.select(actions), actions, about)
    page = newest_first(query, actions.c.at, actions.c.action_id, after=after, limit=limit)
    return [_kept(row) for row in connection.execute(page)]


def resting(
    connection: sa.Connection, kinds: Collection[str], *, reasons: Collection[str] | None = None,
    subject_ids: Collection[str] | None = None, after: Place | None, limit: int,
) -> list[Kept]:  # fmt: skip
    """At most `limit` actions of these kinds behind `after`, on one of the few `subject_ids`, that rest on one of
    `reasons`, or stand for one that does, or take one back. None is any.
    """
    query = sa.select(actions).where(actions.c.kind.in_(sorted(kinds)))
    if subject_ids is not None:
        query = query.where(actions.c.subject_id.in_(sorted(subject_ids)))
    if reasons is not None:
        rests = sa.select(action_reasons.c.action_id).where(action_reasons.c.reason.in_(sorted(reasons)))
        owners = sa.select(joined_reasons.c.owner_id).where(joined_reasons.c.action_id.in_(rests))
        ids, reverses = actions.c.action_id, actions.c.reverses
        query = query.where(sa.or_(ids.in_(rests), ids.in_(owners), reverses.in_(rests), reverses.in_(owners)))
    page = newest_first(query, actions.c.at, actions.c.action_id, after=after, limit=limit)
    return [_kept(row) for row in connection.execute(page)]


def of_kinds(
    connection: sa.Connection,
    about: Mapping[str, str],
    kinds: Collection[str],
    statuses: Collection[str],
    *,
    limit: int,
) -> list[tuple[str, datetime, dict[str, Any]]]:
    """(kind, since when, params) of the actions about a subject (`subject_kind`, `subject_id`): at most `limit`, by
    kind, the newest first.
    """
    asked = {**about, "kinds": list(kinds), "statuses": list(statuses), "most": limit}
    return [(row.kind, row.at, row.params) for row in connection.execute(_OF_KINDS, asked)]


_OF_KINDS = (
    sa.select(actions.c.kind, actions.c.at, actions.c.params)
    .where(
        actions.c.subject_kind == sa.bindparam("subject_kind"),
        actions.c.subject_id == sa.bindparam("subject_id"),
        among(actions.c.kind, "kinds"),
        among(actions.c.status, "statuses"),
    )
    .order_by(actions.c.kind, actions.c.at.desc())
    .limit(sa.bindparam("most"))
)


def count_proposed(connection: sa.Connection) -> dict[str, int]:
    """Kind of action → how many of it wait for a person."""
    query = sa.select(actions.c.kind, sa.func.count()).where(actions.c.status == "proposed").group_by(actions.c.kind)
    return {row[0]: row[1] for row in connection.execute(query)}


def get_measure(connection: sa.Connection, measure_id: str) -> Measure:
    """The measure. Raises NotFound."""
    query = sa.select(measures).where(measures.c.measure_id == measure_id)
    row = connection.execute(query).first() if is_id(measure_id) else None
    if row is None:
        raise NotFound("there is no measure with this id")
    return _measures(connection, [row])[0]


def undone_measures(connection: sa.Connection, requested_by: str, since: datetime) -> list[tuple[Measure, Kept]]:
    """The measures of somebody that were undone by others since then, each with one of its actions, oldest first."""
    table = measures.c
    query = sa.select(measures).where(
        table.requested_by == requested_by, table.undone_at >= since, table.undone_by != requested_by
    )
    found = _measures(connection, connection.execute(query.order_by(table.undone_at, table.measure_id)).all())
    part = sa.select(actions).order_by(actions.c.action_id).limit(1)
    some = [connection.execute(part.where(actions.c.measure_id == each.id)).one() for each in found]
    return list(zip(found, map(_kept, some), strict=True))


def undone_of(connection: sa.Connection, measure_ids: Sequence[str]) -> set[str]:
    """Those of a few measures that were undone."""
    query = sa.select(measures.c.measure_id).where(
        measures.c.measure_id.in_(measure_ids), measures.c.undone_at.is_not(None)
    )
    return set(connection.execute(query).scalars())


def list_measures(connection: sa.Connection, *, after: Place | None, limit: int) -> list[Measure]:
    """At most `limit` measures behind `after`."""
    query = newest_first(sa.select(measures), measures.c.at, measures.c.measure_id, after=after, limit=limit)
    return _measures(connection, connection.execute(query).all())


def _found(connection: sa.Connection, column: sa.Column[str], values: Sequence[str]) -> Iterator[Kept]:
    for start in range(0, len(values), AT_A_TIME):
        part = values[start : start + AT_A_TIME]
        for row in connection.execute(sa.select(actions).where(column.in_(part)).order_by(actions.c.action_id)):
            yield _kept(row)


def _kept(row: sa.Row[Any]) -> Kept:
    return Kept(
        id=row.action_id,
        at=rfc3339(row.at),
        kind=row.kind,
        subject=Subject(row.subject_kind, row.subject_id),
        params=row.params,
        because=tuple(row.because),
        requested_by=row.requested_by,
        approved_by=row.approved_by,
        status=row.status,
        measure_id=row.measure_id,
        approval_id=row.approval_id,
        reverses=row.reverses,
        undo_by=row.undo_by,
    )


def _measures(connection: sa.Connection, rows: Sequence[sa.Row[Any]]) -> list[Measure]:
    table = actions.c
    ids = [row.measure_id for row in rows]
    query = sa.select(table.measure_id, table.status, sa.func.count()).where(table.measure_id.in_(ids))
    counts: dict[str, dict[str, int]] = {measure_id: {} for measure_id in ids}
    for measure_id, status, count in connection.execute(query.group_by(table.measure_id, table.status)):
        counts[measure_id][status] = count
    return [
        Measure(
            id=row.measure_id, at=row.at, requested_by=row.requested_by, actions=row.actions,
            counts=dict(sorted(counts[row.measure_id].items())), undone_at=row.undone_at, undone_by=row.undone_by,
        )
        for row in rows
    ]  # fmt: skip
