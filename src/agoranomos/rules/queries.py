"""All SQL that reads rules, their standings and hits."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any, NamedTuple

import sqlalchemy as sa

from agoranomos.engine.stream.tables import stream_checkpoints
from agoranomos.kernel.dialects import locked
from agoranomos.kernel.errors import NotFound
from agoranomos.kernel.findings import Status, Subject
from agoranomos.kernel.ids import is_id
from agoranomos.rules.model import Change, RuleHit, Standing, Version
from agoranomos.rules.tables import rule_book, rule_changes, rule_hits, rule_standings, rule_versions


def book_numbers(connection: sa.Connection) -> Mapping[str, int]:
    """How often each part of what is evaluated has changed; equal numbers mean nothing has."""
    return {row.part: row.number for row in connection.execute(sa.select(rule_book))}


def get_standing(connection: sa.Connection, rule_id: str) -> Standing:
    """Locked against change in a transaction that writes. Raises NotFound."""
    standing = find_standing(connection, rule_id)
    if standing is None:
        raise NotFound("there is no rule with this id; see `agora rules list`")
    return standing


def find_standing(connection: sa.Connection, rule_id: str) -> Standing | None:
    """The same; None when there is no such rule."""
    if not is_id(rule_id):  # PostgreSQL refuses text with a NUL in it, loudly
        return None
    query = sa.select(rule_standings).where(rule_standings.c.rule_id == rule_id)
    row = connection.execute(locked(connection, query)).first()
    return None if row is None else _standing(row)


def list_standings(
    connection: sa.Connection, *, status: Status | None = None, after: str = "", limit: int | None = None
) -> list[Standing]:
    """In the order of ids; `status`: only those that are live, in shadow, or (draft, expired) neither."""
    table = rule_standings.c
    query = sa.select(rule_standings).where(table.rule_id > after).order_by(table.rule_id).limit(limit)
    if status == "live":
        query = query.where(table.live_version.is_not(None))
    elif status == "shadow":
        query = query.where(table.shadow_version.is_not(None))
    elif status is not None:
        was = sa.select(rule_changes.c.rule_id).where(rule_changes.c.verb != "propose")
        seen = table.rule_id.in_(was)
        query = query.where(table.live_version.is_(None), table.shadow_version.is_(None))
        query = query.where(seen if status == "expired" else ~seen)
    return [_standing(row) for row in connection.execute(query)]


def get_version(connection: sa.Connection, rule_id: str, version: int) -> Version:
    """Raises NotFound."""
    found = _versions(connection, rule_versions.c.rule_id == rule_id, rule_versions.c.version == version)
    if not found:
        raise NotFound("there is no such version of this rule; see `agora rules history`")
    return found[0]


def versions_of(connection: sa.Connection, rule_id: str, *, after: int = 0, limit: int | None = None) -> list[Version]:
    """The versions of a rule, the oldest first."""
    where = (rule_versions.c.rule_id == rule_id, rule_versions.c.version > after)
    return _versions(connection, *where, limit=limit)


def evaluated(connection: sa.Connection) -> list[Version]:
    """Every version that is live or in shadow, in the order of ids and versions."""
    stands = rule_standings.c
    return _versions(
        connection,
        sa.or_(
            stands.live_version == rule_versions.c.version,
            stands.shadow_version == rule_versions.c.version,
        ),
    )


class Checkpoint(NamedTuple):
    """What a monitor knew when it was last kept: of the log up to `position` it had heard all but what came from
    `held_from` on and is newer than the `watermark`.
    """

    state: bytes
    version: str
    position: int
    held_from: int
    watermark: datetime | None

    def heard(self, position: int, time: datetime) -> bool:
        """Whether an event of the log was heard before it was kept."""
        if position > self.position:
            return False
        return position < self.held_from or (self.watermark is not None and time <= self.watermark)


def checkpoint_of(connection: sa.Connection, monitor: str) -> Checkpoint | None:
    """What was last kept of a monitor; None when nothing was."""
    table = stream_checkpoints.c
    query = sa.select(table.state, table.version, table.position, table.held_from, table.watermark)
    row = connection.execute(query.where(table.monitor == monitor)).first()
    return None if row is None else Checkpoint(bytes(row.state), *row[1:])


def was_live(connection: sa.Connection, rule_id: str, version: int) -> bool:
    """Whether the version was live at some time."""
    table = rule_changes.c
    verbs = ("promote", "rollback")
    query = sa.select(table.number).where(
        table.rule_id == rule_id, table.version == version, table.verb.in_(verbs)
    )  # fmt: skip
    return connection.execute(query.limit(1)).first() is not None


def changes_of(connection: sa.Connection, rule_id: str, *, after: int = 0, limit: int | None = None) -> list[Change]:
    """What was done to a rule, the oldest first."""
    table = rule_changes.c
    query = sa.select(rule_changes).where(table.rule_id == rule_id, table.number > after)
    query = query.order_by(table.number).limit(limit)
    return [Change(**row._mapping) for row in connection.execute(query)]


def hits_of(
    connection: sa.Connection, rule_id: str, version: int, *, since: datetime, until: datetime, limit: int
) -> list[RuleHit]:
    """The hits of a version at or after `since` and before `until`, the oldest first."""
    table = rule_hits.c
    query = sa.select(rule_hits).where(
        table.rule_id == rule_id, table.version == version, table.at >= since, table.at < until
    )
    rows = connection.execute(query.order_by(table.at, table.said_id).limit(limit))
    return [_hit(row) for row in rows]


def _versions(connection: sa.Connection, *where: sa.ColumnElement[bool], limit: int | None = None) -> list[Version]:
    table, stands = rule_versions.c, rule_standings.c
    used = sa.exists().where(
        rule_changes.c.rule_id == table.rule_id,
        rule_changes.c.version == table.version,
        rule_changes.c.verb.in_(("shadow", "promote", "rollback")),
    )
    status = sa.case(
        (stands.live_version == table.version, "live"),
        (stands.shadow_version == table.version, "shadow"),
        (used, "expired"),
        else_="draft",
    )
    query = (
        sa.select(rule_versions, status.label("status"))
        .join(rule_standings, stands.rule_id == table.rule_id)
        .where(*where)
        .order_by(table.rule_id, table.version)
        .limit(limit)
    )
    return [Version(**row._mapping) for row in connection.execute(query)]


def _standing(row: sa.Row[Any]) -> Standing:
    return Standing(**row._mapping)


def _hit(row: sa.Row[Any]) -> RuleHit:
    values = dict(row._mapping)
    subject = Subject(values.pop("subject_kind"), values.pop("subject_id"))
    return RuleHit(subject=subject, **values)
