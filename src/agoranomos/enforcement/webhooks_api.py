"""Endpoints and deliveries of webhooks over HTTP."""

from __future__ import annotations

from typing import Annotated, Any

import msgspec
from litestar import Request, Router, delete, get, post
from litestar.params import FromPath, FromQuery, QueryParameter, RawBody

from agoranomos.enforcement import endpoints
from agoranomos.enforcement.model import Delivery, DeliveryState, Endpoint
from agoranomos.enforcement.service import ActionService
from agoranomos.kernel import events
from agoranomos.kernel.errors import Invalid
from agoranomos.kernel.ids import is_id
from agoranomos.kernel.json_text import decoded
from agoranomos.web import paging
from agoranomos.web.auth import PERMISSION, caller_of
from agoranomos.web.openapi import json_body, problems
from agoranomos.web.paging import LIMIT_DEFAULT, Cursor, Limit, Page
from agoranomos.web.problems import json_only

Asking = Request[Any, Any, Any]


class NewEndpoint(msgspec.Struct, kw_only=True, forbid_unknown_fields=True):
    """Where to deliver. Addresses of the company's own network are refused over HTTP: use `agora webhooks add`."""

    url: Annotated[str, msgspec.Meta(min_length=1, max_length=2_000)]


class Secret(msgspec.Struct, frozen=True, kw_only=True):
    """The secret to verify with, shown only here."""

    endpoint_id: str
    secret: str


def api_router(service: ActionService) -> Router:
    """The addresses of webhooks under `/v1`."""
    handlers = [*_endpoints(service), *_deliveries(service)]
    return Router("/v1/webhooks", route_handlers=handlers, tags=["Webhooks"])


def _endpoints(service: ActionService) -> list[Any]:
    store, vault, policy, clock = service.store, service.vault, service.policy, service.clock

    @get(
        "/endpoints",
        sync_to_thread=True,
        summary="Where actions are delivered",
        operation_id="listEndpoints",
        opt={PERMISSION: "webhooks.manage"},
        responses=problems(401, 403),
    )
    def list_endpoints() -> list[Endpoint]:
        """Without secrets: those are shown once."""
        with store.reading() as connection:
            return endpoints.listed(connection)

    @post(
        "/endpoints",
        status_code=201,
        sync_to_thread=True,
        guards=[json_only],
        summary="Deliver actions to an address",
        operation_id="addEndpoint",
        opt={PERMISSION: "webhooks.manage"},
        operation_class=json_body(NewEndpoint),
        responses=problems(400, 401, 403, 409, 415, 422),
    )
    def add_endpoint(request: Asking, body: RawBody) -> Secret:
        """From now on; what was on its way before does not go there."""
        url = events.typed(decoded(body, "body"), NewEndpoint).url
        by = caller_of(request).actor
        with store.transaction() as connection:
            endpoint, secret = endpoints.add(connection, vault, url, allow_private=False, by=by, now=clock())
        return Secret(endpoint_id=endpoint.id, secret=secret)

    @post(
        "/endpoints/{endpoint_id:str}/rotation",
        status_code=200,
        sync_to_thread=True,
        summary="Make a new secret",
        operation_id="rotateSecret",
        opt={PERMISSION: "webhooks.manage"},
        responses=problems(400, 401, 403, 404, 409),
    )
    def rotate(request: Asking, endpoint_id: FromPath[str]) -> Secret:
        """The old one signs beside it for a day."""
        by = caller_of(request).actor
        with store.transaction() as connection:
            secret = endpoints.rotate(connection, vault, endpoint_id, by=by, policy=policy, now=clock())
        return Secret(endpoint_id=endpoint_id, secret=secret)

    @delete(
        "/endpoints/{endpoint_id:str}",
        status_code=204,
        sync_to_thread=True,
        summary="Deliver to an address no more",
        operation_id="removeEndpoint",
        opt={PERMISSION: "webhooks.manage"},
        responses=problems(400, 401, 403, 404),
    )
    def remove(request: Asking, endpoint_id: FromPath[str]) -> None:
        """What waits for it is stopped."""
        with store.transaction() as connection:
            endpoints.remove(connection, endpoint_id, by=caller_of(request).actor, policy=policy, now=clock())

    return [list_endpoints, add_endpoint, rotate, remove]


def _deliveries(service: ActionService) -> list[Any]:
    store, clock = service.store, service.clock

    @get(
        "/deliveries",
        sync_to_thread=True,
        summary="Deliveries, in the order of their ids",
        operation_id="listDeliveries",
        opt={PERMISSION: "webhooks.manage"},
        responses=problems(400, 401, 403),
    )
    def list_deliveries(
        status: FromQuery[DeliveryState | None] = None,
        endpoint_id: Annotated[str | None, QueryParameter(min_length=1, max_length=128)] = None,
        cursor: Cursor = "",
        limit: Limit = LIMIT_DEFAULT,
    ) -> Page[Delivery]:
        """`status=dead` are the dead letters."""
        after = paging.after_id(cursor)
        if endpoint_id is not None and not is_id(endpoint_id):
            raise Invalid("this is no cursor of this list; take `next` of the page before as it is")
        with store.reading() as connection:
            found = endpoints.deliveries(
                connection, status=status, endpoint_id=endpoint_id, after=after, limit=limit + 1
            )
        return paging.page_of(found, limit, lambda each: (each.id,))

    @post(
        "/deliveries/{delivery_id:str}/redelivery",
        status_code=200,
        sync_to_thread=True,
        summary="Deliver once more",
        operation_id="redeliver",
        opt={PERMISSION: "webhooks.manage"},
        responses=problems(400, 401, 403, 404, 409),
    )
    def redeliver(request: Asking, delivery_id: FromPath[str]) -> Delivery:
        """At once, under the same `webhook-id`, whatever was delivered about the subject since."""
        with store.transaction() as connection:
            return endpoints.redeliver(connection, delivery_id, by=caller_of(request).actor, now=clock())

    return [list_deliveries, redeliver]
