"""Pages of frozen money: what is held for whom and until when, one freeze with all its sums, and its release."""

from __future__ import annotations

from typing import Any, Final, get_args

from litestar import Response, get, post
from litestar.params import FromQuery, URLEncodedBody
from litestar.response import Redirect, Template

from agoranomos.console.addresses import with_query
from agoranomos.console.forms import money_in
from agoranomos.console.frame import AnyRequest, FromId, Text, view
from agoranomos.console.sellers.wording import TEXTS
from agoranomos.kernel.errors import Conflict, Forbidden, Invalid
from agoranomos.kernel.ids import is_id
from agoranomos.kernel.money import MINOR_DIGITS
from agoranomos.sellers.freeze.model import State
from agoranomos.sellers.freeze.service import FreezeService
from agoranomos.staff.browsers import field
from agoranomos.web import paging
from agoranomos.web.auth import PERMISSION, caller_of
from agoranomos.web.paging import Cursor

_ROWS: Final = 50
_STATES: Final[tuple[State, ...]] = get_args(State)
_MANAGE: Final = {PERMISSION: "conduct.manage"}


def handlers(service: FreezeService) -> list[Any]:
    """`/sellers/freezes`, one of them, and its release."""

    @get("/freezes", sync_to_thread=True)
    def listed(
        request: AnyRequest, wanted: FromId = "", status: FromQuery[Text] = "held", store_id: FromQuery[Text] = "",
        cursor: Cursor = "",
    ) -> Template:  # fmt: skip
        if wanted:
            return _one(request, service, wanted)
        state = next((each for each in _STATES if each == status), None)
        about = store_id if is_id(store_id) else None
        found = service.listed(state=state, store_id=about, after=paging.after_time(cursor), limit=_ROWS + 1)
        context = {
            "page": paging.page_of(found, _ROWS, lambda each: (each.begun_at, each.freeze_id)), "states": _STATES,
            "query": {"status": status, "store_id": store_id, "cursor": cursor}, "now": service.clock(),
        }  # fmt: skip
        return view(request, "console/freezes.html", context, at="sellers", words=TEXTS)

    @post("/freezes/release", sync_to_thread=True, opt=_MANAGE)
    def release(request: AnyRequest, data: URLEncodedBody[dict[str, Any]]) -> Response[Any]:
        freeze_id, currency = field(data, "id"), field(data, "currency")
        try:
            if currency not in MINOR_DIGITS:
                raise Invalid("say of which currency", pointer="/currency")
            amount = money_in(data, "amount", currency).amount if field(data, "amount").strip() else None
            service.release(
                freeze_id, currency=currency, amount=amount, because=field(data, "because").strip(),
                by=caller_of(request).actor, lifts=bool(field(data, "lifts")),
            )  # fmt: skip
        except (Conflict, Forbidden, Invalid) as error:
            return _one(request, service, freeze_id, wrong=error.message, typed=data)
        return Redirect(with_query("/sellers/freezes", id=freeze_id), status_code=303)

    return [listed, release]


def _one(
    request: AnyRequest, service: FreezeService, freeze_id: str, *, wrong: str = "", typed: dict[str, Any] | None = None
) -> Template:
    shown = service.show(freeze_id)
    context = {
        "shown": shown, "freeze": shown.freeze, "now": service.clock(), "wrong": wrong, "typed": typed or {},
        "may": caller_of(request).may("conduct.manage") and shown.freeze.state == "held",
    }  # fmt: skip
    return view(request, "console/freeze.html", context, at="sellers", words=TEXTS, status=409 if wrong else 200)
