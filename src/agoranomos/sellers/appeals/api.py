"""Appeals and complainants over HTTP: parse, one verb or query, present."""

from __future__ import annotations

from typing import Any

import msgspec
from litestar import Request, Router, get, post
from litestar.params import FromPath, FromQuery, RawBody

from agoranomos.kernel import events
from agoranomos.kernel.json_text import decoded
from agoranomos.sellers.appeals.actions import Ruling
from agoranomos.sellers.appeals.model import Appeal, State
from agoranomos.sellers.appeals.service import AppealService, Complainant
from agoranomos.web import paging
from agoranomos.web.auth import PERMISSION, caller_of
from agoranomos.web.openapi import json_body, problems
from agoranomos.web.paging import LIMIT_DEFAULT, Cursor, Limit, Page
from agoranomos.web.problems import json_only

Asking = Request[Any, Any, Any]
READ, MANAGE = {PERMISSION: "conduct.read"}, {PERMISSION: "conduct.manage"}


class NewRuling(msgspec.Struct, kw_only=True, forbid_unknown_fields=True):
    """What becomes of an appeal."""

    ruling: Ruling


def api_router(service: AppealService) -> Router:
    """The addresses under `/v1/sellers/appeals` and `/v1/sellers/complainants`."""

    @get("/appeals", sync_to_thread=True, summary="Appeals, newest first", operation_id="listAppeals", opt=READ,
         responses=problems(400, 401, 403))  # fmt: skip
    def listed(
        status: FromQuery[State | None] = None, cursor: Cursor = "", limit: Limit = LIMIT_DEFAULT
    ) -> Page[Appeal]:  # fmt: skip
        """Each with the day by which it is to be decided."""
        found = service.listed(state=status, after=paging.after_time(cursor), limit=limit + 1)
        return paging.page_of(found, limit, lambda each: (each.filed_at, each.appeal_id))

    @post("/appeals/{appeal_id:str}/ruling", status_code=200, sync_to_thread=True, guards=[json_only],
          summary="Decide an appeal", operation_id="decideAppeal", opt=MANAGE, operation_class=json_body(NewRuling),
          responses=problems(400, 401, 403, 404, 409, 413, 415, 422))  # fmt: skip
    def decide(request: Asking, appeal_id: FromPath[str], body: RawBody) -> Appeal:
        """Granted, everything that rested on the case is taken back: points, suspensions, frozen money, removals."""
        form = events.typed(decoded(body, "body"), NewRuling)
        return service.decide(appeal_id, form.ruling, by=caller_of(request).actor)

    @get("/complainants/{account_id:str}", sync_to_thread=True, summary="How somebody's complaints came out",
         operation_id="getComplainant", opt=READ, responses=problems(400, 401, 403, 404))  # fmt: skip
    def complainant(account_id: FromPath[str]) -> Complainant:
        """Of those who called goods fake; who never did has the record of nobody."""
        return service.complainant(account_id)

    return Router("/v1/sellers", route_handlers=[listed, decide, complainant], tags=["Sellers: appeals"])
