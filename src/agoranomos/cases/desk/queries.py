"""All SQL of cases and what is in them: one case, lists, history."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from datetime import datetime
from typing import Any, Final

import msgspec
import sqlalchemy as sa

from agoranomos.cases.desk.model import Case, State
from agoranomos.cases.desk.tables import case_exclusions, case_findings, case_parts, case_steps, case_texts, cases
from agoranomos.cases.policy import Kind
from agoranomos.kernel.dialects import insert_ignore, locked, upsert
from agoranomos.kernel.errors import NotFound
from agoranomos.kernel.findings import Subject, SubjectKind
from agoranomos.kernel.ids import is_id
from agoranomos.kernel.lists import Place, asked_for, newest_first

_C, _F = cases.c, case_findings.c
HISTORY_MAX: Final = 20
_AT_A_TIME: Final = 5_000


class About(msgspec.Struct, frozen=True, kw_only=True):
    """Which cases are meant; None is any."""

    queue: str | None = None
    state: State | None = None
    kind: Kind | None = None
    level: int | None = None
    subject_kind: str | None = None
    subject_id: str | None = None
    seller_id: str | None = None
    ring_id: str | None = None
    holder: str | None = None


class Joined(msgspec.Struct, frozen=True, kw_only=True):
    """A finding in a case, as it was when it came, or when its case was decided."""

    finding_id: str
    code: str
    revision: int
    score: float
    subject: Subject
    harm: int
    added_at: datetime


class Step(msgspec.Struct, frozen=True, kw_only=True):
    """Something that was done with a case; `params` are ids, codes and numbers."""

    number: int
    at: datetime
    actor: str
    verb: str
    params: dict[str, Any]


class Said(msgspec.Struct, frozen=True, kw_only=True):
    """Words of somebody about a case, without personal data as far as that can be seen."""

    name: str
    at: datetime
    by: str
    text: str


def get(connection: sa.Connection, case_id: str) -> Case:
    """The case, locked against change when the transaction writes. Raises NotFound."""
    found = find(connection, case_id)
    if found is None:
        raise NotFound("there is no case with this id; see `agora cases list`")
    return found


def find(connection: sa.Connection, case_id: str) -> Case | None:
    """The same; None when there is none."""
    return _one(connection, _C.case_id == case_id) if is_id(case_id) else None


def open_for(connection: sa.Connection, gather_key: str) -> Case | None:
    """The case that is not decided yet of what `gather_key` names."""
    return _one(connection, _C.open_key == gather_key)


def last_for(connection: sa.Connection, gather_key: str) -> Case | None:
    """The newest case of what `gather_key` names, decided or not; not locked."""
    query = sa.select(_C.document).where(_C.gather_key == gather_key).order_by(_C.number.desc()).limit(1)
    found = _cases(connection, query)
    return found[0] if found else None


def of_part(connection: sa.Connection, part_id: str) -> Case | None:
    """The case of which a part of the decision was told under `part_id`, locked like `get`."""
    query = sa.select(case_parts.c.case_id).where(case_parts.c.part_id == part_id)
    found = connection.execute(query).scalar() if is_id(part_id) else None
    return None if found is None else find(connection, found)


def put_parts(connection: sa.Connection, case: Case) -> None:
    """Keeps under which ids the parts of a decision are told, and which no longer stand."""
    parts = case.decision.parts if case.decision is not None else ()
    rows = [{"part_id": part.case_id, "case_id": case.case_id, "overturned_by": part.overturned_by} for part in parts]
    upsert(connection, case_parts, rows, ["part_id"])


def by_ref(connection: sa.Connection, ref: str) -> Case | None:
    """The case that came from `ref`."""
    return _one(connection, _C.ref == ref)


def many(connection: sa.Connection, ids: Collection[str]) -> dict[str, Case]:
    """Those of `ids` that there are, locked like `get`, in the order of the ids."""
    found: dict[str, Case] = {}
    wanted = sorted(ids)
    for start in range(0, len(wanted), _AT_A_TIME):
        query = sa.select(_C.document).where(_C.case_id.in_(wanted[start : start + _AT_A_TIME])).order_by(_C.case_id)
        for row in connection.execute(locked(connection, query)).scalars():
            case = msgspec.convert(row, Case)
            found[case.case_id] = case
    return found


def put(connection: sa.Connection, case: Case) -> None:
    """Keeps a case as it is now."""
    upsert(connection, cases, [row_of(case)], ["case_id"])


def row_of(case: Case) -> dict[str, Any]:
    """The row of a case."""
    return {
        "case_id": case.case_id, "kind": case.kind, "queue": case.queue, "state": case.state, "level": case.level,
        "priority": case.priority, "subject_kind": case.subject.kind, "subject_id": case.subject.id,
        "seller_id": case.seller_id, "ring_id": case.ring_id, "gather_key": case.gather_key, "number": case.number,
        "open_key": None if case.state == "decided" else case.gather_key, "ref": case.ref, "holder": case.holder,
        "claim_until": case.claim_until, "opened_at": case.opened_at, "due_at": case.due_at,
        "wait_until": case.wait_until, "decided_at": case.decision.at if case.decision else None,
        "document": msgspec.to_builtins(case),
    }  # fmt: skip


def listed(connection: sa.Connection, about: About, *, after: Place | None, limit: int) -> list[Case]:
    """At most `limit` cases behind `after`, the newest first."""
    query = asked_for(sa.select(_C.document), cases, about)
    return _cases(connection, newest_first(query, _C.opened_at, _C.case_id, after=after, limit=limit))


def history(connection: sa.Connection, case: Case, hidden: sa.Select[Any]) -> list[Case]:
    """Earlier and other cases of the subject, its seller and its ring, newest first, without those in `hidden`."""
    same = [sa.and_(_C.subject_kind == case.subject.kind, _C.subject_id == case.subject.id)]
    same += [_C.seller_id == case.seller_id] if case.seller_id else []
    same += [_C.ring_id == case.ring_id] if case.ring_id else []
    found: dict[str, Case] = {}
    for where in same:  # one query for each, so that each has its index
        query = sa.select(_C.document).where(where, _C.case_id != case.case_id, _C.case_id.not_in(hidden))
        query = newest_first(query, _C.opened_at, _C.case_id, after=None, limit=HISTORY_MAX)
        found |= {each.case_id: each for each in _cases(connection, query)}
    return sorted(found.values(), key=lambda each: (each.opened_at, each.case_id), reverse=True)[:HISTORY_MAX]


def overdue(connection: sa.Connection, now: datetime, limit: int) -> list[Case]:
    """Open cases whose time is over and that were not escalated for it, the longest first."""
    query = sa.select(_C.document).where(_C.state == "open", _C.level == 0, _C.due_at <= now)
    return _cases(connection, locked(connection, query.order_by(_C.due_at, _C.case_id).limit(limit)))


def unanswered(connection: sa.Connection, now: datetime, limit: int) -> list[Case]:
    """Cases whose party had its time and said nothing."""
    query = sa.select(_C.document).where(_C.state == "waiting", _C.wait_until <= now)
    return _cases(connection, locked(connection, query.order_by(_C.wait_until, _C.case_id).limit(limit)))


def open_appeals(connection: sa.Connection) -> list[Case]:
    """The cases of appeals that are not decided."""
    query = sa.select(_C.document).where(_C.kind == "appeal", _C.state != "decided").order_by(_C.case_id)
    return _cases(connection, locked(connection, query))


def joined(connection: sa.Connection, case_id: str, limit: int) -> list[Joined]:
    """The findings of a case, the most harmful first."""
    query = sa.select(case_findings).where(_F.case_id == case_id).order_by(_F.harm.desc(), _F.finding_id).limit(limit)
    return [
        Joined(
            finding_id=row.finding_id, code=row.code, revision=row.revision, score=row.score,
            subject=_subject(row.subject_kind, row.subject_id), harm=row.harm, added_at=row.added_at,
        )
        for row in connection.execute(query)
    ]  # fmt: skip


def in_case(connection: sa.Connection, case_id: str, finding_id: str) -> Joined | None:
    """A finding as it is in a case."""
    query = sa.select(case_findings).where(_F.case_id == case_id, _F.finding_id == finding_id)
    row = connection.execute(query).first()
    if row is None:
        return None
    return Joined(
        finding_id=row.finding_id, code=row.code, revision=row.revision, score=row.score,
        subject=_subject(row.subject_kind, row.subject_id), harm=row.harm, added_at=row.added_at,
    )  # fmt: skip


def put_finding(connection: sa.Connection, case_id: str, found: Joined) -> None:
    """Keeps a finding in a case, or its new revision."""
    row = {
        "case_id": case_id, "finding_id": found.finding_id, "code": found.code, "revision": found.revision,
        "score": found.score, "subject_kind": found.subject.kind, "subject_id": found.subject.id, "harm": found.harm,
        "added_at": found.added_at,
    }  # fmt: skip
    upsert(connection, case_findings, [row], ["case_id", "finding_id"], keep=["added_at"])


def members(connection: sa.Connection, case_id: str, limit: int) -> list[Subject]:
    """The subjects of the findings of a case, the most harmful first."""
    query = sa.select(_F.subject_kind, _F.subject_id).where(_F.case_id == case_id)
    query = query.group_by(_F.subject_kind, _F.subject_id).order_by(
        sa.func.max(_F.harm).desc(), _F.subject_kind, _F.subject_id
    )
    return [_subject(row.subject_kind, row.subject_id) for row in connection.execute(query.limit(limit))]


def codes(connection: sa.Connection, case_id: str) -> list[str]:
    """The codes of the findings of a case."""
    return list(
        connection.execute(sa.select(_F.code).distinct().where(_F.case_id == case_id).order_by(_F.code)).scalars()
    )


def count_findings(connection: sa.Connection, case_id: str) -> int:
    """How many findings a case keeps."""
    return connection.execute(sa.select(sa.func.count()).where(_F.case_id == case_id)).scalar_one()


def add_step(connection: sa.Connection, case: Case, step: Step) -> None:
    """Keeps what was done with a case."""
    connection.execute(case_steps.insert(), [{"case_id": case.case_id, **msgspec.structs.asdict(step)}])


def steps(connection: sa.Connection, case_id: str) -> list[Step]:
    """What was done with a case, in order."""
    query = sa.select(case_steps).where(case_steps.c.case_id == case_id).order_by(case_steps.c.number)
    return [
        Step(number=row.number, at=row.at, actor=row.actor, verb=row.verb, params=row.params)
        for row in connection.execute(query)
    ]


def say(connection: sa.Connection, case_id: str, said: Said) -> None:
    """Keeps words about a case."""
    connection.execute(case_texts.insert(), [{"case_id": case_id, **msgspec.structs.asdict(said)}])


def texts(connection: sa.Connection, case_id: str) -> list[Said]:
    """Words about a case, in order."""
    query = sa.select(case_texts).where(case_texts.c.case_id == case_id)
    rows = connection.execute(query.order_by(case_texts.c.at, case_texts.c.name))
    return [Said(name=row.name, at=row.at, by=row.by, text=row.text) for row in rows]


def exclude(connection: sa.Connection, case_id: str, actor: str, why: str) -> None:
    """Keeps somebody away from a case."""
    insert_ignore(connection, case_exclusions, [{"case_id": case_id, "actor": actor, "why": why}])


def excluded(connection: sa.Connection, case_id: str, actor: str) -> str | None:
    """Why somebody does not work on a case; None when nothing is against it."""
    table = case_exclusions.c
    query = sa.select(table.why).where(table.case_id == case_id, table.actor == actor)
    found: str | None = connection.execute(query).scalar()
    return found


def _subject(kind: SubjectKind, name: str) -> Subject:
    return Subject(kind, name)


def _one(connection: sa.Connection, where: sa.ColumnElement[bool]) -> Case | None:
    row = connection.execute(locked(connection, sa.select(_C.document).where(where))).scalar()
    return None if row is None else msgspec.convert(row, Case)


def _cases(connection: sa.Connection, query: sa.Select[Any]) -> list[Case]:
    rows: Sequence[Any] = connection.execute(query).scalars().all()
    return msgspec.convert(rows, list[Case])
