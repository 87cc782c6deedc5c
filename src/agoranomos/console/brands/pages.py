"""Pages of the brand registry: searching it, one brand, and proposals that somebody decides."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Final

from litestar import Response, Router, get, post
from litestar.params import FromQuery, URLEncodedBody
from litestar.response import Redirect, Template

from agoranomos.console.addresses import with_query
from agoranomos.console.brands.wording import TEXTS
from agoranomos.console.frame import AnyRequest, FromId, Text, view
from agoranomos.goods.brands.model import CATEGORIES
from agoranomos.goods.brands.service import BrandService
from agoranomos.kernel.actors import Actor
from agoranomos.kernel.errors import AgoranomosError, Invalid
from agoranomos.staff.browsers import field
from agoranomos.web import paging
from agoranomos.web.auth import PERMISSION, caller_of
from agoranomos.web.paging import Cursor

_ROWS: Final = 50
_PROPOSALS: Final = 25
_READ, _MANAGE = {PERMISSION: "brands.read"}, {PERMISSION: "brands.manage"}
_KEPT: Final = ("rejected", "merged_into")


def brand_url(brand_id: str) -> str:
    """The page of a brand."""
    return with_query("/brands", id=brand_id)


def pages_router(service: BrandService) -> Router:
    """`/brands`, one of them, and proposals."""
    return Router("/brands", route_handlers=[*_reading(service), *_deciding(service)], include_in_schema=False,
                  opt=_READ)  # fmt: skip


def _reading(service: BrandService) -> list[Any]:
    @get("/", sync_to_thread=True)
    def listed(
        request: AnyRequest, wanted: FromId = "", q: FromQuery[Text] = "", category: FromQuery[Text] = "",
        status: FromQuery[Text] = "", cursor: Cursor = "",
    ) -> Template:  # fmt: skip
        if wanted:
            return _one(request, service, wanted)
        after = paging.after_id(cursor)
        kept = next((each for each in _KEPT if each == status), None)
        found = (
            service.listed(q, category=category, after=after, limit=_ROWS + 1) if kept is None
            else service.kept(kept, after=after, limit=_ROWS + 1)
        )  # fmt: skip
        query = {"q": q, "category": category, "status": status, "cursor": cursor}
        context = {
            "page": paging.page_of(found, _ROWS, lambda each: (each.brand_id,)), "query": query, "kept": _KEPT,
            "categories": CATEGORIES, "counts": service.counts(),
        }  # fmt: skip
        return view(request, "console/brands.html", context, at="brands", words=TEXTS)

    @get("/proposals", sync_to_thread=True)
    def proposals(request: AnyRequest, cursor: Cursor = "") -> Template:
        return _proposals(request, service, cursor)

    return [listed, proposals]


def _one(request: AnyRequest, service: BrandService, brand_id: str, *, wrong: str = "") -> Template:
    context = {
        "shown": service.show(brand_id), "wrong": wrong, "may": caller_of(request).may("brands.manage"),
    }  # fmt: skip
    return view(request, "console/brand.html", context, at="brands", words=TEXTS, status=409 if wrong else 200)


def _proposals(request: AnyRequest, service: BrandService, cursor: str, *, wrong: str = "") -> Template:
    found = service.proposals(after=paging.after_rank(cursor), limit=_PROPOSALS + 1)
    context = {
        "page": paging.page_of(found, _PROPOSALS, lambda each: (each.score, each.brand_id)), "wrong": wrong,
        "query": {"cursor": cursor}, "may": caller_of(request).may("brands.manage"),
    }  # fmt: skip
    return view(request, "console/proposals.html", context, at="brands", words=TEXTS, status=409 if wrong else 200)


def _deciding(service: BrandService) -> list[Any]:
    @post("/decide", sync_to_thread=True, opt=_MANAGE)
    def decide(request: AnyRequest, data: URLEncodedBody[dict[str, Any]]) -> Response[Any]:
        brand_id, by = field(data, "id"), caller_of(request).actor
        verb = _verb(service, field(data, "answer"), brand_id, field(data, "into").strip())
        among, cursor = field(data, "from") == "proposals", field(data, "cursor")
        try:
            verb(by)
        except AgoranomosError as error:
            if among:
                return _proposals(request, service, cursor, wrong=error.message)
            return _one(request, service, brand_id, wrong=error.message)
        return Redirect(
            with_query("/brands/proposals", cursor=cursor) if among else brand_url(brand_id), status_code=303
        )

    @post("/stores", sync_to_thread=True, opt=_MANAGE)
    def stores(request: AnyRequest, data: URLEncodedBody[dict[str, Any]]) -> Response[Any]:
        brand_id, by, answer = field(data, "id"), caller_of(request).actor, field(data, "answer")
        if answer not in ("add", "remove", "open"):
            raise Invalid("say add, remove or open", pointer="/answer")
        try:
            if answer == "open":
                service.sell_openly(brand_id, by=by)
            else:
                store_ids = field(data, "store_ids").split()
                service.authorise(brand_id, store_ids, remove=answer == "remove", by=by)
        except AgoranomosError as error:
            return _one(request, service, brand_id, wrong=error.message)
        return Redirect(brand_url(brand_id), status_code=303)

    return [decide, stores]


def _verb(service: BrandService, answer: str, brand_id: str, into: str) -> Callable[[Actor], Any]:
    verbs: dict[str, Callable[[Actor], Any]] = {
        "accept": lambda by: service.accept([brand_id], by=by),
        "reject": lambda by: service.reject([brand_id], by=by),
        "merge": lambda by: service.merge(brand_id, into, by=by),
    }
    if answer not in verbs:
        raise Invalid("say accept, merge or reject", pointer="/answer")
    return verbs[answer]
