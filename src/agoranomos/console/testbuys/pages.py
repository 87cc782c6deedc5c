"""Pages of test buys: plans, one with its strata and estimate, a purchase with its steps and appraisals."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from typing import Any, Final, get_args

from litestar import Response, Router, get, post
from litestar.params import FromQuery, URLEncodedBody
from litestar.response import Redirect, Template

from agoranomos.console.addresses import with_query
from agoranomos.console.forms import money_in
from agoranomos.console.frame import AnyRequest, FromId, Text, view
from agoranomos.console.testbuys.wording import TEXTS
from agoranomos.goods.testbuys import queries
from agoranomos.goods.testbuys.model import AT_THE_APPRAISER, FOLLOWS, Plan, State, Verdict
from agoranomos.goods.testbuys.service import TestBuyService
from agoranomos.goods.testbuys.shoppers import Sent
from agoranomos.kernel.actors import Actor
from agoranomos.kernel.errors import AgoranomosError, Conflict, Invalid, NotFound
from agoranomos.kernel.ids import is_id
from agoranomos.staff.browsers import field
from agoranomos.web import paging
from agoranomos.web.auth import PERMISSION, caller_of
from agoranomos.web.paging import Cursor

_ROWS: Final = 50
_APPRAISERS_DAYS: Final = 365
_READ, _MANAGE = {PERMISSION: "testbuys.read"}, {PERMISSION: "testbuys.manage"}
_VERDICTS: Final[tuple[Verdict, ...]] = get_args(Verdict)
_COSTS: Final = frozenset((State.LOST, State.BOOKED))
"""The steps that say what a purchase came to."""


def plan_url(plan_id: str) -> str:
    """The page of a plan."""
    return with_query("/testbuys", id=plan_id)


def buy_url(testbuy_id: str) -> str:
    """The page of a test buy."""
    return with_query("/testbuys/buy", id=testbuy_id)


def pages_router(service: TestBuyService) -> Router:
    """`/testbuys`: plans, an estimate, a purchase, and every step with them."""
    handlers = [*_plans(service), *_plan_verbs(service), *_purchases(service)]
    return Router("/testbuys", route_handlers=handlers, include_in_schema=False, opt=_READ)


def _plans(service: TestBuyService) -> list[Any]:
    @get("/", sync_to_thread=True)
    def listed(request: AnyRequest, wanted: FromId = "", status: FromQuery[Text] = "", cursor: Cursor = "") -> Template:
        if wanted:
            return _plan(request, service, wanted, status=status, cursor=cursor)
        return _all(request, service, cursor=cursor)

    @get("/estimate", sync_to_thread=True)
    def estimated(request: AnyRequest, wanted: FromId = "") -> Template:
        # Drawing again and the chances of all pairs take seconds on a large shelf: a page of its own.
        verified, faults = service.verify(wanted)
        context = {
            "plan_id": wanted, "estimates": service.estimate(wanted), "verified": verified, "faults": faults,
        }  # fmt: skip
        return view(request, "console/estimate.html", context, at="testbuys", words=TEXTS)

    return [listed, estimated]


def _all(
    request: AnyRequest, service: TestBuyService, *, cursor: str = "", wrong: str = "",
    typed: dict[str, Any] | None = None,
) -> Template:  # fmt: skip
    with service.store.reading() as connection:
        found = queries.list_plans(connection, after=paging.after_time(cursor), limit=_ROWS + 1)
    context = {
        "page": paging.page_of(found, _ROWS, lambda each: (each.at, each.plan_id)), "query": {"cursor": cursor},
        "agreement": service.agreement(_APPRAISERS_DAYS), "may": caller_of(request).may("testbuys.manage"),
        "currency": service.policy.currency, "wrong": wrong, "typed": typed or {},
    }  # fmt: skip
    return view(request, "console/testbuys.html", context, at="testbuys", words=TEXTS, status=422 if wrong else 200)


def _plan(
    request: AnyRequest, service: TestBuyService, plan_id: str, *, status: str = "", cursor: str = "", wrong: str = ""
) -> Template:
    chosen = next((each for each in State if each == status), None)
    with service.store.reading() as connection:
        plan = queries.get_plan(connection, plan_id)
        bought = queries.of_plan(connection, plan_id)
        found = queries.listed(
            connection, plan_id=plan_id, state=chosen, after=paging.after_id(cursor), limit=_ROWS + 1
        )
    context = {
        "plan": plan, "page": paging.page_of(found, _ROWS, lambda each: (each.testbuy_id,)), "states": list(State),
        "query": {"id": plan_id, "status": status, "cursor": cursor}, "counts": Counter(each.state for each in bought),
        "strata": _strata(plan, [each.stratum for each in bought]), "bought": len(bought), "wrong": wrong,
        "spent": sum(each.cost.amount for each in bought if each.cost),
        "may": caller_of(request).may("testbuys.manage"),
    }  # fmt: skip
    return view(request, "console/plan.html", context, at="testbuys", words=TEXTS, status=409 if wrong else 200)


def _strata(plan: Plan, drawn: list[str]) -> list[tuple[str, int, int]]:
    """Each stratum with its listings on the shelf, and how many of them are bought."""
    bought = Counter(drawn)
    return [(name, size, bought[name]) for name, size in plan.sizes.items()]


def _plan_verbs(service: TestBuyService) -> list[Any]:
    @post("/plan", sync_to_thread=True, opt=_MANAGE)
    def commit(request: AnyRequest, data: URLEncodedBody[dict[str, Any]]) -> Response[Any]:
        try:
            budget = money_in(data, "budget", service.policy.currency)
            categories = [each.strip() for each in field(data, "categories").split(",") if each.strip()]
            if not all(map(is_id, categories)):
                raise Invalid("categories are names, separated by commas", pointer="/categories")
            plan = service.plan(budget, categories=categories, by=caller_of(request).actor)
        except (Conflict, Invalid) as error:
            return _all(request, service, wrong=error.message, typed=data)
        return Redirect(plan_url(plan.plan_id), status_code=303)

    @post("/step", sync_to_thread=True, opt=_MANAGE)
    def step(request: AnyRequest, data: URLEncodedBody[dict[str, Any]]) -> Response[Any]:
        verbs = {"draw": service.draw, "drop": service.drop}
        plan_id, verb = field(data, "id"), verbs.get(field(data, "step"))
        if verb is None:
            raise Invalid("say draw or drop", pointer="/step")
        try:
            verb(plan_id, by=caller_of(request).actor)
        except NotFound:
            raise
        except AgoranomosError as error:
            return _plan(request, service, plan_id, wrong=error.message)
        return Redirect(plan_url(plan_id), status_code=303)

    return [commit, step]


def _purchases(service: TestBuyService) -> list[Any]:
    def shown(
        request: AnyRequest, testbuy_id: str, *, wrong: str = "", typed: dict[str, Any] | None = None
    ) -> Template:
        seen, may = service.show(testbuy_id), caller_of(request).may("testbuys.manage")
        state = seen.purchase.state
        with service.store.reading() as connection:
            people = [each for each in queries.shoppers(connection) if each.active] if may else []
        context = {
            "seen": seen, "buy": seen.purchase, "may": may, "shoppers": people, "verdicts": _VERDICTS,
            "next_states": [each for each in State if each in FOLLOWS[state] and each is not State.APPRAISED],
            "costs": _COSTS, "may_appraise": may and state in AT_THE_APPRAISER | {State.APPRAISED, State.BOOKED},
            "may_assign": may and state is State.PLANNED, "wrong": wrong, "typed": typed or {},
        }  # fmt: skip
        return view(request, "console/testbuy.html", context, at="testbuys", words=TEXTS, status=409 if wrong else 200)

    def stepped(request: AnyRequest, data: dict[str, Any], verb: Callable[[str, Actor], Any]) -> Response[Any]:
        testbuy_id = field(data, "id")
        try:
            verb(testbuy_id, caller_of(request).actor)
        except (Conflict, Invalid) as error:
            return shown(request, testbuy_id, wrong=error.message, typed=data)
        return Redirect(buy_url(testbuy_id), status_code=303)

    @get("/buy", sync_to_thread=True)
    def one(request: AnyRequest, wanted: FromId = "") -> Template:
        return shown(request, wanted)

    @post("/move", sync_to_thread=True, opt=_MANAGE)
    def move(request: AnyRequest, data: URLEncodedBody[dict[str, Any]]) -> Response[Any]:
        after = next((each for each in State if each == field(data, "state")), None)
        if after is None or after is State.APPRAISED:
            raise Invalid("say where the purchase is now", pointer="/state")

        def verb(testbuy_id: str, by: Actor) -> None:
            cost = money_in(data, "cost", service.policy.currency) if field(data, "cost").strip() else None
            service.move(testbuy_id, after, cost=cost, by=by)

        return stepped(request, data, verb)

    @post("/assign", sync_to_thread=True, opt=_MANAGE)
    def assign(request: AnyRequest, data: URLEncodedBody[dict[str, Any]]) -> Response[Any]:
        shopper, _, address = field(data, "to").replace("\r\n", "\n").partition("\n")
        return stepped(request, data, lambda name, by: service.assign(name, Sent(shopper, address), by=by))

    @post("/appraise", sync_to_thread=True, opt=_MANAGE)
    def appraise(request: AnyRequest, data: URLEncodedBody[dict[str, Any]]) -> Response[Any]:
        def verb(testbuy_id: str, by: Actor) -> None:
            verdict, appraiser = field(data, "verdict"), field(data, "appraiser_id").strip()
            if verdict not in _VERDICTS or not is_id(appraiser):
                raise Invalid("say who appraised it, and what they said", pointer="/appraiser_id")
            cost, batch = money_in(data, "cost", service.policy.currency), field(data, "batch_id").strip() or None
            service.appraise(testbuy_id, appraiser, verdict, cost, batch_id=batch, by=by)

        return stepped(request, data, verb)

    return [one, move, assign, appraise]
