"""`/v1/checks/review`: what becomes of a review that is about to be posted."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Any, Literal

import msgspec
from litestar import Request, Router, post
from litestar.params import RawBody

from agoranomos.kernel import events
from agoranomos.kernel.decisions import Decision
from agoranomos.kernel.schema.base import Id
from agoranomos.kernel.schema.reviews import ReviewPosted
from agoranomos.reviews.anonymity.service import ReviewService
from agoranomos.web.auth import PERMISSION
from agoranomos.web.openapi import IDEMPOTENCY_KEY, json_body, problems
from agoranomos.web.problems import json_only
from agoranomos.web.security import header

Asking = Request[Any, Any, Any]


class ReviewEvent(msgspec.Struct, kw_only=True):
    """A CloudEvent about a review that a buyer wants to post. Unknown fields are welcome."""

    id: Id
    source: Annotated[str, msgspec.Meta(min_length=1)]
    type: Literal["review.posted"]
    time: Annotated[datetime, msgspec.Meta(tz=True)]
    data: ReviewPosted
    subject: str | None = None
    specversion: str = "1.0"


def api_router(service: ReviewService) -> Router:
    """The check."""

    @post("/checks/review", status_code=200, sync_to_thread=True, guards=[json_only], summary="Judge a review",
          operation_id="checkReview", opt={PERMISSION: "checks.run"},
          operation_class=json_body(ReviewEvent, "application/cloudevents+json", headers=(IDEMPOTENCY_KEY,)),
          responses=problems(400, 401, 403, 409, 413, 415, 422))  # fmt: skip
    def check(request: Asking, body: RawBody) -> Decision:
        """`hold` for an anonymous one, until `expires_at` at the latest: `review.release` says when and how to show it.
        What its text gives away of its author is among the hits, for him to read before.

        The body is the CloudEvent; it is judged, not stored. What is kept is the decision.
        """
        event = events.parse_line(body, "body")
        return service.check(event, header(request.scope, b"idempotency-key"))

    return Router("/v1", route_handlers=[check], tags=["Reviews"])
