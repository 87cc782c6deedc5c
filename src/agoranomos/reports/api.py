"""Reports over HTTP: ask, come back for what came of it, take its files."""

from __future__ import annotations

from datetime import date
from typing import Annotated, Any, Final

import msgspec
from litestar import Request, Router, get, post
from litestar.params import FromPath, QueryParameter, RawBody
from litestar.response import File

from agoranomos.kernel import events
from agoranomos.kernel.json_text import decoded
from agoranomos.reports import asked
from agoranomos.reports.asked import Asked
from agoranomos.reports.integrity.making import Report
from agoranomos.reports.integrity.period import period_of, year_of
from agoranomos.reports.service import ReportService
from agoranomos.reports.transparency.gathering import Scope
from agoranomos.web import paging
from agoranomos.web.auth import PERMISSION, caller_of
from agoranomos.web.openapi import json_body, problems
from agoranomos.web.paging import LIMIT_DEFAULT, Cursor, Limit, Page
from agoranomos.web.problems import json_only

Asking = Request[Any, Any, Any]
READ, MAKE = {PERMISSION: "reports.read"}, {PERMISSION: "reports.make"}
MEDIA: Final = {
    ".html": "text/html; charset=utf-8", ".pdf": "application/pdf", ".csv": "text/csv; charset=utf-8",
    ".json": "application/json",
}  # fmt: skip
Name = Annotated[str, QueryParameter(min_length=1, max_length=128, description="One of `files` of the report")]
Territory = Annotated[str, msgspec.Meta(pattern="^[A-Z]{2}$")]


class NewReport(msgspec.Struct, kw_only=True, forbid_unknown_fields=True):
    """The days of a report, both included (Asia/Shanghai), the year up to yesterday unless told otherwise.

    `territories` (ISO 3166-1) and `content_language` (ISO 639-1, capital letters) go into the statements of reasons.
    """

    first: date | None = None
    last: date | None = None
    territories: Annotated[list[Territory], msgspec.Meta(max_length=40)] = []
    content_language: Territory | None = None


class ReportShown(Asked, frozen=True, kw_only=True):
    """A report with its figures, and the names of its files, as soon as it is made."""

    report: Report | None = None
    files: tuple[str, ...] = ()


def api_router(service: ReportService) -> Router:
    """The addresses under `/v1/reports`."""
    store = service.store

    @post("/", status_code=202, sync_to_thread=True, guards=[json_only], summary="Ask for an integrity report",
          operation_id="askReport", opt=MAKE, operation_class=json_body(NewReport),
          responses=problems(400, 401, 403, 409, 413, 415, 422))  # fmt: skip
    def ask(request: Asking, body: RawBody) -> Asked:
        """Each figure over the given days, against the time before. It takes seconds; ask for it by its id."""
        form = events.typed(decoded(body, "body"), NewReport)
        usual = year_of(service.clock())
        period = period_of(form.first or usual.first, form.last or usual.last)
        scope = Scope(territories=tuple(form.territories), language=form.content_language)
        return service.ask(period, scope, by=caller_of(request).actor)

    @get("/", sync_to_thread=True, summary="Reports, newest first", operation_id="listReports", opt=READ,
         responses=problems(400, 401, 403))  # fmt: skip
    def list_reports(cursor: Cursor = "", limit: Limit = LIMIT_DEFAULT) -> Page[Asked]:
        """Without their figures."""
        with store.reading() as connection:
            found = asked.listed(connection, after=paging.after_time(cursor), limit=limit + 1)
        return paging.page_of(found, limit, lambda each: (each.asked_at, each.report_id))

    @get("/{report_id:str}", sync_to_thread=True, summary="A report", operation_id="getReport", opt=READ,
         responses=problems(400, 401, 403, 404))  # fmt: skip
    def show(report_id: FromPath[str]) -> ReportShown:
        """Its state, and the figures when it is done."""
        with store.reading() as connection:
            found = asked.get(connection, report_id)
            report = asked.figures_of(connection, report_id)
        files = tuple(service.files(report_id)) if report is not None else ()
        return ReportShown(**msgspec.structs.asdict(found), report=report, files=files)

    @get("/{report_id:str}/file", sync_to_thread=True, summary="A file of a report", operation_id="getReportFile",
         opt=READ, media_type="application/octet-stream", responses=problems(400, 401, 403, 404, 409))  # fmt: skip
    def file(report_id: FromPath[str], name: Name) -> File:
        """The page, the PDF, or a table."""
        return download(service, report_id, name)

    return Router("/v1/reports", route_handlers=[ask, list_reports, show, file], tags=["Reports"])


def download(service: ReportService, report_id: str, name: str) -> File:
    """A file of a report, to be kept by whoever asked for it. Raises NotFound, Conflict."""
    path = service.file(report_id, name)
    return File(path, filename=path.name, media_type=MEDIA[path.suffix], content_disposition_type="attachment")
