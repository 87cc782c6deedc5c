"""What a seller sees when publishing: the form, what we think of the listing, and the record of a
read warning.

Everything works without JavaScript. The listing itself is not kept: between two pages it travels in
the form.
"""

from __future__ import annotations

from typing import Any, Final

from litestar import Request, Response, Router, get, post
from litestar.params import FromPath, FromQuery, URLEncodedBody
from litestar.response import Redirect

from agoranomos.goods.listings import views
from agoranomos.goods.listings.form import CURRENCIES, Typed, Wrong, listing_from, new_draft, typed
from agoranomos.goods.listings.model import Listing
from agoranomos.goods.listings.queries import StoredCheck
from agoranomos.goods.listings.samples import SAMPLES
from agoranomos.goods.listings.service import CheckService
from agoranomos.goods.listings.wording import TEXTS
from agoranomos.kernel.decisions import Outcome
from agoranomos.kernel.ids import derived
from agoranomos.web.auth import PERMISSION
from agoranomos.web.i18n import language_of
from agoranomos.web.pages import page

HOME: Final = "/listings/new"
STEP_CHECK, STEP_CHANGE, STEP_GO_AHEAD = "check", "change", "go-ahead"
AnyRequest = Request[Any, Any, Any]


def _form_page(request: AnyRequest, form: Typed, wrong: list[Wrong], sample: str = "") -> Response[Any]:
    context = {
        "form": form,
        "wrong": wrong,
        "wrong_fields": {each.field for each in wrong},
        "currencies": CURRENCIES,
        "samples": list(SAMPLES),
        "sample": sample,
    }
    return page(request, "listings/new.html", context, catalogue=TEXTS, status=422 if wrong else 200)


def _result_page(
    request: AnyRequest,
    service: CheckService,
    form: Typed,
    listing: Listing,
    *,
    unread: bool = False,
) -> Response[Any]:
    check = _checked(service, form, listing)
    language = language_of(request)
    context = {
        "form": form,
        "fields": views.listing_view(listing, check),
        "view": views.decision_view(check, service.policy, language),
        "unread": unread,
    }
    return page(request, "listings/result.html", context, catalogue=TEXTS, status=422 if unread else 200)


def _checked(service: CheckService, form: Typed, listing: Listing) -> StoredCheck:
    """The check of this draft in these words: loading the page again asks nothing twice."""
    words = (
        listing.title,
        str(listing.price),
        listing.category,
        listing.brand,
        listing.description,
    )
    return service.check(listing, derived("page", form.draft, listing.store_id, *words))


def _go_ahead(
    request: AnyRequest, service: CheckService, form: Typed, listing: Listing, *, read: bool
) -> Response[Any]:
    check = _checked(service, form, listing)
    if check.decision.outcome is not Outcome.WARN:
        return _result_page(request, service, form, listing)
    if not read:
        return _result_page(request, service, form, listing, unread=True)
    service.acknowledge(check.decision.id, listing.store_id)
    # A redirect, so that loading the next page again sends nothing.
    return Redirect(f"/listings/checks/{check.decision.id}", status_code=303)


def pages_router(service: CheckService) -> Router:
    """The seller's pages."""

    @get("/new", sync_to_thread=False)
    def new(request: AnyRequest, sample: FromQuery[str] = "") -> Response[Any]:
        texts = SAMPLES.get(sample)
        filled = dict(texts[language_of(request)]) if texts else {}
        form = Typed(draft=new_draft(), **filled)
        return _form_page(request, form, [], sample if texts else "")

    @post("/new", status_code=200, sync_to_thread=True)
    def submit(
        request: AnyRequest,
        data: URLEncodedBody[dict[str, Any]],
    ) -> Response[Any]:
        form = typed(data)
        if data.get("step") == STEP_CHANGE:
            return _form_page(request, form, [])
        listing = listing_from(form)
        if isinstance(listing, list):
            return _form_page(request, form, listing)
        if data.get("step") == STEP_GO_AHEAD:
            return _go_ahead(request, service, form, listing, read="read" in data)
        return _result_page(request, service, form, listing)

    @get("/checks/{decision_id:str}", sync_to_thread=True)
    def kept(request: AnyRequest, decision_id: FromPath[str]) -> Response[Any]:
        shown = service.show(decision_id)
        context = {
            "view": views.decision_view(shown.check, service.policy, language_of(request)),
            "acknowledged_at": shown.acknowledgement and views.moment(shown.acknowledgement.at),
        }
        return page(request, "listings/kept.html", context, catalogue=TEXTS)

    return Router(
        "/listings", route_handlers=[new, submit, kept], include_in_schema=False, opt={PERMISSION: "checks.run"}
    )
