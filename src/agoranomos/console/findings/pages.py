"""The list of findings, and one finding with its reasons, evidence and ring."""

from __future__ import annotations

from typing import Annotated, Final

from litestar import Router, get
from litestar.params import FromPath, FromQuery, QueryParameter
from litestar.response import Template

from agoranomos.console.findings.wording import TEXTS
from agoranomos.console.frame import AnyRequest, Text, view
from agoranomos.console.rooms import Console
from agoranomos.judgements import queries
from agoranomos.kernel.clock import parse_rfc3339
from agoranomos.web import paging
from agoranomos.web.auth import PERMISSION
from agoranomos.web.paging import Cursor

_ROWS: Final = 50
_RING_MAX: Final = 200
Score = Annotated[str, QueryParameter(max_length=8)]
SCORES: Final = ("0.9", "0.5")


def pages_router(console: Console) -> Router:
    """`/findings` and `/findings/…`."""

    @get("/findings", sync_to_thread=True)
    def listed(
        request: AnyRequest, code: FromQuery[Text] = "", kind: FromQuery[Text] = "",
        score_min: FromQuery[Score] = "", cursor: Cursor = "",
    ) -> Template:  # fmt: skip
        about = queries.About(
            code=code or None, subject_kind=kind or None, score_min=float(score_min) if score_min in SCORES else None
        )
        with console.store.reading() as connection:
            found = queries.list_findings(connection, about, after=paging.after_time(cursor), limit=_ROWS + 1)
        page = paging.page_of(found, _ROWS, lambda each: (parse_rfc3339(each.at), each.id))
        query = {"code": code, "kind": kind, "score_min": score_min, "cursor": cursor}
        context = {"page": page, "query": query, "scores": SCORES}
        return view(request, "console/findings.html", context, at="findings", words=TEXTS)

    @get("/findings/{finding_id:str}", sync_to_thread=True)
    def shown(request: AnyRequest, finding_id: FromPath[str]) -> Template:
        with console.store.reading() as connection:
            finding = queries.get_finding(connection, finding_id)
            about = queries.About(ring_id=finding.ring_id)
            ring = (
                [] if finding.ring_id is None
                else queries.list_findings(connection, about, after=None, limit=_RING_MAX)
            )  # fmt: skip
        context = {"finding": finding, "ring": [each for each in ring if each.id != finding.id]}
        return view(request, "console/finding.html", context, at="findings", words=TEXTS)

    return Router("/", route_handlers=[listed, shown], include_in_schema=False, opt={PERMISSION: "findings.read"})
