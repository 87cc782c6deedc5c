"""The entries of the audit log; `audit.js` checks one in the browser, with no word of ours believed."""

from __future__ import annotations

from typing import Final

from litestar import Router, get
from litestar.params import FromQuery
from litestar.response import Template

from agoranomos.audit.api import shown
from agoranomos.audit.service import AuditService
from agoranomos.console.auditing.wording import TEXTS
from agoranomos.console.frame import AnyRequest, Text, view
from agoranomos.console.rooms import Console
from agoranomos.web import paging
from agoranomos.web.auth import PERMISSION
from agoranomos.web.paging import Cursor

_ROWS: Final = 50


def pages_router(console: Console) -> Router:
    """`/audit-log`."""
    service = AuditService(console.store)

    @get("/audit-log", sync_to_thread=True)
    def entries(
        request: AnyRequest, subject: FromQuery[Text] = "", actor: FromQuery[Text] = "", cursor: Cursor = ""
    ) -> Template:
        after = paging.after_number(cursor)
        page = shown(service, subject=subject or None, actor=actor or None, after=after, limit=_ROWS)
        context = {"page": page, "query": {"subject": subject, "actor": actor, "cursor": cursor}}
        return view(request, "console/audit.html", context, at="audit", words=TEXTS)

    return Router("/", route_handlers=[entries], include_in_schema=False, opt={PERMISSION: "audit.read"})
