"""All SQL of the trail: how far it is, and whether somebody had a case in hands."""

from __future__ import annotations

from typing import Final

import sqlalchemy as sa

from agoranomos.cases.desk.tables import case_claims, cases
from agoranomos.cases.trail.tables import trail_progress
from agoranomos.kernel.dialects import upsert

_NAME: Final = "staff"
_P = trail_progress.c


def next_index(connection: sa.Connection) -> int:
    """The first entry of the audit log that was not told yet."""
    query = sa.select(_P.next_index).where(_P.name == _NAME)
    return connection.execute(query).scalar_one_or_none() or 0


def put_next_index(connection: sa.Connection, index: int) -> None:
    """What lies before was told."""
    upsert(connection, trail_progress, [{"name": _NAME, "next_index": index}], ["name"])


def ever_held(connection: sa.Connection, case_id: str, actor: str) -> bool:
    """Whether somebody ever held this case, or another of the same subject, such as its appeal."""
    same = sa.select(cases.c.subject_kind, cases.c.subject_id).where(cases.c.case_id == case_id).subquery()
    query = (
        sa.select(sa.literal(1))
        .join_from(case_claims, cases, case_claims.c.case_id == cases.c.case_id)
        .join(same, sa.and_(same.c.subject_kind == cases.c.subject_kind, same.c.subject_id == cases.c.subject_id))
        .where(case_claims.c.actor == actor)
    )
    return connection.execute(query.limit(1)).first() is not None
