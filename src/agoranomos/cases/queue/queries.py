"""All SQL of queues: what waits, what is next, who took what."""

from __future__ import annotations

from datetime import datetime
from typing import Any

import msgspec
import sqlalchemy as sa

from agoranomos.cases.desk.model import Case
from agoranomos.cases.desk.tables import case_claims, case_exclusions, cases
from agoranomos.kernel.dialects import locked

_C, _K = cases.c, case_claims.c
Behind = tuple[int, int, str]
"""Level, priority and id of the last case of the page before."""


class Claim(msgspec.Struct, frozen=True, kw_only=True):
    """Somebody took a case: why that one, until when, and how it ended; None while it goes on."""

    claim_id: str
    case_id: str
    number: int
    queue: str
    actor: str
    why: str
    at: datetime
    ended_at: datetime | None = None
    ended: str | None = None


def page(connection: sa.Connection, queue: str, *, after: Behind | None, limit: int) -> list[Case]:
    """At most `limit` open cases of a queue behind `after`: escalated ones first, then the most harmful."""
    query = sa.select(_C.document).where(_C.queue == queue, _C.state == "open")
    if after is not None:
        level, priority, name = after
        same = sa.and_(_C.priority == priority, _C.case_id < name)
        behind = sa.and_(_C.level == level, sa.or_(_C.priority < priority, same))
        query = query.where(_C.level <= level, sa.or_(_C.level < level, behind))
    return _cases(connection, _harmful_first(query).limit(limit))


def due_page(
    connection: sa.Connection, queue: str | None, *, after: tuple[datetime, str] | None, limit: int
) -> list[Case]:
    """At most `limit` open cases behind `after`, of a queue or of all, the one that is due first first."""
    query = sa.select(_C.document).where(_C.state == "open")
    if queue is not None:
        query = query.where(_C.queue == queue)
    if after is not None:
        due, name = after
        query = query.where(_C.due_at >= due, sa.or_(_C.due_at > due, sa.and_(_C.due_at == due, _C.case_id > name)))
    return _cases(connection, query.order_by(_C.due_at, _C.case_id).limit(limit))


def next_by_harm(connection: sa.Connection, queue: str, level: int, actor: str, now: datetime) -> Case | None:
    """The most harmful case that nobody holds and that `actor` may work on; others who ask get the one after it."""
    return _first(connection, _harmful_first(_free(queue, level, actor, now)))


def next_by_due(connection: sa.Connection, queue: str, actor: str, now: datetime, soon: datetime) -> Case | None:
    """Of the cases that are due by `soon` the one that is due first, likewise."""
    query = _free(queue, 0, actor, now).where(_C.due_at <= soon)
    return _first(connection, query.order_by(_C.due_at, _C.case_id))


def held_by(connection: sa.Connection, actor: str, now: datetime) -> list[Case]:
    """What somebody holds, what runs out first first."""
    query = sa.select(_C.document).where(_C.holder == actor, _C.claim_until > now)
    return _cases(connection, locked(connection, query.order_by(_C.claim_until, _C.case_id)))


def add_claim(connection: sa.Connection, claim: Claim) -> None:
    """Keeps that somebody took a case."""
    connection.execute(case_claims.insert(), [msgspec.structs.asdict(claim)])


def end_claim(connection: sa.Connection, claim_id: str, how: str, now: datetime) -> None:
    """Keeps how a claim ended; one that has ended stays as it is."""
    query = sa.update(case_claims).where(_K.claim_id == claim_id, _K.ended.is_(None))
    connection.execute(query.values(ended=how, ended_at=now))


def claims_of(connection: sa.Connection, case_id: str) -> list[Claim]:
    """Who took a case, in order."""
    query = sa.select(case_claims).where(_K.case_id == case_id).order_by(_K.number)
    return [Claim(**row._mapping) for row in connection.execute(query)]


def taken_since(connection: sa.Connection, queue: str, actor: str, since: datetime) -> dict[str, int]:
    """How many cases of a queue `actor` was given since then, by why it was these."""
    query = sa.select(_K.why, sa.func.count()).where(_K.actor == actor, _K.at >= since, _K.queue == queue)
    return {row[0]: row[1] for row in connection.execute(query.group_by(_K.why))}


def refused_since(connection: sa.Connection, actor: str, since: datetime) -> int:
    """How many cases somebody gave back as not for them since then."""
    query = sa.select(sa.func.count()).where(_K.actor == actor, _K.at >= since, _K.ended == "refused")
    return connection.execute(query).scalar_one()


def counts(connection: sa.Connection, queue: str, now: datetime, since: datetime) -> dict[str, int]:
    """Of a queue: `open`, `held`, `overdue`, `waiting`, `escalated`, and `decided` since then."""
    mine = _C.queue == queue
    late, above = sa.case((_C.due_at <= now, 1), else_=0), sa.case((_C.level > 0, 1), else_=0)
    query = sa.select(sa.func.count(), sa.func.sum(late), sa.func.sum(above)).where(mine, _C.state == "open")
    opened, overdue, escalated = connection.execute(query).one()
    # Few cases are held, and an index knows until when; a clause on state or holder would lead past it.
    wanted = {
        "held": sa.and_(mine, _C.claim_until > now),
        "waiting": sa.and_(mine, _C.state == "waiting"),
        "decided": sa.and_(mine, _C.decided_at >= since),
    }
    counted = {"open": opened, "overdue": overdue or 0, "escalated": escalated or 0}
    return counted | {
        name: connection.execute(sa.select(sa.func.count()).select_from(cases).where(where)).scalar_one()
        for name, where in wanted.items()
    }


def _free(queue: str, level: int, actor: str, now: datetime) -> sa.Select[Any]:
    kept_away = sa.exists().where(case_exclusions.c.case_id == _C.case_id, case_exclusions.c.actor == actor)
    unheld = sa.or_(_C.claim_until.is_(None), _C.claim_until <= now)
    return sa.select(_C.document).where(
        _C.queue == queue, _C.state == "open", _C.level == level, unheld, sa.not_(kept_away)
    )  # fmt: skip


def _harmful_first(query: sa.Select[Any]) -> sa.Select[Any]:
    return query.order_by(_C.level.desc(), _C.priority.desc(), _C.case_id.desc())


def _first(connection: sa.Connection, query: sa.Select[Any]) -> Case | None:
    row = connection.execute(query.limit(1).with_for_update(of=cases, skip_locked=True)).scalar()
    return None if row is None else msgspec.convert(row, Case)


def _cases(connection: sa.Connection, query: sa.Select[Any]) -> list[Case]:
    return msgspec.convert(connection.execute(query).scalars().all(), list[Case])
