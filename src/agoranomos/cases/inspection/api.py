"""Inspections over HTTP: parse, one verb or query, present."""

from __future__ import annotations

from typing import Annotated, Any

import msgspec
from litestar import Request, Router, get, post
from litestar.params import FromPath, RawBody

from agoranomos.cases.inspection.model import Form, Inspection, Maker, Report
from agoranomos.cases.inspection.redress import From, Shown
from agoranomos.cases.inspection.service import InspectionService
from agoranomos.kernel import events
from agoranomos.kernel.json_text import decoded
from agoranomos.web import paging
from agoranomos.web.auth import PERMISSION, caller_of
from agoranomos.web.openapi import json_body, problems
from agoranomos.web.paging import LIMIT_DEFAULT, Cursor, Limit, Page
from agoranomos.web.problems import json_only

Asking = Request[Any, Any, Any]
READ, MANAGE = {PERMISSION: "referrals.read"}, {PERMISSION: "referrals.manage"}


class NewInspections(msgspec.Struct, kw_only=True, forbid_unknown_fields=True):
    """What an authority reports; all of it is taken, or nothing."""

    reports: Annotated[list[Report], msgspec.Meta(min_length=1, max_length=1_000)]


class Received(msgspec.Struct, frozen=True):
    """The reports as they are kept, with the cases that they became."""

    items: list[Inspection]


def api_router(service: InspectionService) -> Router:
    """The addresses of inspections under `/v1/inspections`."""

    @get("/", sync_to_thread=True, summary="Inspections, the last received first", operation_id="listInspections",
         opt=READ, responses=problems(400, 401, 403))  # fmt: skip
    def listed(cursor: Cursor = "", limit: Limit = LIMIT_DEFAULT) -> Page[Inspection]:
        """With the cases that they became."""
        found = service.listed(after=paging.after_time(cursor), limit=limit + 1)
        return paging.page_of(found, limit, lambda each: (each.received_at, each.reference))

    @post("/", status_code=201, sync_to_thread=True, guards=[json_only], summary="Take in what an authority reports",
          operation_id="receiveInspections", opt=MANAGE, operation_class=json_body(NewInspections),
          responses=problems(400, 401, 403, 409, 413, 415, 422))  # fmt: skip
    def received(request: Asking, body: RawBody) -> Received:
        """A failed inspection becomes a case; of a factory or supplier, one for each store that it delivered to."""
        form = events.typed(decoded(body, "body"), NewInspections)
        return Received(service.receive(form.reports, by=caller_of(request).actor))

    @get("/forms/{maker:str}/{maker_id:str}", sync_to_thread=True, summary="The form about a factory or supplier",
         operation_id="getInspectionForm", opt=MANAGE, responses=problems(400, 401, 403, 404))  # fmt: skip
    def form(request: Asking, maker: FromPath[Maker], maker_id: FromPath[str]) -> Form:
        """Batches, stores, sellers, listings and what was said; that you asked is recorded."""
        return service.form(maker, maker_id, by=caller_of(request).actor)

    @get("/redress/{kind:str}/{subject_id:str}", sync_to_thread=True, summary="What was done for buyers",
         operation_id="getRedressOf", opt=READ, responses=problems(400, 401, 403, 404))  # fmt: skip
    def redress(kind: FromPath[From], subject_id: FromPath[str]) -> Shown:
        """Of a case, batch or listing: buyers told, refunded, parcels stopped, what stores owe, listings without."""
        return service.redress(kind, subject_id)

    return Router("/v1/inspections", route_handlers=[listed, received, form, redress], tags=["Inspections"])
