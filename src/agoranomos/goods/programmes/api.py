"""Programmes over HTTP: parse, one verb or query, present."""

from __future__ import annotations

from typing import Annotated, Any

import msgspec
from litestar import Request, Router, get, post
from litestar.params import FromPath, FromQuery, QueryParameter, RawBody

from agoranomos.goods.programmes import queries
from agoranomos.goods.programmes.model import Enrolment, EnrolmentState
from agoranomos.goods.programmes.service import ProgrammeService, Shown
from agoranomos.kernel import events
from agoranomos.kernel.json_text import decoded
from agoranomos.kernel.schema.base import Id
from agoranomos.web import paging
from agoranomos.web.auth import PERMISSION, caller_of
from agoranomos.web.openapi import json_body, problems
from agoranomos.web.paging import LIMIT_DEFAULT, Cursor, Limit, Page
from agoranomos.web.problems import json_only

Asking = Request[Any, Any, Any]
READ, MANAGE = {PERMISSION: "programmes.read"}, {PERMISSION: "programmes.manage"}
Filter = Annotated[str | None, QueryParameter(min_length=1, max_length=128)]


class NewEnrolment(msgspec.Struct, kw_only=True, forbid_unknown_fields=True):
    """Who is to be enrolled, and in which programme of the policy."""

    seller_id: Id
    programme: Id


def api_router(service: ProgrammeService) -> Router:
    """The addresses of programmes under `/v1/programmes`."""
    return Router("/v1/programmes", route_handlers=[*_reading(service), *_changing(service)], tags=["Programmes"])


def _reading(service: ProgrammeService) -> list[Any]:
    @get("/enrolments", sync_to_thread=True, summary="Who is on the way back", operation_id="listEnrolments", opt=READ,
         responses=problems(400, 401, 403))  # fmt: skip
    def enrolments(
        status: FromQuery[EnrolmentState | None] = None,
        seller_id: Filter = None,
        cursor: Cursor = "",
        limit: Limit = LIMIT_DEFAULT,
    ) -> Page[Enrolment]:
        """In the order of ids, also those who were refused, left or were expelled."""
        with service.store.reading() as connection:
            found = queries.listed(
                connection, state=status, seller_id=seller_id, after=paging.after_id(cursor), limit=limit + 1
            )
        return paging.page_of(found, limit, lambda each: (each.enrolment_id,))

    @get("/enrolments/{enrolment_id:str}", sync_to_thread=True, summary="An enrolment", operation_id="getEnrolment",
         opt=READ, responses=problems(400, 401, 403, 404))  # fmt: skip
    def enrolment(enrolment_id: FromPath[str]) -> Shown:
        """With the facts that it rests on."""
        return service.show(enrolment_id)

    return [enrolments, enrolment]


def _changing(service: ProgrammeService) -> list[Any]:
    @post("/enrolments", status_code=201, sync_to_thread=True, guards=[json_only], summary="Ask for an enrolment",
          operation_id="enrolSeller", opt=MANAGE, operation_class=json_body(NewEnrolment),
          responses=problems(400, 401, 403, 404, 409, 413, 415, 422))  # fmt: skip
    def ask(request: Asking, body: RawBody) -> Enrolment:
        """It begins when a second person has agreed to `approval_id`."""
        form = events.typed(decoded(body, "body"), NewEnrolment)
        return service.ask(form.seller_id, form.programme, by=caller_of(request).actor)

    @post("/enrolments/{enrolment_id:str}/leave", status_code=200, sync_to_thread=True, summary="End an enrolment",
          operation_id="leaveProgramme", opt=MANAGE, responses=problems(400, 401, 403, 404, 409))  # fmt: skip
    def leave(request: Asking, enrolment_id: FromPath[str]) -> Enrolment:
        """All restrictions are back."""
        return service.leave(enrolment_id, by=caller_of(request).actor)

    return [ask, leave]
