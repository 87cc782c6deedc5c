"""All SQL of inspections."""

from __future__ import annotations

from typing import Any

import msgspec
import sqlalchemy as sa

from agoranomos.cases.inspection.model import Inspection, Subject
from agoranomos.cases.inspection.tables import inspections
from agoranomos.kernel.dialects import insert_ignore
from agoranomos.kernel.lists import Place, newest_first

_I = inspections.c


def find(connection: sa.Connection, authority: str, reference: str) -> Inspection | None:
    """The report of this number, if it was received."""
    query = sa.select(inspections).where(_I.authority == authority, _I.reference == reference)
    row = connection.execute(query).one_or_none()
    return None if row is None else _inspection(row)


def add(connection: sa.Connection, inspection: Inspection) -> bool:
    """Keeps a report; False when one of this number is there."""
    row = msgspec.structs.asdict(inspection)
    about: Subject = row.pop("about")
    told = {**row, "about_kind": about.kind, "about_id": about.id, "case_ids": list(inspection.case_ids)}
    return insert_ignore(connection, inspections, [told]) == 1


def listed(connection: sa.Connection, *, after: Place | None, limit: int) -> list[Inspection]:
    """At most `limit` reports behind `after`, the last received first."""
    query = newest_first(sa.select(inspections), _I.received_at, _I.reference, after=after, limit=limit)
    return [_inspection(row) for row in connection.execute(query)]


def about(connection: sa.Connection, kind: str, name: str) -> list[Inspection]:
    """The reports about something, in the order of their moments."""
    query = sa.select(inspections).where(_I.about_kind == kind, _I.about_id == name)
    return [_inspection(row) for row in connection.execute(query.order_by(_I.inspected_at, _I.reference))]


def _inspection(row: sa.Row[Any]) -> Inspection:
    values = dict(row._mapping)
    subject = Subject(values.pop("about_kind"), values.pop("about_id"))
    return Inspection(about=subject, **{**values, "case_ids": tuple(values["case_ids"])})
