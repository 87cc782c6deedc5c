"""All SQL that reads findings and decisions; lists are newest first."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence
from datetime import datetime
from typing import Any, TypeVar

import msgspec
import sqlalchemy as sa

from agoranomos.judgements.counting import Counted, counted
from agoranomos.judgements.tables import decisions, findings, new_findings, staff_findings
from agoranomos.kernel.decisions import Decision
from agoranomos.kernel.errors import Invalid, NotFound
from agoranomos.kernel.findings import Finding, Subject
from agoranomos.kernel.ids import is_id
from agoranomos.kernel.lists import Place, asked_for, newest_first

_IDS_AT_A_TIME = 10_000
DecisionT = TypeVar("DecisionT", bound=Decision)


class About(msgspec.Struct, frozen=True, kw_only=True):
    """Which findings or decisions are meant; None is any."""

    code: str | None = None
    check: str | None = None
    outcome: str | None = None
    status: str | None = None
    subject_kind: str | None = None
    subject_id: str | None = None
    ring_id: str | None = None
    score_min: float | None = None

    def __post_init__(self) -> None:
        values = (self.code, self.check, self.subject_kind, self.subject_id, self.ring_id)
        if not all(value is None or is_id(value) for value in values):
            raise Invalid("a filter is a printable text of 1 to 128 characters")


class AboutStaff(msgspec.Struct, frozen=True, kw_only=True):
    """Which findings on staff are meant; None is any."""

    code: str | None = None
    staff_id: str | None = None
    score_min: float | None = None

    def __post_init__(self) -> None:
        if not all(value is None or is_id(value) for value in (self.code, self.staff_id)):
            raise Invalid("a filter is a printable text of 1 to 128 characters")


class KeptAs(msgspec.Struct, frozen=True):
    """Which revision of a finding is kept, and as what it is counted."""

    revision: int
    counted: Counted | None


def kept(connection: sa.Connection, finding_ids: Collection[str]) -> dict[str, KeptAs]:
    """Those findings that are kept, locked against change on PostgreSQL."""
    table = findings.c
    columns = (table.revision, table.at, table.code, table.status, table.score)
    rows = _locked(connection, findings, finding_ids, columns)
    return {row[0]: KeptAs(row[1], counted(row[2], row[3], row[4], row[5])) for row in rows}


def staff_revisions(connection: sa.Connection, finding_ids: Collection[str]) -> dict[str, int]:
    """The revisions of those findings on staff that are kept, locked likewise."""
    rows = _locked(connection, staff_findings, finding_ids, (staff_findings.c.revision,))
    return {row[0]: row[1] for row in rows}


def _locked(
    connection: sa.Connection, table: sa.Table, finding_ids: Collection[str], columns: Sequence[sa.Column[Any]]
) -> Iterator[sa.Row[*tuple[Any, ...]]]:
    ids = sorted(finding_ids)  # in one order, so that two writers never wait for each other
    for start in range(0, len(ids), _IDS_AT_A_TIME):
        part = table.c.finding_id.in_(ids[start : start + _IDS_AT_A_TIME])
        query = sa.select(table.c.finding_id, *columns).where(part)
        yield from connection.execute(query.order_by(table.c.finding_id).with_for_update())


def simulated(connection: sa.Connection, ids: Collection[str]) -> set[str]:
    """Those of `ids` that are findings of a detector or rule that is not live: nobody may act on them."""
    found: set[str] = set()
    wanted = sorted(ids)
    for start in range(0, len(wanted), _IDS_AT_A_TIME):
        part = findings.c.finding_id.in_(wanted[start : start + _IDS_AT_A_TIME])
        found |= set(
            connection.execute(sa.select(findings.c.finding_id).where(part, findings.c.status != "live")).scalars()
        )
    return found


class Scored(msgspec.Struct, frozen=True):
    """What is needed to put a finding in its place."""

    finding_id: str
    code: str
    subject: Subject
    score: float
    at: datetime


def scored(connection: sa.Connection, codes: Collection[str], *, since: datetime) -> list[Scored]:
    """The live findings of `codes` (a code, `goods.*` or `*`) since then, in the order of time and id."""
    table = findings.c
    meant = sa.or_(
        *(
            table.code.startswith(code[:-1], autoescape=True) if code.endswith("*") else table.code == code
            for code in codes
        )
    )
    query = sa.select(
        table.finding_id, table.code, table.subject_kind, table.subject_id, table.score, table.at
    ).where(table.status == "live", table.at >= since, meant)  # fmt: skip
    rows = connection.execute(query.order_by(table.at, table.finding_id))
    return [
        Scored(row.finding_id, row.code, Subject(row.subject_kind, row.subject_id), row.score, row.at) for row in rows
    ]


def news(connection: sa.Connection, limit: int) -> list[Finding]:
    """At most `limit` findings that are not gathered yet, as they are now, in the order of their ids."""
    query = sa.select(findings.c.document).join(new_findings, new_findings.c.finding_id == findings.c.finding_id)
    rows = connection.execute(query.order_by(new_findings.c.finding_id).limit(limit)).scalars()
    return [msgspec.convert(row, Finding) for row in rows]


def findings_of(connection: sa.Connection, ids: Collection[str]) -> list[Finding]:
    """Those of `ids` that are kept, in the order of the ids."""
    found: list[Finding] = []
    wanted = sorted(ids)
    for start in range(0, len(wanted), _IDS_AT_A_TIME):
        part = findings.c.finding_id.in_(wanted[start : start + _IDS_AT_A_TIME])
        query = sa.select(findings.c.document).where(part).order_by(findings.c.finding_id)
        found += [msgspec.convert(row, Finding) for row in connection.execute(query).scalars()]
    return found


def get_finding(connection: sa.Connection, finding_id: str) -> Finding:
    """The latest revision. Raises NotFound."""
    return msgspec.convert(_document(connection, findings, findings.c.finding_id, finding_id, "finding"), Finding)


def get_staff_finding(connection: sa.Connection, finding_id: str) -> Finding:
    """The latest revision of a finding on staff. Raises NotFound."""
    document = _document(connection, staff_findings, staff_findings.c.finding_id, finding_id, "finding on staff")
    return msgspec.convert(document, Finding)


def list_staff_findings(
    connection: sa.Connection, about: AboutStaff, *, after: Place | None, limit: int
) -> list[Finding]:  # fmt: skip
    """At most `limit` findings on staff behind `after`, newest first."""
    rows = _page(connection, staff_findings, staff_findings.c.finding_id, about, after, limit)
    return [msgspec.convert(row, Finding) for row in rows]


def get_decision(connection: sa.Connection, decision_id: str) -> Decision:
    """The decision. Raises NotFound."""
    return get_decision_as(connection, decision_id, Decision)


def get_decision_as(connection: sa.Connection, decision_id: str, kind: type[DecisionT]) -> DecisionT:
    """The decision with what its desk kept beside it. Raises NotFound."""
    return msgspec.convert(_document(connection, decisions, decisions.c.decision_id, decision_id, "decision"), kind)


def told_of(
    connection: sa.Connection, codes: Collection[str], kind: str, subject_ids: Collection[str]
) -> list[Finding]:  # fmt: skip
    """The live findings of `codes` on these subjects, in the order of time and id."""
    table, found, wanted = findings.c, list[Finding](), sorted(subject_ids)
    for start in range(0, len(wanted), _IDS_AT_A_TIME):
        part = (table.subject_kind == kind, table.subject_id.in_(wanted[start : start + _IDS_AT_A_TIME]))
        query = sa.select(table.document).where(*part, table.code.in_(sorted(codes)), table.status == "live")
        found += [msgspec.convert(each, Finding) for each in connection.execute(query).scalars()]
    return sorted(found, key=lambda each: (each.at, each.id))


def list_findings(connection: sa.Connection, about: About, *, after: Place | None, limit: int) -> list[Finding]:
    """At most `limit` findings behind `after`, newest first."""
    rows = _page(connection, findings, findings.c.finding_id, about, after, limit)
    return [msgspec.convert(row, Finding) for row in rows]


def list_decisions(connection: sa.Connection, about: About, *, after: Place | None, limit: int) -> list[Decision]:
    """At most `limit` decisions behind `after`, newest first."""
    rows = _page(connection, decisions, decisions.c.decision_id, about, after, limit)
    return [msgspec.convert(row, Decision) for row in rows]


def _document(connection: sa.Connection, table: sa.Table, key: sa.Column[str], value: str, what: str) -> Any:
    # PostgreSQL refuses text with a NUL in it, loudly; whatever is no id is simply not there.
    query = sa.select(table.c.document).where(key == value)
    found = connection.execute(query).scalar_one_or_none() if is_id(value) else None
    if found is None:
        raise NotFound(f"there is no {what} with this id")
    return found


def _page(
    connection: sa.Connection,
    table: sa.Table,
    key: sa.Column[str],
    about: msgspec.Struct,
    after: Place | None,
    limit: int,
) -> list[Any]:
    query = asked_for(sa.select(table.c.document), table, about)
    return list(connection.execute(newest_first(query, table.c.at, key, after=after, limit=limit)).scalars())
