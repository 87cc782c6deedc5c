"""The verb of inspections, given an open transaction: what an authority reports is kept once, and becomes cases."""

from __future__ import annotations

from datetime import datetime
from typing import Final

import sqlalchemy as sa

from agoranomos.audit.actions import record
from agoranomos.audit.model import Entry
from agoranomos.cases.desk.gathering import open_case
from agoranomos.cases.desk.tools import Tools, say
from agoranomos.cases.inspection import queries
from agoranomos.cases.inspection.forms import batches_of
from agoranomos.cases.inspection.model import Inspection, Report
from agoranomos.kernel.actors import Actor
from agoranomos.kernel.errors import Conflict, Invalid
from agoranomos.kernel.findings import Subject
from agoranomos.kernel.ids import derived, is_id

CASES_MAX: Final = 50
"""Of one report about a factory or supplier: of the stores that it delivered to, the first by id."""


def receive(connection: sa.Connection, tools: Tools, report: Report, *, by: Actor, now: datetime) -> Inspection:
    """Keeps a report and opens a case for a failed one: on what was inspected; of a factory or supplier on each store
    that it delivered to. Receiving it again changes nothing.

    Raises Invalid for what is no id and for a moment to come, Conflict when a report of this number says otherwise.
    """
    if not (is_id(report.authority) and is_id(report.reference) and is_id(report.about.id)):
        raise Invalid("an id has 1 to 128 printable characters", pointer="/reference")
    if report.inspected_at > now:
        raise Invalid("an inspection has happened already; give its moment", pointer="/inspected_at")
    known = queries.find(connection, report.authority, report.reference)
    if known is not None:
        if (known.about, known.result, known.inspected_at) != (report.about, report.result, report.inspected_at):
            raise Conflict("a report of this number says something else; ask the authority for another number")
        return known
    case_ids = tuple(_cases(connection, tools, report, by, now)) if report.result == "failed" else ()
    inspection = Inspection(
        authority=report.authority, reference=report.reference, about=report.about, result=report.result,
        inspected_at=report.inspected_at, received_at=now, received_by=str(by), case_ids=case_ids,
    )  # fmt: skip
    queries.add(connection, inspection)
    name = derived("in", report.authority, report.reference)
    entry = Entry(
        at=now, actor=by, verb="inspection.receive", subject_kind="inspection", subject_id=name,
        params={"result": report.result, "about_kind": report.about.kind, "cases": len(case_ids)},
    )  # fmt: skip
    record(connection, entry)
    return inspection


def _cases(connection: sa.Connection, tools: Tools, report: Report, by: Actor, now: datetime) -> list[str]:
    opened = []
    for subject in _subjects(connection, report):
        ref = derived("inspection", report.authority, report.reference, subject.kind, subject.id)
        case = open_case(connection, tools, "inspection", ref, subject, by=by, now=now)
        if report.statement.strip():
            say(connection, case, "statement", report.statement, by=by, now=now)
        opened.append(case.case_id)
    return opened


def _subjects(connection: sa.Connection, report: Report) -> list[Subject]:
    match report.about.kind:
        case "factory" | "supplier" as maker:
            stores = {each.store_id for each in batches_of(connection, maker, report.about.id) if each.store_id}
            return [Subject("store", each) for each in sorted(stores)[:CASES_MAX]]
        case kind:
            return [Subject(kind, report.about.id)]
