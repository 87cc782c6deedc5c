"""Points over HTTP: parse, one verb or query, present."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Any

import msgspec
from litestar import Request, Router, get, post
from litestar.params import FromPath, FromQuery, QueryParameter, RawBody

from agoranomos.kernel import events
from agoranomos.kernel.errors import Invalid
from agoranomos.kernel.ids import is_id
from agoranomos.kernel.json_text import decoded
from agoranomos.kernel.schema.base import Id
from agoranomos.sellers.points.actions import REASONS_MAX
from agoranomos.sellers.points.policy import Intent
from agoranomos.sellers.points.queries import Offender
from agoranomos.sellers.points.service import PointsService, PointsShown
from agoranomos.web import paging
from agoranomos.web.auth import PERMISSION, caller_of
from agoranomos.web.openapi import json_body, problems
from agoranomos.web.paging import LIMIT_DEFAULT, Cursor, Limit, Page
from agoranomos.web.problems import json_only

Asking = Request[Any, Any, Any]
READ, MANAGE = {PERMISSION: "conduct.read"}, {PERMISSION: "conduct.manage"}
Least = Annotated[int, QueryParameter(ge=0, le=1_000_000)]
When = Annotated[datetime | None, QueryParameter(description="RFC 3339, with an offset; without it: now")]


class NewIntent(msgspec.Struct, kw_only=True, forbid_unknown_fields=True):
    """What is recorded of a case: the seller's intent, and codes of what speaks for it."""

    case_id: Id
    intent: Intent
    reasons: Annotated[tuple[Id, ...], msgspec.Meta(min_length=1, max_length=REASONS_MAX)]


def api_router(service: PointsService) -> Router:
    """The addresses under `/v1/sellers/points`."""

    @get("/", sync_to_thread=True, summary="Sellers with points, most first", operation_id="listPoints", opt=READ,
         responses=problems(400, 401, 403))  # fmt: skip
    def listed(points_min: Least = 0, cursor: Cursor = "", limit: Limit = LIMIT_DEFAULT) -> Page[Offender]:
        """Everybody against whom a case stands, as last looked at."""
        found = service.listed(points_min=points_min, after=_after(cursor), limit=limit + 1)
        return paging.page_of(found, limit, lambda each: (each.points, each.seller_id))

    @get("/{seller_id:str}", sync_to_thread=True, summary="Where a seller stands", operation_id="getPoints", opt=READ,
         responses=problems(400, 401, 403, 404))  # fmt: skip
    def show(seller_id: FromPath[str], as_of: FromQuery[When] = None) -> PointsShown:
        """Points in force, the offences that they rest on, what ends when, and the same in words for the seller."""
        return service.show(seller_id, as_of=aware(as_of, "as_of"))

    @post("/intents", status_code=200, sync_to_thread=True, guards=[json_only], summary="Record a seller's intent",
          operation_id="recordIntent", opt=MANAGE, operation_class=json_body(NewIntent),
          responses=problems(400, 401, 403, 404, 409, 413, 415, 422))  # fmt: skip
    def record(request: Asking, body: RawBody) -> PointsShown:
        """The measure of the case follows at once; the same again changes nothing."""
        form = events.typed(decoded(body, "body"), NewIntent)
        return service.record_intent(form.case_id, form.intent, form.reasons, by=caller_of(request).actor)

    return Router("/v1/sellers/points", route_handlers=[listed, show, record], tags=["Sellers: points"])


def aware(moment: datetime | None, name: str) -> datetime | None:
    """`moment`, which must have an offset. Raises Invalid."""
    if moment is not None and moment.tzinfo is None:
        raise Invalid(f"{name} needs an offset, such as Z or +08:00", pointer=f"/{name}")
    return moment


def _after(cursor: str) -> tuple[int, str] | None:
    key = paging.decode(cursor, tuple[Annotated[int, msgspec.Meta(ge=0, le=1 << 62)], str])
    if key is not None and not is_id(key[1]):
        raise Invalid("this is no cursor of this list; take `next` of the page before as it is")
    return key
