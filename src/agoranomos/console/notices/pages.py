"""Pages of notices: those that wait with their clocks, one with both sides, the answer and the decision."""

from __future__ import annotations

from typing import Any, Final

from litestar import Response, Router, get, post
from litestar.params import FromQuery, URLEncodedBody
from litestar.response import Redirect, Template

from agoranomos.console.addresses import with_query
from agoranomos.console.forms import many
from agoranomos.console.frame import AnyRequest, FromId, Text, view
from agoranomos.console.notices.wording import TEXTS
from agoranomos.goods.notices.actions import Ruling
from agoranomos.goods.notices.form import ABOUT
from agoranomos.goods.notices.model import KINDS, STATES, Verdict
from agoranomos.goods.notices.queries import About
from agoranomos.goods.notices.service import NoticeService
from agoranomos.kernel.approvals.model import Approval
from agoranomos.kernel.errors import Conflict, Forbidden, Invalid
from agoranomos.staff.browsers import field
from agoranomos.web import paging
from agoranomos.web.auth import PERMISSION, caller_of
from agoranomos.web.paging import Cursor

_ROWS: Final = 50
_STRIKES: Final = 100
_WORDS_MAX: Final = 10_000
_READ, _FILE, _DECIDE = ({PERMISSION: f"notices.{verb}"} for verb in ("read", "file", "decide"))
_VERDICTS: Final[tuple[Verdict, ...]] = ("upheld", "rejected")


def notice_url(notice_id: str, **more: str) -> str:
    """The page of a notice."""
    return with_query("/notices", id=notice_id, **more)


def pages_router(service: NoticeService) -> Router:
    """`/notices`, one of them, its answer and decision."""
    return Router("/notices", route_handlers=[*_reading(service), *_changing(service)], include_in_schema=False,
                  opt=_READ)  # fmt: skip


def _reading(service: NoticeService) -> list[Any]:
    @get("/", sync_to_thread=True)
    def listed(
        request: AnyRequest, wanted: FromId = "", status: FromQuery[Text] = "", kind: FromQuery[Text] = "",
        brand_id: FromQuery[Text] = "", store_id: FromQuery[Text] = "", holder: FromQuery[Text] = "",
        cursor: Cursor = "",
    ) -> Template:  # fmt: skip
        if wanted:
            return _one(request, service, wanted)
        query = {
            "status": status, "kind": kind, "brand_id": brand_id, "store_id": store_id, "holder": holder,
            "cursor": cursor,
        }  # fmt: skip
        about = About(
            state=next((each for each in STATES if each == status), None),
            kind=next((each for each in KINDS if each == kind), None),
            brand_id=brand_id or None, store_id=store_id or None, rights_holder_id=holder or None,
        )  # fmt: skip
        owed = not any(query.values())  # what is to be decided comes first, until something else is asked for
        found = (
            service.waiting(_ROWS) if owed else service.listed(about, after=paging.after_time(cursor), limit=_ROWS + 1)
        )
        context = {
            "page": paging.page_of(found, _ROWS, lambda each: (each.filed_at, each.notice_id)), "query": query,
            "owed": owed, "now": service.clock(), "states": STATES, "kinds": KINDS,
        }  # fmt: skip
        return view(request, "console/notices.html", context, at="notices", words=TEXTS)

    @get("/strikes", sync_to_thread=True)
    def strikes(request: AnyRequest) -> Template:
        # Every upheld notice is counted: a page of its own, for who asks for it.
        context = {"strikes": service.strikes(2, _STRIKES)}
        return view(request, "console/strikes.html", context, at="notices", words=TEXTS)

    return [listed, strikes]


def _one(
    request: AnyRequest, service: NoticeService, notice_id: str, *, wrong: str = "", typed: dict[str, Any] | None = None
) -> Template:
    heard, caller, now = service.hearing(notice_id), caller_of(request), service.clock()
    notice = heard.notice
    agreed = next((each for each in heard.approvals if each.status == "approved"), None)
    context = {
        "heard": heard, "agreed": agreed, "wanted": agreed.wanted.params if agreed else {}, "notice": notice,
        "now": now, "wrong": wrong, "typed": typed or {}, "verdicts": _VERDICTS,
        "about": ABOUT, "statements": service.statements(notice_id) if notice.decided_at else [],
        "may_decide": caller.may("notices.decide") and notice.waits,
        "may_answer": caller.may("notices.file") and notice.waits,
    }  # fmt: skip
    return view(request, "console/notice.html", context, at="notices", words=TEXTS, status=409 if wrong else 200)


def _changing(service: NoticeService) -> list[Any]:
    @post("/answer", sync_to_thread=True, opt=_FILE)
    def answer(request: AnyRequest, data: URLEncodedBody[dict[str, Any]]) -> Response[Any]:
        notice_id, statement = field(data, "id"), field(data, "statement").strip()
        try:
            if not 1 <= len(statement) <= _WORDS_MAX:
                raise Invalid("write down what the seller says, in at most 10,000 characters", pointer="/statement")
            service.counter(notice_id, statement, by=caller_of(request).actor)
        except (Conflict, Invalid) as error:
            return _one(request, service, notice_id, wrong=error.message, typed=data)
        return Redirect(notice_url(notice_id), status_code=303)

    @post("/decide", sync_to_thread=True, opt=_DECIDE)
    def decide(request: AnyRequest, data: URLEncodedBody[dict[str, Any]]) -> Response[Any]:
        notice_id, approval_id = field(data, "id"), field(data, "approval_id") or None
        try:
            found = service.decide(notice_id, _ruling(data), by=caller_of(request).actor, approval_id=approval_id)
        except (Conflict, Invalid, Forbidden) as error:
            return _one(request, service, notice_id, wrong=error.message, typed=data)
        if isinstance(found, Approval):
            return Redirect(with_query("/approvals", id=found.approval_id), status_code=303)
        return Redirect(notice_url(notice_id), status_code=303)

    return [answer, decide]


def _ruling(data: dict[str, Any]) -> Ruling:
    """The decision that a form says: of each listing, as it was ticked. Raises Invalid."""
    outcome = next((each for each in _VERDICTS if each == field(data, "outcome")), None)
    if outcome is None:
        raise Invalid("say whether the notice is right", pointer="/outcome")
    other: Verdict = "rejected" if outcome == "upheld" else "upheld"
    return Ruling(
        outcome=outcome, listings=dict.fromkeys(sorted(many(data, "except")), other),
        reason=field(data, "reason").replace("\r\n", "\n").strip()[:2_000],
    )  # fmt: skip
