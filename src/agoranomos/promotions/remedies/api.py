"""Tracing and remedies over HTTP: parse, one verb or query, present."""

from __future__ import annotations

from typing import Any

import msgspec
from litestar import Request, Router, get, post
from litestar.params import FromPath, RawBody

from agoranomos.kernel import events
from agoranomos.kernel.json_text import decoded
from agoranomos.kernel.schema.base import Id
from agoranomos.promotions.remedies.service import Asked, Looked, RemedyService
from agoranomos.promotions.tracing.service import Traced, TraceService
from agoranomos.web.auth import PERMISSION, caller_of
from agoranomos.web.openapi import json_body, problems
from agoranomos.web.problems import json_only

Asking = Request[Any, Any, Any]
READ, ASK = {PERMISSION: "promotions.read"}, {PERMISSION: "actions.request"}


class Wanted(msgspec.Struct, kw_only=True, forbid_unknown_fields=True):
    """The plan that was looked at: what is asked for is exactly that."""

    plan_id: Id


def api_router(traces: TraceService, remedies: RemedyService) -> Router:
    """The addresses of coupons and incidents."""

    @get("/coupons/{coupon_id:str}", sync_to_thread=True, summary="Where a coupon went", operation_id="traceCoupon",
         opt=READ, responses=problems(400, 401, 403, 404))  # fmt: skip
    def coupon(coupon_id: FromPath[str]) -> Traced:
        """From its issue to the account, device, order, payee and refund, as far as the log was heard."""
        return traces.coupon(coupon_id)

    @get("/incidents/{campaign_id:str}", sync_to_thread=True, summary="Who had the good of a campaign",
         operation_id="getIncident", opt=READ, responses=problems(400, 401, 403, 404))  # fmt: skip
    def incident(campaign_id: FromPath[str]) -> Looked:
        """Rings, heavy individuals and people of good faith, with reasons, and the plan of remedies."""
        return remedies.look(campaign_id)

    @post("/incidents/{campaign_id:str}/remedies", status_code=201, sync_to_thread=True, guards=[json_only],
          summary="Ask for the remedies of a plan", operation_id="askRemedies", opt=ASK,
          operation_class=json_body(Wanted), responses=problems(400, 401, 403, 404, 409, 413, 415, 422))  # fmt: skip
    def ask(request: Asking, campaign_id: FromPath[str], body: RawBody) -> Asked:
        """As measures that a second person agrees to; asking again for the same plan changes nothing."""
        form = events.typed(decoded(body, "body"), Wanted)
        return remedies.ask(campaign_id, form.plan_id, by=caller_of(request).actor)

    return Router("/v1/promotions", route_handlers=[coupon, incident, ask], tags=["Promotions"])
