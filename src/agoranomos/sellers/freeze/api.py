"""Frozen money over HTTP: parse, one verb or query, present."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Any, Literal

import msgspec
from litestar import Request, Router, get, post
from litestar.params import FromPath, FromQuery, QueryParameter, RawBody

from agoranomos.kernel import events
from agoranomos.kernel.decisions import Decision
from agoranomos.kernel.ids import is_id
from agoranomos.kernel.json_text import decoded
from agoranomos.kernel.schema.base import Id
from agoranomos.kernel.schema.orders import PayoutRequested
from agoranomos.sellers.freeze.model import Freeze, Release, Scope, State
from agoranomos.sellers.freeze.service import FreezeService, FreezeShown
from agoranomos.web import paging
from agoranomos.web.auth import PERMISSION, caller_of
from agoranomos.web.openapi import IDEMPOTENCY_KEY, json_body, problems
from agoranomos.web.paging import LIMIT_DEFAULT, Cursor, Limit, Page
from agoranomos.web.problems import json_only
from agoranomos.web.security import header

Asking = Request[Any, Any, Any]
READ, MANAGE = {PERMISSION: "conduct.read"}, {PERMISSION: "conduct.manage"}
Filter = Annotated[str | None, QueryParameter(min_length=1, max_length=128)]


class NewFreeze(msgspec.Struct, kw_only=True, forbid_unknown_fields=True):
    """Whose money is frozen, and the finding, decision or case that it is for."""

    scope: Scope
    scope_id: Id
    store_id: Id
    because: Id


class NewRelease(msgspec.Struct, kw_only=True, forbid_unknown_fields=True):
    """How much is released (without `amount`: all that is left), and for which finding, decision or case.

    `lifts`: no more is frozen afterwards.
    """

    currency: Annotated[str, msgspec.Meta(pattern="^[A-Z]{3}$")]
    because: Id
    amount: Annotated[int, msgspec.Meta(ge=1, le=1 << 53)] | None = None
    lifts: bool = False


class PayoutEvent(msgspec.Struct, kw_only=True):
    """A CloudEvent about a payout that a store asks for. Unknown fields are welcome."""

    id: Id
    source: Annotated[str, msgspec.Meta(min_length=1)]
    type: Literal["payout.requested"]
    time: Annotated[datetime, msgspec.Meta(tz=True)]
    data: PayoutRequested
    subject: str | None = None
    specversion: str = "1.0"


def api_routers(service: FreezeService) -> list[Router]:
    """The addresses under `/v1/sellers/freezes`, and the check of payouts."""
    freezes = [*_reading(service), *_changing(service)]
    return [
        Router("/v1/sellers/freezes", route_handlers=freezes, tags=["Sellers: frozen money"]),
        Router("/v1", route_handlers=[_check(service)], tags=["Sellers: frozen money"]),
    ]


def _reading(service: FreezeService) -> list[Any]:
    @get("/", sync_to_thread=True, summary="Frozen money, newest first", operation_id="listFreezes", opt=READ,
         responses=problems(400, 401, 403))  # fmt: skip
    def listed(
        status: FromQuery[State | None] = None,
        store_id: Filter = None,
        cursor: Cursor = "",
        limit: Limit = LIMIT_DEFAULT,
    ) -> Page[Freeze]:
        """Each with its sums by currency, in minor units; the seller sees the money and cannot withdraw it."""
        about = store_id if store_id is None or is_id(store_id) else "\x7f"
        found = service.listed(state=status, store_id=about, after=paging.after_time(cursor), limit=limit + 1)
        return paging.page_of(found, limit, lambda each: (each.begun_at, each.freeze_id))

    @get("/{freeze_id:str}", sync_to_thread=True, summary="A freeze", operation_id="getFreeze", opt=READ,
         responses=problems(400, 401, 403, 404))  # fmt: skip
    def show(freeze_id: FromPath[str]) -> FreezeShown:
        """With up to 1,000 of the parts of orders that it holds, and what was asked to be released."""
        return service.show(freeze_id)

    return [listed, show]


def _changing(service: FreezeService) -> list[Any]:
    @post("/", status_code=201, sync_to_thread=True, guards=[json_only], summary="Freeze money",
          operation_id="freezeMoney", opt=MANAGE, operation_class=json_body(NewFreeze),
          responses=problems(400, 401, 403, 404, 409, 413, 415, 422))  # fmt: skip
    def freeze(request: Asking, body: RawBody) -> Freeze:
        """What is there of an order, listing or store, and what comes, until the policy's longest time is over."""
        form = events.typed(decoded(body, "body"), NewFreeze)
        by = caller_of(request).actor
        return service.freeze(form.scope, form.scope_id, form.store_id, because=form.because, by=by)

    @post("/{freeze_id:str}/releases", status_code=201, sync_to_thread=True, guards=[json_only],
          summary="Release frozen money", operation_id="releaseMoney", opt=MANAGE,
          operation_class=json_body(NewRelease),
          responses=problems(400, 401, 403, 404, 409, 413, 415, 422))  # fmt: skip
    def release(request: Asking, freeze_id: FromPath[str], body: RawBody) -> Release:
        """All of it or a part; above the policy's line it is `asked` until a second person has agreed."""
        form = events.typed(decoded(body, "body"), NewRelease)
        return service.release(
            freeze_id, currency=form.currency, amount=form.amount, because=form.because, by=caller_of(request).actor,
            lifts=form.lifts,
        )  # fmt: skip

    return [freeze, release]


def _check(service: FreezeService) -> Any:
    @post("/checks/payout", status_code=200, sync_to_thread=True, guards=[json_only], summary="Judge a payout",
          operation_id="checkPayout", opt={PERMISSION: "checks.run"},
          operation_class=json_body(PayoutEvent, "application/cloudevents+json", headers=(IDEMPOTENCY_KEY,)),
          responses=problems(400, 401, 403, 409, 413, 415, 422))  # fmt: skip
    def check(request: Asking, body: RawBody) -> Decision:
        """`hold` while money that it asks for is frozen, with the freezes; the rest may be asked for apart.

        The body is the CloudEvent; it is judged, not stored. What is kept is the decision.
        """
        event = events.parse_line(body, "body")
        return service.check(event, header(request.scope, b"idempotency-key"))

    return check
