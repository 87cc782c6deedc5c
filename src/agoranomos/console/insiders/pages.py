"""Pages of findings on staff: the list, and one with what is usual for colleagues."""

from __future__ import annotations

from typing import Final

from litestar import Router, get
from litestar.response import Template

from agoranomos.access.insiders.service import InsiderService
from agoranomos.console.frame import AnyRequest, FromId, view
from agoranomos.console.insiders.wording import TEXTS
from agoranomos.judgements.queries import AboutStaff
from agoranomos.kernel.clock import parse_rfc3339
from agoranomos.web import paging
from agoranomos.web.auth import PERMISSION
from agoranomos.web.paging import Cursor

_ROWS: Final = 50


def pages_router(service: InsiderService) -> Router:
    """`/insiders`."""

    @get("/insiders", sync_to_thread=True)
    def insiders(request: AnyRequest, wanted: FromId = "", cursor: Cursor = "") -> Template:
        if wanted:
            context = {"finding": service.finding(wanted)}
            return view(request, "console/insider.html", context, at="insiders", words=TEXTS)
        found = service.found(AboutStaff(), after=paging.after_time(cursor), limit=_ROWS + 1)
        page = paging.page_of(found, _ROWS, lambda each: (parse_rfc3339(each.at), each.id))
        return view(
            request, "console/insiders.html", {"page": page, "query": {"cursor": cursor}}, at="insiders", words=TEXTS
        )

    return Router("/", route_handlers=[insiders], include_in_schema=False, opt={PERMISSION: "insiders.read"})
