"""Pages of readers: all of them, one with its coverage, and exports that wait for agreement."""

from __future__ import annotations

from typing import Any, Final

from litestar import Response, Router, get, post
from litestar.params import URLEncodedBody
from litestar.response import Redirect, Template

from agoranomos.access.service import AccessService
from agoranomos.console.access.wording import TEXTS
from agoranomos.console.frame import AnyRequest, FromId, view
from agoranomos.kernel.errors import Invalid
from agoranomos.staff.browsers import field
from agoranomos.web import paging
from agoranomos.web.auth import PERMISSION, caller_of
from agoranomos.web.paging import Cursor

_ROWS: Final = 50


def pages_router(service: AccessService) -> Router:
    """`/access`, a reader, exports."""

    @get("/", sync_to_thread=True)
    def readers(request: AnyRequest, wanted: FromId = "", cursor: Cursor = "") -> Template:
        if wanted:
            context: dict[str, Any] = {"reader": service.reader(wanted)}
            return view(request, "console/reader.html", context, at="access", words=TEXTS)
        found = service.readers(after=paging.after_id(cursor), limit=_ROWS + 1)
        page = paging.page_of(found, _ROWS, lambda each: (each.principal_id,))
        return view(
            request, "console/access.html", {"page": page, "query": {"cursor": cursor}}, at="access", words=TEXTS
        )

    @get("/exports", sync_to_thread=True)
    def exports(request: AnyRequest, cursor: Cursor = "") -> Template:
        found = service.exports(after=paging.after_time(cursor), limit=_ROWS + 1)
        page = paging.page_of(found, _ROWS, lambda each: (each.export.requested_at, each.export.export_id))
        context = {"page": page, "query": {"cursor": cursor}, "may": caller_of(request).may("access.approve")}
        return view(request, "console/exports.html", context, at="access", words=TEXTS)

    @post("/exports", sync_to_thread=True, opt={PERMISSION: "access.approve"})
    def decide(request: AnyRequest, data: URLEncodedBody[dict[str, Any]]) -> Response[Any]:
        verbs = {"agree": service.agree, "refuse": service.refuse}
        verb = verbs.get(field(data, "answer"))
        if verb is None:
            raise Invalid("say agree or refuse", pointer="/answer")
        verb(field(data, "id"), by=caller_of(request).actor)
        return Redirect("/access/exports", status_code=303)

    return Router(
        "/access", route_handlers=[readers, exports, decide], include_in_schema=False, opt={PERMISSION: "access.read"}
    )
