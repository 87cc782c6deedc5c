"""Insiders over HTTP: for who audits, and nobody else."""

from __future__ import annotations

from typing import Annotated

from litestar import Router, get
from litestar.params import FromPath, QueryParameter

from agoranomos.access.insiders.service import InsiderService
from agoranomos.judgements.queries import AboutStaff
from agoranomos.kernel.clock import parse_rfc3339
from agoranomos.kernel.findings import Finding
from agoranomos.web import paging
from agoranomos.web.auth import PERMISSION
from agoranomos.web.openapi import problems
from agoranomos.web.paging import LIMIT_DEFAULT, Cursor, Limit, Page

Filter = Annotated[str | None, QueryParameter(min_length=1, max_length=128)]
Probability = Annotated[float | None, QueryParameter(ge=0, le=1)]


def api_router(insiders: InsiderService) -> Router:
    """`/v1/insiders`."""

    @get(
        "/", sync_to_thread=True, summary="What was found about the staff, newest first", operation_id="listInsiders",
        responses=problems(400, 401, 403),
    )  # fmt: skip
    def list_insiders(
        code: Filter = None,
        staff_id: Filter = None,
        score_min: Probability = None,
        cursor: Cursor = "",
        limit: Limit = LIMIT_DEFAULT,
    ) -> Page[Finding]:
        """The latest revision of each finding; no other list shows them."""
        about = AboutStaff(code=code, staff_id=staff_id, score_min=score_min)
        found = insiders.found(about, after=paging.after_time(cursor), limit=limit + 1)
        return paging.page_of(found, limit, lambda each: (parse_rfc3339(each.at), each.id))

    @get(
        "/{finding_id:str}", sync_to_thread=True, summary="A finding on a member of staff", operation_id="getInsider",
        responses=problems(400, 401, 403, 404),
    )  # fmt: skip
    def get_insider(finding_id: FromPath[str]) -> Finding:
        """Its latest revision, with what is usual for colleagues."""
        return insiders.finding(finding_id)

    return Router(
        "/v1/insiders", route_handlers=[list_insiders, get_insider], tags=["Access"],
        opt={PERMISSION: "insiders.read"},
    )  # fmt: skip
