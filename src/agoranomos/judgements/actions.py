"""Keeping what monitors and checks say, given an open transaction."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from typing import Any

import sqlalchemy as sa

from agoranomos.judgements import queries
from agoranomos.judgements.tables import decisions, findings
from agoranomos.kernel.clock import parse_rfc3339
from agoranomos.kernel.decisions import Decision
from agoranomos.kernel.dialects import insert_ignore, upsert
from agoranomos.kernel.findings import Finding


def keep_findings(connection: sa.Connection, found: Iterable[Finding], *, now: datetime) -> int:
    """Keeps findings; of one id the highest revision stands. Returns how many were new or newer."""
    latest: dict[str, Finding] = {}
    for finding in found:
        if finding.id not in latest or finding.revision > latest[finding.id].revision:
            latest[finding.id] = finding
    known = queries.revisions(connection, latest)
    newer = [finding for finding in latest.values() if finding.revision > known.get(finding.id, 0)]
    upsert(connection, findings, [_finding_row(each, now) for each in newer], key=["finding_id"])
    return len(newer)


def keep_decisions(connection: sa.Connection, made: Iterable[Decision], *, now: datetime) -> int:
    """Keeps decisions; one that is kept already stays as it is. Returns how many were new."""
    return insert_ignore(connection, decisions, [_decision_row(each, now) for each in made])


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
