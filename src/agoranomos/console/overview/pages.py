"""The overview, and the rows behind each number."""

from __future__ import annotations

from typing import Annotated, Any, Final

from litestar import Router, get
from litestar.params import FromPath, FromQuery, QueryParameter
from litestar.response import Template

from agoranomos.console.frame import AnyRequest, view
from agoranomos.console.guide.paths import guide_for
from agoranomos.console.guide.wording import TEXTS as GUIDE
from agoranomos.console.overview.queries import DAYS, look, shown, window_of
from agoranomos.console.overview.wording import TEXTS
from agoranomos.console.rooms import Console
from agoranomos.kernel.errors import Forbidden
from agoranomos.reports.numbers import number_of
from agoranomos.web import paging
from agoranomos.web.auth import PERMISSION, caller_of
from agoranomos.web.paging import Cursor

_ROWS: Final = 50
Days = Annotated[int, QueryParameter(ge=1, le=366)]


def pages_router(console: Console) -> Router:
    """`/overview` and `/numbers/…`."""

    @get("/overview", sync_to_thread=True)
    def overview(request: AnyRequest, days: FromQuery[Days] = 30) -> Template:
        with console.store.reading() as connection:
            seen = look(connection, caller_of(request), console.clock(), days)
            guide = guide_for(connection, caller_of(request)) if console.guided else None
        context = _context(days) | {"seen": seen, "guide": guide}
        return view(request, "console/overview.html", context, at="overview", words=TEXTS | GUIDE)

    @get("/numbers/{name:str}", sync_to_thread=True)
    def number(request: AnyRequest, name: FromPath[str], days: FromQuery[Days] = 30, cursor: Cursor = "") -> Template:
        chosen = number_of(name)
        if not caller_of(request).may(chosen.permission):
            raise Forbidden(f"this number needs the permission {chosen.permission}")
        window = window_of(console.clock(), days)
        with console.store.reading() as connection:
            value = shown(connection, chosen, window)
            rows = chosen.rows(connection, window, after=paging.after_time(cursor), limit=_ROWS + 1)
        page = paging.page_of(rows, _ROWS, lambda each: (each.at, each.id))
        context = {"each": value, "page": page, "query": {"days": str(days), "cursor": cursor}, "window": window}
        return view(request, "console/number.html", _context(days) | context, at="overview", words=TEXTS)

    return Router(
        "/", route_handlers=[overview, number], include_in_schema=False, opt={PERMISSION: "findings.read"}
    )  # fmt: skip


def _context(days: int) -> dict[str, Any]:
    return {"days": days, "choices": DAYS}
