"""Finds the rows that the stories of the demonstration are about."""

from __future__ import annotations

import sqlalchemy as sa

from agoranomos.cases.desk.tables import case_findings
from agoranomos.judgements.tables import findings
from agoranomos.kernel.findings import Subject


def worst(connection: sa.Connection, *codes: str) -> tuple[str, Subject] | None:
    """The surest live finding of these codes, and what it is about; of the first code that has one."""
    table = findings.c
    for code in codes:
        query = sa.select(table.finding_id, table.subject_kind, table.subject_id).where(
            table.code == code, table.status == "live"
        )
        row = connection.execute(query.order_by(table.score.desc(), table.at, table.finding_id).limit(1)).first()
        if row is not None:
            return row[0], Subject(row[1], row[2])
    return None


def case_of(connection: sa.Connection, finding_id: str) -> str | None:
    """The case in which a finding has gathered."""
    table = case_findings.c
    query = sa.select(table.case_id).where(table.finding_id == finding_id).order_by(table.added_at.desc()).limit(1)
    return connection.execute(query).scalar_one_or_none()
