"""Virtual numbers and the report of harassment over HTTP: parse, one verb or query, present."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Any

import msgspec
from litestar import Request, Router, get, post
from litestar.params import FromPath, RawBody

from agoranomos.kernel import events
from agoranomos.kernel.json_text import decoded
from agoranomos.kernel.schema.base import Id, Seconds
from agoranomos.reviews.numbers.actions import Rung
from agoranomos.reviews.numbers.model import REFUSALS, Binding, Caller, Counts, Ending, Refused, State
from agoranomos.reviews.numbers.service import NumberService, Reported
from agoranomos.web import paging
from agoranomos.web.auth import PERMISSION, caller_of
from agoranomos.web.openapi import json_body, problems
from agoranomos.web.paging import LIMIT_DEFAULT, Cursor, Limit, Page
from agoranomos.web.problems import json_only

Asking = Request[Any, Any, Any]
READ, MANAGE = {PERMISSION: "numbers.read"}, {PERMISSION: "numbers.manage"}
ROUTE, REPORT = {PERMISSION: "numbers.route"}, {PERMISSION: "harassment.report"}
Aware = Annotated[datetime, msgspec.Meta(tz=True)]
TEXT_MAX = 4_000


class NewNumber(msgspec.Struct, kw_only=True, forbid_unknown_fields=True):
    """The order, its store and its buyer; until when (without it: as long as the policy says)."""

    order_id: Id
    store_id: Id
    account_id: Id
    expires_at: Aware | None = None


class Call(msgspec.Struct, kw_only=True, forbid_unknown_fields=True):
    """Somebody rings a number: as what the telephone company knows them, and for which store. `call_id` is the
    company's own; asking again with it counts once.
    """

    virtual_number: Id
    caller: Caller
    call_id: Id
    store_id: Id | None = None
    duration_s: Seconds | None = None


class NewReport(msgspec.Struct, kw_only=True, forbid_unknown_fields=True):
    """Who is left no peace, by which store; the review that it is about, and their own words."""

    buyer_id: Id
    store_id: Id
    review_id: Id | None = None
    text: Annotated[str, msgspec.Meta(max_length=TEXT_MAX)] | None = None


class NumberShown(msgspec.Struct, frozen=True, kw_only=True):
    """A number of which only the last digits are shown, and how often it was called."""

    order_id: str
    store_id: str
    turn: int
    state: State
    number: str
    parties: tuple[Caller, ...]
    asked_at: datetime
    expires_at: datetime
    ended_at: datetime | None
    ending: Ending | None
    calls: Counts


class Routed(msgspec.Struct, frozen=True, kw_only=True):
    """Whether a call is put through; else why not, and what may be said to the caller."""

    put_through: bool
    refused: Refused | None = None
    message: str | None = None


def shown(each: Binding) -> NumberShown:
    """As lists show it."""
    return NumberShown(
        order_id=each.order_id, store_id=each.store_id, turn=each.turn, state=each.state, number=each.shown(),
        parties=each.parties, asked_at=each.asked_at, expires_at=each.expires_at, ended_at=each.ended_at,
        ending=each.ending, calls=each.counts,
    )  # fmt: skip


def routed(rung: Rung) -> Routed:
    """With the words for the caller."""
    message = None if rung.refused is None else REFUSALS[rung.refused]
    return Routed(put_through=rung.put_through, refused=rung.refused, message=message)


def api_router(service: NumberService) -> Router:
    """The addresses under `/v1/reviews`."""
    return Router("/v1/reviews", route_handlers=[*_numbers(service), *_calls(service)], tags=["Reviews"])


def _numbers(service: NumberService) -> list[Any]:
    @post("/numbers", status_code=201, sync_to_thread=True, guards=[json_only], summary="A number for an order",
          operation_id="bindNumber", opt=MANAGE, operation_class=json_body(NewNumber),
          responses=problems(400, 401, 403, 409, 413, 415, 422))  # fmt: skip
    def bind(request: Asking, body: RawBody) -> Binding:
        """By it store and courier reach the buyer, and nobody else does, until it expires. Asked again while it lives,
        it is the same. This answer alone holds the whole number.
        """
        form = events.typed(decoded(body, "body"), NewNumber)
        by = caller_of(request).actor
        return service.bind(form.order_id, form.store_id, form.account_id, until=form.expires_at, by=by)

    @get("/numbers", sync_to_thread=True, summary="Numbers, newest first", operation_id="listNumbers", opt=READ,
         responses=problems(400, 401, 403))  # fmt: skip
    def listed(cursor: Cursor = "", limit: Limit = LIMIT_DEFAULT) -> Page[NumberShown]:
        """Until when they live, and how many calls were put through or refused."""
        found = service.listed(after=paging.after_time(cursor), limit=limit + 1)
        page = paging.page_of(found, limit, lambda each: (each.asked_at, each.binding_id))
        return Page([shown(each) for each in page.items], page.next)

    @get("/numbers/{order_id:str}", sync_to_thread=True, summary="The number of an order", operation_id="getNumber",
         opt=READ, responses=problems(400, 401, 403, 404))  # fmt: skip
    def show(order_id: FromPath[str]) -> NumberShown:
        """The newest one that the order was given."""
        return shown(service.get(order_id))

    @post("/numbers/{order_id:str}/rotate", status_code=200, sync_to_thread=True, summary="Another number",
          operation_id="rotateNumber", opt=MANAGE, responses=problems(400, 401, 403, 404, 409))  # fmt: skip
    def rotate(request: Asking, order_id: FromPath[str]) -> Binding:
        """The one that the order has ends at once, and another takes its place until the same moment."""
        return service.rotate(order_id, by=caller_of(request).actor)

    @post("/numbers/{order_id:str}/end", status_code=200, sync_to_thread=True, summary="End a number",
          operation_id="endNumber", opt=MANAGE, responses=problems(400, 401, 403, 404))  # fmt: skip
    def end(request: Asking, order_id: FromPath[str]) -> NumberShown:
        """Nobody is put through from now on."""
        return shown(service.end(order_id, by=caller_of(request).actor))

    return [bind, listed, show, rotate, end]


def _calls(service: NumberService) -> list[Any]:
    @post("/numbers/calls", status_code=200, sync_to_thread=True, guards=[json_only], operation_class=json_body(Call),
          summary="Whether to put a call through", operation_id="routeCall", opt=ROUTE,
          responses=problems(400, 401, 403, 413, 415, 422))  # fmt: skip
    def ring(body: RawBody) -> Routed:
        """For the telephone company, as somebody rings. Refused: after the number's end, somebody unknown, a store that
        the buyer does not want to hear from. Every call is counted and told to the event log.
        """
        form = events.typed(decoded(body, "body"), Call)
        return routed(
            service.ring(
                form.virtual_number, form.caller, form.call_id, store_id=form.store_id, duration_s=form.duration_s
            )
        )

    @post("/harassment", status_code=201, sync_to_thread=True, guards=[json_only], summary="Report harassment",
          operation_id="reportHarassment", opt=REPORT, operation_class=json_body(NewReport),
          responses=problems(400, 401, 403, 413, 415, 422))  # fmt: skip
    def report(request: Asking, body: RawBody) -> Reported:
        """One step, no questions: the store's calls to this buyer are refused from now on, and the numbers by which it
        could reach them end. Again on the same day is the same report.
        """
        form = events.typed(decoded(body, "body"), NewReport)
        by = caller_of(request).actor
        return service.report(form.buyer_id, form.store_id, review_id=form.review_id, text=form.text, by=by)

    return [ring, report]
