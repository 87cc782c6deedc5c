"""The check of applications over HTTP: parse, one verb, present."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Any, Literal

import msgspec
from litestar import Request, Router, post
from litestar.params import RawBody

from agoranomos.kernel.schema.base import Id
from agoranomos.kernel.schema.sellers import SellerApplied
from agoranomos.sellers.identity.service import ApplicationDecision, ApplicationService
from agoranomos.web.auth import PERMISSION
from agoranomos.web.openapi import IDEMPOTENCY_KEY, json_body, problems
from agoranomos.web.problems import json_only

Asking = Request[Any, Any, Any]


class ApplicationEvent(msgspec.Struct, kw_only=True):
    """A CloudEvent about one application. Unknown fields are welcome; they do not take part in the judgement."""

    id: Id
    source: Annotated[str, msgspec.Meta(min_length=1)]
    type: Literal["seller.applied"]
    time: Annotated[datetime, msgspec.Meta(tz=True)]
    data: SellerApplied
    subject: str | None = None
    specversion: str = "1.0"


def api_router(service: ApplicationService) -> Router:
    """The address of the check under `/v1`."""

    @post(
        "/checks/application",
        status_code=200,
        sync_to_thread=True,
        guards=[json_only],
        summary="Judge an application as it is made",
        operation_id="checkApplication",
        opt={PERMISSION: "checks.run"},
        operation_class=json_body(ApplicationEvent, "application/cloudevents+json", headers=(IDEMPOTENCY_KEY,)),
        responses=problems(400, 401, 403, 409, 413, 415, 422),
    )
    def check_application(request: Asking, body: RawBody) -> ApplicationDecision:
        """The body is the CloudEvent; it is judged, not stored. What is kept is the decision, without personal data.

        `reasons` are for people who work on cases; show the applicant `told` and nothing else.
        """
        return service.check(body, request.headers.get("idempotency-key"))

    return Router("/v1", route_handlers=[check_application], tags=["Sellers"])
