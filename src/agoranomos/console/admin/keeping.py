"""Pages of retention: how long each kind of data is kept, what runs did, and holds."""

from __future__ import annotations

from typing import Any, Final

from litestar import Response, Router, get, post
from litestar.params import URLEncodedBody
from litestar.response import Redirect, Template

from agoranomos.console.addresses import with_query
from agoranomos.console.admin.wording import TEXTS
from agoranomos.console.forms import moment_in
from agoranomos.console.frame import AnyRequest, view
from agoranomos.console.rooms import Console
from agoranomos.kernel.approvals.actions import open_about
from agoranomos.kernel.errors import AgoranomosError, Invalid
from agoranomos.retention import queries
from agoranomos.retention.actions import LIFT
from agoranomos.retention.api import schedule_of
from agoranomos.retention.model import HOLD_KINDS, Hold
from agoranomos.retention.service import RetentionService
from agoranomos.staff.browsers import field
from agoranomos.web import paging
from agoranomos.web.auth import PERMISSION, caller_of
from agoranomos.web.paging import Cursor

_ROWS: Final = 50
_RUNS: Final = 5
_READ, _MANAGE = {PERMISSION: "retention.read"}, {PERMISSION: "retention.manage"}


def retention_router(console: Console, service: RetentionService) -> Router:
    """`/retention`."""

    def shown(
        request: AnyRequest, *, cursor: str = "", wrong: str = "", typed: dict[str, Any] | None = None
    ) -> Template:
        now = console.clock()
        with service.store.reading() as connection:
            found = queries.list_holds(connection, after=paging.after_time(cursor), limit=_ROWS + 1)
            page = paging.page_of(found, _ROWS, lambda each: (each.placed_at, each.hold_id))
            holds: list[tuple[Hold, Any]] = [
                (each, next(iter(open_about(connection, LIFT, "hold", each.hold_id, now)), None)) for each in page.items
            ]
            runs = queries.list_runs(connection, after=None, limit=_RUNS)
        context = {
            "holds": holds, "page": page, "runs": runs, "schedule": schedule_of(service), "now": now, "wrong": wrong,
            "kinds": HOLD_KINDS, "query": {"cursor": cursor}, "may": caller_of(request).may("retention.manage"),
            "typed": typed or {},
        }  # fmt: skip
        return view(
            request, "console/retention.html", context, at="retention", words=TEXTS, status=409 if wrong else 200
        )

    @get("/retention", sync_to_thread=True)
    def retention(request: AnyRequest, cursor: Cursor = "") -> Template:
        return shown(request, cursor=cursor)

    @post("/retention", sync_to_thread=True, opt=_MANAGE)
    def place(request: AnyRequest, data: URLEncodedBody[dict[str, Any]]) -> Response[Any]:
        kind = next((each for each in HOLD_KINDS if each == field(data, "kind")), None)
        try:
            if kind is None:
                raise Invalid("say on what the hold is", pointer="/kind")
            until = moment_in(data, "until") if field(data, "until") else None
            service.place(
                kind, field(data, "subject_id").strip(), why=field(data, "why").strip(), note=field(data, "note"),
                until=until, by=caller_of(request).actor,
            )  # fmt: skip
        except AgoranomosError as error:
            return shown(request, wrong=error.message, typed=data)
        return Redirect("/retention", status_code=303)

    @post("/retention/lift", sync_to_thread=True, opt=_MANAGE)
    def lift(request: AnyRequest, data: URLEncodedBody[dict[str, Any]]) -> Response[Any]:
        hold_id, approval_id, by = field(data, "id"), field(data, "approval_id"), caller_of(request).actor
        try:
            if not approval_id:
                asked = service.ask_to_lift(hold_id, by=by)
                return Redirect(with_query("/approvals", id=asked.approval_id), status_code=303)
            service.lift(hold_id, approval_id, by=by)
        except AgoranomosError as error:
            return shown(request, wrong=error.message)
        return Redirect("/retention", status_code=303)

    return Router("/", route_handlers=[retention, place, lift], include_in_schema=False, opt=_READ)
