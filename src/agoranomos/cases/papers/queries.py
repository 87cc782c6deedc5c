"""All SQL of what is attached to cases."""

from __future__ import annotations

from datetime import datetime

import msgspec
import sqlalchemy as sa

from agoranomos.cases.papers.tables import case_papers
from agoranomos.kernel.dialects import insert_ignore
from agoranomos.kernel.errors import NotFound
from agoranomos.kernel.ids import is_id

_P = case_papers.c


class Paper(msgspec.Struct, frozen=True, kw_only=True):
    """Something attached to a case: what it is by its bytes, and their SHA-256 in hex."""

    paper_id: str
    case_id: str
    name: str
    media_type: str
    size: int
    sha256: str
    at: datetime
    by: str


def of_case(connection: sa.Connection, case_id: str) -> list[Paper]:
    """What is attached to a case, in order."""
    query = sa.select(case_papers).where(_P.case_id == case_id).order_by(_P.at, _P.paper_id)
    return [Paper(**row._mapping) for row in connection.execute(query)]


def get(connection: sa.Connection, case_id: str, paper_id: str) -> Paper:
    """One of them. Raises NotFound."""
    query = sa.select(case_papers).where(_P.case_id == case_id, _P.paper_id == paper_id)
    row = connection.execute(query).first() if is_id(paper_id) and is_id(case_id) else None
    if row is None:
        raise NotFound("nothing of this id is attached to this case")
    return Paper(**row._mapping)


def add(connection: sa.Connection, paper: Paper) -> bool:
    """Keeps that something is attached; whether it was new."""
    return insert_ignore(connection, case_papers, [msgspec.structs.asdict(paper)]) == 1
