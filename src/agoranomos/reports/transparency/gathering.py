"""All statements of reasons of a time, about what was decided in cases and notices, made ready for the database."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import datetime
from typing import Any

import msgspec
import sqlalchemy as sa

from agoranomos.cases.desk.tables import cases
from agoranomos.cases.desk.tools import Tools
from agoranomos.cases.statements.reading import statements_of
from agoranomos.goods.notices import actions as noticing
from agoranomos.goods.notices import queries as noticed
from agoranomos.goods.notices.statements import statements as notice_statements
from agoranomos.goods.notices.tables import notices
from agoranomos.intake.tables import intake_events
from agoranomos.judgements.tables import findings
from agoranomos.kernel.calendar import ZONE
from agoranomos.kernel.errors import Conflict
from agoranomos.kernel.findings import Subject
from agoranomos.reports.model import Window
from agoranomos.reports.transparency.schema import fitted, problems, restricted


class Scope(msgspec.Struct, frozen=True, kw_only=True):
    """What only the sender knows: in which countries the decisions hold (ISO 3166-1), and in which language the content
    is (ISO 639-1, capital letters). Both may be left out.
    """

    territories: tuple[str, ...] = ()
    language: str | None = None


class Ready(msgspec.Struct, frozen=True, kw_only=True):
    """A statement as it is sent, and what the database would refuse about it."""

    at: datetime
    data: dict[str, Any]
    problems: list[str]


def gathered(connection: sa.Connection, tools: Tools, window: Window, scope: Scope) -> Iterator[Ready]:
    """Those by which something was restricted, cases first, each in the order of decisions."""
    for at, data, subject in (*_of_cases(connection, tools, window), *_of_notices(connection, window)):
        if not restricted(data):
            continue
        more: dict[str, Any] = {"content_date": _first_day(connection, subject, at)}
        if scope.territories:
            more["territorial_scope"] = sorted(scope.territories)
        if scope.language is not None:
            more["content_language"] = scope.language
        sent = fitted({**data, **more})
        yield Ready(at=at, data=sent, problems=problems(sent))


def _of_cases(
    connection: sa.Connection, tools: Tools, window: Window
) -> Iterator[tuple[datetime, Mapping[str, Any], Subject]]:
    table = cases.c
    query = sa.select(table.decided_at, table.case_id).where(
        table.decided_at >= window.begin, table.decided_at < window.end
    )
    for at, case_id in connection.execute(query.order_by(table.decided_at, table.case_id)).all():
        try:
            found = statements_of(connection, tools, case_id)
        except Conflict:  # decided elsewhere, or by a clause that the policy no longer has: whoever decided tells
            continue
        for each in found:
            yield at, each.dsa, each.subjects[0]


def _of_notices(connection: sa.Connection, window: Window) -> Iterator[tuple[datetime, Mapping[str, Any], Subject]]:
    # When one was decided stands in its document; none is decided before it is filed.
    query = sa.select(notices.c.notice_id).where(notices.c.state == "decided", notices.c.filed_at < window.end)
    for (notice_id,) in connection.execute(query.order_by(notices.c.filed_at, notices.c.notice_id)).all():
        notice = noticed.get(connection, notice_id)
        if notice.decided_at is None or not window.begin <= notice.decided_at < window.end:
            continue
        for each in notice_statements(notice, noticing.reason_of(connection, notice)):
            if each.dsa is not None:
                yield notice.decided_at, each.dsa, Subject("listing", each.listings[0].listing_id)


def _first_day(connection: sa.Connection, subject: Subject, decided_at: datetime) -> str:
    """The day from which content is known: the first event about it, else the first finding, else the decision."""
    event, found = intake_events.c, findings.c
    told = sa.select(sa.func.min(event.time)).where(event.subject == subject.id)
    noted = sa.select(sa.func.min(found.at)).where(
        found.subject_kind == subject.kind, found.subject_id == subject.id
    )  # fmt: skip
    moments = [connection.execute(query).scalar() for query in (told, noted)]
    first: datetime = min([decided_at, *(each for each in moments if each is not None)])
    return first.astimezone(ZONE).date().isoformat()
