"""Keeping what monitors and checks say, given an open transaction."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from typing import Any

import sqlalchemy as sa

from agoranomos.judgements import queries
from agoranomos.judgements.counting import Counted, add, add_decisions, counted
from agoranomos.judgements.tables import decisions, findings, new_findings, staff_findings
from agoranomos.kernel.clock import parse_rfc3339
from agoranomos.kernel.decisions import Decision
from agoranomos.kernel.dialects import insert_ignore, upsert
from agoranomos.kernel.findings import Finding, is_confidential


def keep_findings(connection: sa.Connection, found: Iterable[Finding], *, now: datetime) -> int:
    """Keeps findings; of one id the highest revision stands. Returns how many were new or newer.

    Confidential ones are kept apart (`keep_confidential`).
    """
    found = list(found)
    apart = keep_confidential(connection, [each for each in found if is_confidential(each.code)], now=now)
    return apart + _keep_open(connection, [each for each in found if not is_confidential(each.code)], now)


def keep_confidential(connection: sa.Connection, found: Iterable[Finding], *, now: datetime) -> int:
    """Keeps findings on staff where nobody looks but who may; they are no news for cases."""
    latest = _latest(found)
    known = queries.staff_revisions(connection, latest)
    newer = [finding for finding in latest.values() if finding.revision > known.get(finding.id, 0)]
    upsert(connection, staff_findings, [_staff_row(each, now) for each in newer], key=["finding_id"])
    return len(newer)


def _latest(found: Iterable[Finding]) -> dict[str, Finding]:
    latest: dict[str, Finding] = {}
    for finding in found:
        if finding.id not in latest or finding.revision > latest[finding.id].revision:
            latest[finding.id] = finding
    return latest


def _keep_open(connection: sa.Connection, found: Iterable[Finding], now: datetime) -> int:
    latest = _latest(found)
    known = queries.kept(connection, latest)
    added = _added(connection, [each for each in latest.values() if each.id not in known], now)
    # What somebody else has kept since we looked is compared as what was there before.
    known |= queries.kept(connection, latest.keys() - known.keys() - {each.id for each in added})
    changed = [each for each in latest.values() if each.id in known and each.revision > known[each.id].revision]
    upsert(connection, findings, [_finding_row(each, now) for each in changed], key=["finding_id"])
    newer = [*added, *changed]
    add(connection, [known[each.id].counted for each in changed], [_counted(each) for each in newer])
    news = [{"finding_id": each.id, "revision": each.revision} for each in newer if each.status == "live"]
    upsert(connection, new_findings, news, key=["finding_id"])
    return len(newer)


def _added(connection: sa.Connection, new: list[Finding], now: datetime) -> list[Finding]:
    """Those of `new` that were not there, now kept."""
    rows = [_finding_row(each, now) for each in new]
    return [each for each, is_new in zip(new, _inserted(connection, findings, rows), strict=True) if is_new]


def _inserted(connection: sa.Connection, table: sa.Table, rows: list[dict[str, Any]]) -> list[bool]:
    """Inserts `rows`; for each whether it was new. What somebody else keeps at the same moment is not."""
    # Of one row the count says which.
    if len(rows) < 2:
        return [bool(insert_ignore(connection, table, [row])) for row in rows]
    with connection.begin_nested() as trying:
        if insert_ignore(connection, table, rows) == len(rows):
            return [True] * len(rows)
        trying.rollback()
    return [bool(insert_ignore(connection, table, [row])) for row in rows]


def forget_news(connection: sa.Connection, gathered: Iterable[Finding]) -> None:
    """These revisions are gathered; what has a newer one by now stays news."""
    table = new_findings.c
    for each in gathered:
        same = sa.and_(table.finding_id == each.id, table.revision <= each.revision)
        connection.execute(sa.delete(new_findings).where(same))


def keep_decisions(connection: sa.Connection, made: Iterable[Decision], *, now: datetime) -> int:
    """Keeps decisions; one that is kept already stays as it is. Returns how many were new."""
    rows = [_decision_row(each, now) for each in made]
    new = [row for row, is_new in zip(rows, _inserted(connection, decisions, rows), strict=True) if is_new]
    add_decisions(connection, [(row["at"], row["outcome"]) for row in new])
    return len(new)


def _finding_row(finding: Finding, now: datetime) -> dict[str, Any]:
    return {
        "finding_id": finding.id,
        "revision": finding.revision,
        "at": parse_rfc3339(finding.at),
        "code": finding.code,
        "subject_kind": finding.subject.kind,
        "subject_id": finding.subject.id,
        "score": finding.score,
        "ring_id": finding.ring_id,
        "status": finding.status,
        "document": finding,
        "recorded_at": now,
    }


def _counted(finding: Finding) -> Counted | None:
    return counted(parse_rfc3339(finding.at), finding.code, finding.status, finding.score)


def _staff_row(finding: Finding, now: datetime) -> dict[str, Any]:
    row = _finding_row(finding, now)
    row["staff_id"] = row["subject_id"]
    return {name: row[name] for name in staff_findings.columns.keys()}  # noqa: SIM118 - names, not columns


def _decision_row(decision: Decision, now: datetime) -> dict[str, Any]:
    return {
        "decision_id": decision.id,
        "at": parse_rfc3339(decision.at),
        "check": decision.check,
        "subject_kind": decision.subject.kind,
        "subject_id": decision.subject.id,
        "outcome": decision.outcome.value,
        "score": decision.score,
        "document": decision,
        "recorded_at": now,
    }
