"""`/report`: the last integrity report, or one by its id; asking for a new one; its files."""

from __future__ import annotations

from datetime import date
from itertools import groupby
from typing import Any, Final

from litestar import Response, Router, get, post
from litestar.params import FromQuery, URLEncodedBody
from litestar.response import File, Redirect, Template

from agoranomos.console.addresses import with_query
from agoranomos.console.frame import AnyRequest, FromId, Text, view
from agoranomos.console.reporting.wording import TEXTS
from agoranomos.kernel.errors import AgoranomosError, Invalid
from agoranomos.reports import asked
from agoranomos.reports.api import download
from agoranomos.reports.asked import Asked
from agoranomos.reports.integrity import showing
from agoranomos.reports.integrity.period import period_of, year_of
from agoranomos.reports.integrity.showing import moment as written
from agoranomos.reports.service import ReportService
from agoranomos.reports.transparency.gathering import Scope
from agoranomos.staff.browsers import field
from agoranomos.web.auth import PERMISSION, caller_of

_LISTED: Final = 12
FILES: Final = (
    ("page", "report.html"), ("paper", "report.pdf"), ("figures", "figures.csv"), ("months-file", "months.csv"),
    ("statements-file", "statements.csv"), ("statements-json", "statements.json"),
)  # fmt: skip
"""What is offered for the whole report: the key of its words, and its name."""


def pages_router(reports: ReportService) -> Router:
    """The addresses under `/report`."""

    def page(request: AnyRequest, chosen: Asked | None, wrong: str = "", days: tuple[str, str] = ("", "")) -> Template:
        with reports.store.reading() as connection:
            latest = asked.listed(connection, after=None, limit=_LISTED)
            found = asked.figures_of(connection, chosen.report_id) if chosen else None
        usual = year_of(reports.clock())
        context = {
            "chosen": chosen, "report": found, "latest": latest, "showing": showing, "wrong": wrong,
            "known": written(found.known_until) if found and found.known_until else "",
            "chapters": [(name, list(there)) for name, there in groupby(found.figures, lambda each: each.chapter)]
            if found
            else [],
            "files": reports.files(chosen.report_id) if found and chosen else [], "offered": FILES,
            "may_make": caller_of(request).may("reports.make"),
            "first": days[0] or usual.first.isoformat(), "last": days[1] or usual.last.isoformat(),
        }  # fmt: skip
        status = 422 if wrong else 200
        return view(request, "console/report.html", context, at="report", words=TEXTS, status=status)

    @get("/", sync_to_thread=True)
    def shown(request: AnyRequest, wanted: FromId = "") -> Template:
        with reports.store.reading() as connection:
            chosen = asked.get(connection, wanted) if wanted else asked.latest(connection)
        return page(request, chosen)

    @post("/", sync_to_thread=True, status_code=303, opt={PERMISSION: "reports.make"})
    def make(request: AnyRequest, data: URLEncodedBody[dict[str, Any]]) -> Response[Any] | Template:
        first, last = field(data, "first"), field(data, "last")
        try:
            period = period_of(_day(first), _day(last))
            made = reports.ask(period, Scope(), by=caller_of(request).actor)
        except AgoranomosError as error:
            with reports.store.reading() as connection:
                chosen = asked.latest(connection)
            return page(request, chosen, error.message, (first, last))
        return Redirect(with_query("/report", id=made.report_id), status_code=303)

    @get("/file", sync_to_thread=True)
    def file(wanted: FromId = "", name: FromQuery[Text] = "") -> File:
        return download(reports, wanted, name)

    return Router(
        "/report", route_handlers=[shown, make, file], include_in_schema=False, opt={PERMISSION: "reports.read"}
    )  # fmt: skip


def _day(text: str) -> date:
    try:
        return date.fromisoformat(text)
    except ValueError:
        raise Invalid("a day is written as 2026-05-01") from None
