"""Test buys over HTTP: parse, one verb or query, present."""

from __future__ import annotations

from typing import Annotated, Any, Literal

import msgspec
from litestar import Request, Router, get, post
from litestar.params import FromPath, FromQuery, QueryParameter, RawBody

from agoranomos.goods.testbuys import queries
from agoranomos.goods.testbuys.model import Plan, Purchase, Shopper, State, Verdict
from agoranomos.goods.testbuys.service import Estimates, Shown, TestBuyService
from agoranomos.goods.testbuys.shoppers import Sent
from agoranomos.goods.testbuys.weighing import Agreement
from agoranomos.kernel import events
from agoranomos.kernel.json_text import decoded
from agoranomos.kernel.money import Money
from agoranomos.kernel.schema.base import Id
from agoranomos.web import paging
from agoranomos.web.auth import PERMISSION, caller_of
from agoranomos.web.openapi import json_body, problems
from agoranomos.web.paging import LIMIT_DEFAULT, Cursor, Limit, Page
from agoranomos.web.problems import json_only

Asking = Request[Any, Any, Any]
READ, MANAGE = {PERMISSION: "testbuys.read"}, {PERMISSION: "testbuys.manage"}
Filter = Annotated[str | None, QueryParameter(min_length=1, max_length=128)]
Days = Annotated[int, QueryParameter(ge=1, le=3_650)]
_WRONG = (400, 401, 403, 404, 409, 413, 415, 422)


class NewPlan(msgspec.Struct, kw_only=True, forbid_unknown_fields=True):
    """How much may be spent, and on which categories (none: all)."""

    budget: Money
    categories: Annotated[list[Id], msgspec.Meta(max_length=1_000)] = []


class Step(msgspec.Struct, kw_only=True, forbid_unknown_fields=True):
    """Where the purchase is now. `cost`: what a lost one, or one that is booked, came to."""

    state: Literal["bought", "received", "sent", "cancelled", "lost", "booked"]
    cost: Money | None = None


class Assignment(msgspec.Struct, kw_only=True, forbid_unknown_fields=True):
    """Who buys, and where it is delivered to."""

    shopper_id: Id
    address_id: Id


class NewAppraisal(msgspec.Struct, kw_only=True, forbid_unknown_fields=True):
    """What an appraiser said; `cost` is what the purchase has come to so far, appraisal included."""

    appraiser_id: Id
    verdict: Verdict
    cost: Money
    batch_id: Id | None = None


class NewShopper(msgspec.Struct, kw_only=True, forbid_unknown_fields=True):
    """Opaque ids; names and addresses stay where personal data is kept."""

    shopper_id: Id
    address_ids: Annotated[list[Id], msgspec.Meta(min_length=1, max_length=100)]


class Verified(msgspec.Struct, frozen=True):
    """Whether drawing again gives the same; `wrong` says what does not fit."""

    verified: bool
    wrong: list[str]


def api_router(service: TestBuyService) -> Router:
    """The addresses of test buys under `/v1/testbuys`."""
    handlers = [*_plans(service), *_plan_verbs(service), *_purchases(service), *_purchase_verbs(service)]
    return Router("/v1/testbuys", route_handlers=[*handlers, *_people(service)], tags=["Test buys"])


def _plans(service: TestBuyService) -> list[Any]:
    @get("/plans", sync_to_thread=True, summary="Plans, newest first", operation_id="listTestBuyPlans", opt=READ,
         responses=problems(400, 401, 403))  # fmt: skip
    def plans(cursor: Cursor = "", limit: Limit = LIMIT_DEFAULT) -> Page[Plan]:
        """Also those that were committed to and dropped."""
        with service.store.reading() as connection:
            found = queries.list_plans(connection, after=paging.after_time(cursor), limit=limit + 1)
        return paging.page_of(found, limit, lambda each: (each.at, each.plan_id))

    @get("/plans/{plan_id:str}", sync_to_thread=True, summary="A plan", operation_id="getTestBuyPlan", opt=READ,
         responses=problems(400, 401, 403, 404))  # fmt: skip
    def plan(plan_id: FromPath[str]) -> Plan:
        """Once drawn, with both halves of its seed."""
        with service.store.reading() as connection:
            return queries.get_plan(connection, plan_id)

    @get("/plans/{plan_id:str}/estimate", sync_to_thread=True, summary="What a plan says of the shelf",
         operation_id="estimateTestBuys", opt=READ, responses=problems(400, 401, 403, 404, 409))  # fmt: skip
    def estimated(plan_id: FromPath[str]) -> Estimates:
        """The rate of fakes on all of the shelf and among the unseen, with 95 % intervals."""
        return service.estimate(plan_id)

    @get("/plans/{plan_id:str}/verification", sync_to_thread=True, summary="Draw again and compare",
         operation_id="verifyTestBuyPlan", opt=READ, responses=problems(400, 401, 403, 404, 409))  # fmt: skip
    def verification(plan_id: FromPath[str]) -> Verified:
        """From what was committed to and the root of the audit log."""
        return Verified(*service.verify(plan_id))

    return [plans, plan, estimated, verification]


def _plan_verbs(service: TestBuyService) -> list[Any]:
    @post("/plans", status_code=201, sync_to_thread=True, guards=[json_only], summary="Commit to a plan",
          operation_id="planTestBuys", opt=MANAGE, operation_class=json_body(NewPlan),
          responses=problems(*_WRONG))  # fmt: skip
    def commit(request: Asking, body: RawBody) -> Plan:
        """Over what is on sale. Nothing is drawn yet; above the policy's line a second person has to agree."""
        form = events.typed(decoded(body, "body"), NewPlan)
        return service.plan(form.budget, categories=form.categories, by=caller_of(request).actor)

    @post("/plans/{plan_id:str}/draw", status_code=200, sync_to_thread=True, summary="Draw what is to be bought",
          operation_id="drawTestBuys", opt=MANAGE, responses=problems(400, 401, 403, 404, 409))  # fmt: skip
    def draw(request: Asking, plan_id: FromPath[str]) -> Plan:
        """Once the audit log was signed after the commitment; drawn once, it stays so."""
        return service.draw(plan_id, by=caller_of(request).actor)

    @post("/plans/{plan_id:str}/drop", status_code=200, sync_to_thread=True, summary="Give a plan up",
          operation_id="dropTestBuyPlan", opt=MANAGE, responses=problems(400, 401, 403, 404, 409))  # fmt: skip
    def drop(request: Asking, plan_id: FromPath[str]) -> Plan:
        """Before it is drawn; the commitment stays in the log."""
        return service.drop(plan_id, by=caller_of(request).actor)

    return [commit, draw, drop]


def _purchases(service: TestBuyService) -> list[Any]:
    @get("/", sync_to_thread=True, summary="Test buys", operation_id="listTestBuys", opt=READ,
         responses=problems(400, 401, 403))  # fmt: skip
    def purchases(
        plan_id: Filter = None,
        status: FromQuery[State | None] = None,
        listing_id: Filter = None,
        shopper_id: Filter = None,
        cursor: Cursor = "",
        limit: Limit = LIMIT_DEFAULT,
    ) -> Page[Purchase]:
        """In the order of ids."""
        with service.store.reading() as connection:
            found = queries.listed(
                connection, plan_id=plan_id, state=status, listing_id=listing_id, shopper_id=shopper_id,
                after=paging.after_id(cursor), limit=limit + 1,
            )  # fmt: skip
        return paging.page_of(found, limit, lambda each: (each.testbuy_id,))

    @get("/{testbuy_id:str}", sync_to_thread=True, summary="A test buy", operation_id="getTestBuy", opt=READ,
         responses=problems(400, 401, 403, 404))  # fmt: skip
    def purchase(testbuy_id: FromPath[str]) -> Shown:
        """With every step and verdict."""
        return service.show(testbuy_id)

    return [purchases, purchase]


def _purchase_verbs(service: TestBuyService) -> list[Any]:
    @post("/{testbuy_id:str}/state", status_code=200, sync_to_thread=True, guards=[json_only],
          summary="Move a test buy on", operation_id="moveTestBuy", opt=MANAGE, operation_class=json_body(Step),
          responses=problems(*_WRONG))  # fmt: skip
    def move(request: Asking, testbuy_id: FromPath[str], body: RawBody) -> Purchase:
        """What it reserved is settled when it is booked, released when it is cancelled or lost."""
        form = events.typed(decoded(body, "body"), Step)
        return service.move(testbuy_id, State(form.state), cost=form.cost, by=caller_of(request).actor)

    @post("/{testbuy_id:str}/shopper", status_code=200, sync_to_thread=True, guards=[json_only],
          summary="Have somebody buy it", operation_id="assignTestBuy", opt=MANAGE,
          operation_class=json_body(Assignment), responses=problems(*_WRONG))  # fmt: skip
    def assign(request: Asking, testbuy_id: FromPath[str], body: RawBody) -> Purchase:
        """Refused for whom, or whose address, the store would know."""
        form = events.typed(decoded(body, "body"), Assignment)
        return service.assign(testbuy_id, Sent(form.shopper_id, form.address_id), by=caller_of(request).actor)

    @post("/{testbuy_id:str}/appraisals", status_code=200, sync_to_thread=True, guards=[json_only],
          summary="Enter what an appraiser said", operation_id="appraiseTestBuy", opt=MANAGE,
          operation_class=json_body(NewAppraisal), responses=problems(*_WRONG))  # fmt: skip
    def appraise(request: Asking, testbuy_id: FromPath[str], body: RawBody) -> Purchase:
        """Becomes the event `testbuy.appraised`, which all desks hear."""
        form = events.typed(decoded(body, "body"), NewAppraisal)
        by = caller_of(request).actor
        return service.appraise(testbuy_id, form.appraiser_id, form.verdict, form.cost, batch_id=form.batch_id, by=by)

    return [move, assign, appraise]


def _people(service: TestBuyService) -> list[Any]:
    @get("/shoppers", sync_to_thread=True, summary="Shoppers", operation_id="listShoppers", opt=MANAGE,
         responses=problems(400, 401, 403))  # fmt: skip
    def shoppers() -> list[Shopper]:
        """Also those who no longer buy."""
        with service.store.reading() as connection:
            return queries.shoppers(connection)

    @post("/shoppers", status_code=200, sync_to_thread=True, guards=[json_only], summary="Add a shopper or addresses",
          operation_id="addShopper", opt=MANAGE, operation_class=json_body(NewShopper),
          responses=problems(*_WRONG))  # fmt: skip
    def add(request: Asking, body: RawBody) -> Shopper:
        """Whoever had left is back."""
        form = events.typed(decoded(body, "body"), NewShopper)
        return service.add_shopper(form.shopper_id, form.address_ids, by=caller_of(request).actor)

    @post("/shoppers/{shopper_id:str}/retirement", status_code=200, sync_to_thread=True, summary="Retire a shopper",
          operation_id="retireShopper", opt=MANAGE, responses=problems(400, 401, 403, 404))  # fmt: skip
    def retire(request: Asking, shopper_id: FromPath[str]) -> Shopper:
        """What stores have seen of them stays known."""
        return service.retire_shopper(shopper_id, by=caller_of(request).actor)

    @get("/appraisers", sync_to_thread=True, summary="How far appraisers agree", operation_id="listAppraisers",
         opt=READ, responses=problems(400, 401, 403))  # fmt: skip
    def appraisers(days: Days = 365) -> Agreement:
        """Over what two or more of them have seen."""
        return service.agreement(days)

    return [shoppers, add, retire, appraisers]
