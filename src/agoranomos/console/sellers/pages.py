"""Pages of sellers: points and ladders, one seller with ties and offences, applications, certification, appeals."""

from __future__ import annotations

from typing import Any, Final

from litestar import Response, Router, get, post
from litestar.params import URLEncodedBody
from litestar.response import Redirect, Template

from agoranomos.console import graphs
from agoranomos.console.addresses import with_query
from agoranomos.console.forms import moment_in
from agoranomos.console.frame import AnyRequest, FromId, view
from agoranomos.console.graphs import Node
from agoranomos.console.rooms import Console
from agoranomos.console.sellers import money
from agoranomos.console.sellers.ties import tied
from agoranomos.console.sellers.wording import TEXTS
from agoranomos.judgements import queries as judgements
from agoranomos.kernel.clock import parse_rfc3339
from agoranomos.kernel.errors import AgoranomosError, Invalid, NotFound
from agoranomos.kernel.ids import is_id
from agoranomos.sellers.appeals.actions import Ruling
from agoranomos.sellers.appeals.model import State
from agoranomos.sellers.identity.deciding import CHECK
from agoranomos.sellers.points.policy import INTENTS
from agoranomos.sellers.rooms import Sellers
from agoranomos.staff.browsers import field
from agoranomos.web import paging
from agoranomos.web.auth import PERMISSION, caller_of
from agoranomos.web.i18n import language_of
from agoranomos.web.paging import Cursor

_ROWS: Final = 50
_MOST: Final = 200
READ, MANAGE = {PERMISSION: "conduct.read"}, {PERMISSION: "conduct.manage"}
_RULINGS: Final[tuple[Ruling, ...]] = ("granted", "rejected")


def pages_router(console: Console, desk: Sellers) -> Router:
    """`/sellers` and below."""
    handlers = [*_points(desk), *_applications(console, desk), *_certification(desk), *_appeals(desk)]
    return Router("/sellers", route_handlers=[*handlers, *money.handlers(desk.offices.freezes)],
                  include_in_schema=False, opt=READ)  # fmt: skip


def _points(desk: Sellers) -> list[Any]:
    service = desk.offices.points

    @get("/", sync_to_thread=True)
    def listed(request: AnyRequest, wanted: FromId = "", cursor: Cursor = "") -> Template:
        if wanted:
            return one(request, wanted)
        rank = paging.after_rank(cursor)
        after = None if rank is None else (int(rank[0]), rank[1])
        found = service.listed(points_min=0, after=after, limit=_ROWS + 1)
        version = service.policy.on(service.clock())
        context = {
            "page": paging.page_of(found, _ROWS, lambda each: (each.points, each.seller_id)), "version": version,
            "query": {"cursor": cursor},
        }  # fmt: skip
        return view(request, "console/sellers.html", context, at="sellers", words=TEXTS)

    def one(request: AnyRequest, seller_id: str, *, wrong: str = "") -> Template:
        shown = service.show(seller_id)
        ties = tied(desk.links, seller_id, language_of(request))
        centre = Node(name=seller_id, href=with_query("/sellers", id=seller_id), weight=1, why="")
        drawn = graphs.star(centre, [each.node for each in ties or ()], title=seller_id) if ties else None
        context = {
            "shown": shown, "ties": ties, "graph": drawn, "intents": INTENTS, "wrong": wrong,
            "may": caller_of(request).may("conduct.manage"), "nodes_max": graphs.NODES_MAX,
        }  # fmt: skip
        return view(request, "console/seller.html", context, at="sellers", words=TEXTS, status=409 if wrong else 200)

    @post("/intent", sync_to_thread=True, opt=MANAGE)
    def intent(request: AnyRequest, data: URLEncodedBody[dict[str, Any]]) -> Response[Any]:
        said = next((each for each in INTENTS if each == field(data, "intent")), None)
        if said is None:
            raise Invalid("say what is known of the intent", pointer="/intent")
        try:
            service.record_intent(
                field(data, "case_id"), said, field(data, "reasons").split(), by=caller_of(request).actor
            )
        except AgoranomosError as error:
            return one(request, field(data, "id"), wrong=error.message)
        return Redirect(with_query("/sellers", id=field(data, "id")), status_code=303)

    return [listed, intent]


def _applications(console: Console, desk: Sellers) -> list[Any]:
    @get("/applications", sync_to_thread=True)
    def applications(request: AnyRequest, wanted: FromId = "", cursor: Cursor = "") -> Template:
        if wanted:
            return application(request, wanted)
        with console.store.reading() as connection:
            found = judgements.list_decisions(
                connection, judgements.About(check=CHECK), after=paging.after_time(cursor), limit=_ROWS + 1
            )
        page = paging.page_of(found, _ROWS, lambda each: (parse_rfc3339(each.at), each.id))
        context = {"page": page, "query": {"cursor": cursor}}
        return view(request, "console/applications.html", context, at="sellers", words=TEXTS)

    def application(request: AnyRequest, decision_id: str) -> Template:
        with console.store.reading() as connection:
            decision = desk.applications.full_decision(connection, decision_id)
            if decision.check != CHECK:
                raise NotFound("there is no application with this id")
            about = judgements.About(subject_kind="application", subject_id=decision.subject.id)
            found = judgements.list_findings(connection, about, after=None, limit=_ROWS)
        context = {"decision": decision, "found": found}
        return view(request, "console/application.html", context, at="sellers", words=TEXTS)

    return [applications]


def _certification(desk: Sellers) -> list[Any]:
    service = desk.offices.certification

    def shown(
        request: AnyRequest, *, cursor: str = "", wrong: str = "", typed: dict[str, Any] | None = None
    ) -> Template:
        found = service.appointments(after=paging.after_id(cursor), limit=_ROWS + 1)
        regions = service.regions()[:_MOST]
        context = {
            "regions": regions, "top": max((each.high for each in regions), default=1.0), "wrong": wrong,
            "page": paging.page_of(found, _ROWS, lambda each: (each.appointment_id,)), "query": {"cursor": cursor},
            "typed": typed or {}, "may": caller_of(request).may("conduct.manage"),
        }  # fmt: skip
        status = 409 if wrong else 200
        return view(request, "console/certification.html", context, at="sellers", words=TEXTS, status=status)

    @get("/certification", sync_to_thread=True)
    def certification(request: AnyRequest, cursor: Cursor = "") -> Template:
        return shown(request, cursor=cursor)

    @post("/certification", sync_to_thread=True, opt=MANAGE)
    def appoint(request: AnyRequest, data: URLEncodedBody[dict[str, Any]]) -> Response[Any]:
        by = caller_of(request).actor
        try:
            if cancelled := field(data, "cancel"):
                service.cancel(cancelled, by=by)
            else:
                service.book(field(data, "seller_id"), field(data, "region"), moment_in(data, "at"), by=by)
        except AgoranomosError as error:
            return shown(request, wrong=error.message, typed=data)
        return Redirect("/sellers/certification", status_code=303)

    return [certification, appoint]


def _appeals(desk: Sellers) -> list[Any]:
    service = desk.offices.appeals

    def shown(request: AnyRequest, *, all_of_them: bool, cursor: str = "", wrong: str = "") -> Template:
        state: State | None = None if all_of_them else "filed"
        found = service.listed(state=state, after=paging.after_time(cursor), limit=_ROWS + 1)
        context = {
            "page": paging.page_of(found, _ROWS, lambda each: (each.filed_at, each.appeal_id)), "wrong": wrong,
            "query": {"all": "1" if all_of_them else "", "cursor": cursor}, "now": service.clock(),
            "may": caller_of(request).may("conduct.manage"), "all": all_of_them,
        }  # fmt: skip
        return view(request, "console/appeals.html", context, at="sellers", words=TEXTS, status=409 if wrong else 200)

    @get("/appeals", sync_to_thread=True)
    def appeals(request: AnyRequest, cursor: Cursor = "") -> Template:
        return shown(request, all_of_them=bool(request.query_params.get("all")), cursor=cursor)

    @post("/appeals", sync_to_thread=True, opt=MANAGE)
    def decide(request: AnyRequest, data: URLEncodedBody[dict[str, Any]]) -> Response[Any]:
        ruling = next((each for each in _RULINGS if each == field(data, "ruling")), None)
        appeal_id = field(data, "id")
        if ruling is None or not is_id(appeal_id):
            raise Invalid("say granted or rejected", pointer="/ruling")
        try:
            service.decide(appeal_id, ruling, by=caller_of(request).actor)
        except AgoranomosError as error:
            return shown(request, all_of_them=False, wrong=error.message)
        return Redirect("/sellers/appeals?all=1", status_code=303)

    return [appeals, decide]
