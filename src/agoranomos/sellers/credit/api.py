"""Credit of conduct over HTTP: parse, one verb or query, present."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Any

import msgspec
from litestar import Request, Router, get, post
from litestar.params import FromPath, FromQuery, QueryParameter, RawBody

from agoranomos.kernel import events
from agoranomos.kernel.errors import Invalid
from agoranomos.kernel.json_text import decoded
from agoranomos.kernel.schema.base import Id
from agoranomos.sellers.credit.service import Credit, CreditService, Exported
from agoranomos.web.auth import PERMISSION, caller_of
from agoranomos.web.openapi import json_body, problems
from agoranomos.web.problems import json_only

Asking = Request[Any, Any, Any]
READ, MANAGE = {PERMISSION: "conduct.read"}, {PERMISSION: "conduct.manage"}
When = Annotated[datetime | None, QueryParameter(description="RFC 3339, with an offset; without it: now")]


class CreditFor(msgspec.Struct, kw_only=True, forbid_unknown_fields=True):
    """Who is to get the score."""

    recipient: Id


def api_router(service: CreditService) -> Router:
    """The addresses under `/v1/sellers/credit`."""

    @get("/{seller_id:str}", sync_to_thread=True, summary="A seller's credit of conduct", operation_id="getCredit",
         opt=READ, responses=problems(400, 401, 403, 404))  # fmt: skip
    def show(seller_id: FromPath[str], as_of: FromQuery[When] = None) -> Credit:
        """Base and points add up to the score; what cost most comes first."""
        if as_of is not None and as_of.tzinfo is None:
            raise Invalid("as_of needs an offset, such as Z or +08:00", pointer="/as_of")
        return service.show(seller_id, as_of=as_of)

    @post("/{seller_id:str}/exports", status_code=201, sync_to_thread=True, guards=[json_only],
          summary="Export a score to a lender", operation_id="exportCredit", opt=MANAGE,
          operation_class=json_body(CreditFor), responses=problems(400, 401, 403, 404, 413, 415, 422))  # fmt: skip
    def export(request: Asking, seller_id: FromPath[str], body: RawBody) -> Exported:
        """Signed, and only with the seller's consent to this recipient (`consent.given`)."""
        form = events.typed(decoded(body, "body"), CreditFor)
        return service.export(seller_id, form.recipient, by=caller_of(request).actor)

    return Router("/v1/sellers/credit", route_handlers=[show, export], tags=["Sellers: credit"])
