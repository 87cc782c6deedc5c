"""`POST /v1/events`: events over HTTP, one or many."""

from __future__ import annotations

from typing import Annotated, Any, Final

import msgspec
from litestar import Request, Router, post
from litestar.connection import ASGIConnection
from litestar.handlers import BaseRouteHandler
from litestar.params import RawBody

from agoranomos.intake.service import EventService, Receipt, TooMany
from agoranomos.kernel.events import Source
from agoranomos.kernel.schema.base import Id, Moment
from agoranomos.web.auth import PERMISSION
from agoranomos.web.openapi import bodies, problems
from agoranomos.web.problems import TooLarge, WrongMediaType, json_only, media_type_of

BATCH_BYTES_MAX: Final = 8 << 20
_LINES: Final = frozenset(("application/x-ndjson", "application/ndjson", "application/jsonl"))


class EventForm(msgspec.Struct, kw_only=True):
    """A CloudEvent. `data` by `type`: docs/events.schema.json. Unknown fields are kept."""

    id: Id
    source: Source
    type: Annotated[str, msgspec.Meta(min_length=1)]
    time: Moment
    data: dict[str, Any]
    subject: Source | None = None
    specversion: str = "1.0"


async def json_or_lines(request: ASGIConnection[Any, Any, Any, Any], handler: BaseRouteHandler) -> None:
    """A guard for JSON and JSON lines; see `web.problems.json_only` for why no other type is taken."""
    if media_type_of(request) not in _LINES:
        try:
            await json_only(request, handler)
        except WrongMediaType as error:
            raise WrongMediaType("send events as application/json, cloudevents+json or x-ndjson") from error


def api_router(service: EventService) -> Router:
    """The address under `/v1` that takes events."""

    @post(
        "/events",
        status_code=202,
        sync_to_thread=True,
        guards=[json_or_lines],
        opt={PERMISSION: "events.write"},
        request_max_body_size=BATCH_BYTES_MAX,
        summary="Send events",
        operation_id="sendEvents",
        operation_class=bodies(
            {
                "application/json": EventForm | list[EventForm],
                "application/cloudevents+json": EventForm,
                "application/cloudevents-batch+json": list[EventForm],
                "application/x-ndjson": str,
            }
        ),
        responses=problems(400, 401, 403, 413, 415),
    )
    def send_events(request: Request[Any, Any, Any], body: RawBody) -> Receipt:
        """One event, an array of at most 10,000, or JSON lines; at most 8 MiB together, 1 MiB each.

        Each event is judged on its own: what is wrong with one does not keep the others back. The answer comes
        when all accepted ones are on disk. Sending again is safe: an event is known by `source` and `id`.
        """
        try:
            return service.take(body, as_lines=media_type_of(request) in _LINES)
        except TooMany as error:
            raise TooLarge(error.message) from error

    return Router("/v1", route_handlers=[send_events], tags=["Events"])
