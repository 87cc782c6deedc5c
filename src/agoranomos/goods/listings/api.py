"""The publish-time check over HTTP: parse, one verb or query, present."""

from __future__ import annotations

import asyncio
from datetime import datetime
from typing import Annotated, Any, Final, Literal

import msgspec
from litestar import Request, Router, post
from litestar.params import FromPath, RawBody

from agoranomos.goods.listings.deciding import CHECK
from agoranomos.goods.listings.model import Listing
from agoranomos.goods.listings.presenting import ListingDecision, presented
from agoranomos.goods.listings.queries import Acknowledgement
from agoranomos.goods.listings.service import CheckService
from agoranomos.goods.listings.submitted import listing_of
from agoranomos.kernel import events
from agoranomos.kernel.json_text import decoded
from agoranomos.kernel.schema.base import Id
from agoranomos.kernel.schema.goods import ListingSubmitted
from agoranomos.web.app import BODY_SIZE_MAX
from agoranomos.web.auth import PERMISSION
from agoranomos.web.openapi import IDEMPOTENCY_KEY, json_body, problems
from agoranomos.web.problems import json_only
from agoranomos.web.quick import QuickRoute, body_of
from agoranomos.web.security import header

AnyRequest = Request[Any, Any, Any]
GLANCE_BYTES_MAX: Final = 32_768
"""Longer bodies are read on a thread: parsing them would keep others waiting."""


class ListingEvent(msgspec.Struct, kw_only=True):
    """A CloudEvent about one listing. Unknown fields are welcome; they do not take part in the
    judgement.
    """

    id: Id
    source: Annotated[str, msgspec.Meta(min_length=1)]
    type: Literal["listing.submitted", "listing.updated"]
    time: Annotated[datetime, msgspec.Meta(tz=True)]
    data: ListingSubmitted
    subject: str | None = None
    specversion: str = "1.0"


class Reader(msgspec.Struct):
    """Who has read the warning: the account id of the person at the seller's."""

    by: Id


def reader_of(body: bytes) -> str:
    """The id in `{"by": …}`. Raises Invalid that repeats nothing of the body."""
    return events.typed(decoded(body, "body"), Reader).by


def _listing_in(body: bytes) -> tuple[Listing, events.Event]:
    event = events.parse_line(body, "body")
    return listing_of(event), event


def _checked(service: CheckService, body: bytes, idempotency_key: str | None) -> ListingDecision:
    listing, event = _listing_in(body)
    return presented(service.check(listing, idempotency_key, event), service.policy)


def api_router(service: CheckService) -> Router:
    """The addresses of the check under `/v1`."""

    @QuickRoute(
        "/checks/listing",
        http_method="POST",
        status_code=200,
        summary="Judge a listing as the seller submits it",
        operation_id="checkListing",
        opt={PERMISSION: "checks.run"},
        operation_class=json_body(ListingEvent, "application/cloudevents+json", headers=(IDEMPOTENCY_KEY,)),
        responses=problems(400, 401, 403, 409, 413, 415, 422),
        guards=[json_only],
    )
    async def check_listing(request: AnyRequest) -> ListingDecision:
        """The body is the CloudEvent; it is judged, not stored. What is kept is the decision.

        On `warn` the listing may go live once the seller has read the reasons: post to
        `acknowledge_url`. On `hold` it waits for a person.
        """
        body = await body_of(request.scope, request.receive, BODY_SIZE_MAX)
        idempotency_key = header(request.scope, b"idempotency-key")
        # What a glance finds harmless is answered here, and waits for the disk without a thread.
        if len(body) <= GLANCE_BYTES_MAX and not service.rules.waits(CHECK):
            listing, event = _listing_in(body)
            assessment = service.glance(listing)
            if assessment is not None:
                made = service.at_once(listing, assessment, event) if idempotency_key is None else None
                if made is None:
                    made = await asyncio.wrap_future(service.submit(listing, assessment, idempotency_key, event))
                return presented(made, service.policy)
        return await asyncio.to_thread(_checked, service, body, idempotency_key)

    @post(
        "/decisions/{decision_id:str}/acknowledgement",
        status_code=200,
        sync_to_thread=True,
        guards=[json_only],
        summary="Record that the seller has read a warning",
        operation_id="acknowledgeDecision",
        opt={PERMISSION: "checks.run"},
        operation_class=json_body(Reader),
        responses=problems(400, 401, 403, 404, 409, 415, 422),
    )
    def acknowledge(decision_id: FromPath[str], body: RawBody) -> Acknowledgement:
        """Only a decision with the outcome `warn` can be acknowledged; a repeat returns the first
        record.
        """
        return service.acknowledge(decision_id, reader_of(body))

    return Router("/v1", route_handlers=[check_listing, acknowledge], tags=["Listings"])
