"""Certification over HTTP: parse, one verb or query, present."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Any

import msgspec
from litestar import Request, Router, get, post
from litestar.params import FromPath, QueryParameter, RawBody

from agoranomos.kernel import events
from agoranomos.kernel.ids import is_id
from agoranomos.kernel.json_text import decoded
from agoranomos.kernel.schema.base import Id
from agoranomos.sellers.certification.model import Region
from agoranomos.sellers.certification.queries import Appointment
from agoranomos.sellers.certification.service import CertificationService
from agoranomos.web import paging
from agoranomos.web.auth import PERMISSION, caller_of
from agoranomos.web.openapi import json_body, problems
from agoranomos.web.paging import LIMIT_DEFAULT, Cursor, Limit, Page
from agoranomos.web.problems import json_only

Asking = Request[Any, Any, Any]
READ, MANAGE = {PERMISSION: "conduct.read"}, {PERMISSION: "conduct.manage"}
Filter = Annotated[str | None, QueryParameter(min_length=1, max_length=128)]


class NewAppointment(msgspec.Struct, kw_only=True, forbid_unknown_fields=True):
    """Whom to see, where and when."""

    seller_id: Id
    region: Id
    at: Annotated[datetime, msgspec.Meta(tz=True)]


def api_router(service: CertificationService) -> Router:
    """The addresses under `/v1/sellers/certification`."""

    @get("/regions", sync_to_thread=True, summary="Where upheld cases concentrate", operation_id="listRegions",
         opt=READ, responses=problems(401, 403))  # fmt: skip
    def regions() -> Page[Region]:
        """For a map: region, rate drawn towards the usual one, and its interval; the highest first."""
        return Page(service.regions())

    @get("/appointments", sync_to_thread=True, summary="Appointments", operation_id="listAppointments", opt=READ,
         responses=problems(400, 401, 403))  # fmt: skip
    def appointments(region: Filter = None, cursor: Cursor = "", limit: Limit = LIMIT_DEFAULT) -> Page[Appointment]:
        """In the order of ids."""
        about = region if region is None or is_id(region) else "\x7f"
        found = service.appointments(region=about, after=paging.after_id(cursor), limit=limit + 1)
        return paging.page_of(found, limit, lambda each: (each.appointment_id,))

    @post("/appointments", status_code=201, sync_to_thread=True, guards=[json_only], summary="Make an appointment",
          operation_id="bookAppointment", opt=MANAGE, operation_class=json_body(NewAppointment),
          responses=problems(400, 401, 403, 409, 413, 415, 422))  # fmt: skip
    def book(request: Asking, body: RawBody) -> Appointment:
        """For a seller to be certified in person; `certification.held` says how it went."""
        form = events.typed(decoded(body, "body"), NewAppointment)
        return service.book(form.seller_id, form.region, form.at, by=caller_of(request).actor)

    @post("/appointments/{appointment_id:str}/cancel", status_code=200, sync_to_thread=True,
          summary="Cancel an appointment", operation_id="cancelAppointment", opt=MANAGE,
          responses=problems(400, 401, 403, 404, 409))  # fmt: skip
    def cancel(request: Asking, appointment_id: FromPath[str]) -> Appointment:
        """Another can be made then."""
        return service.cancel(appointment_id, by=caller_of(request).actor)

    return Router(
        "/v1/sellers/certification", route_handlers=[regions, appointments, book, cancel],
        tags=["Sellers: certification"],
    )  # fmt: skip
