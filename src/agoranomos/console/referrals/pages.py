"""Pages of referrals: all of them, one with its packages and chain of custody, and every step with it."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Final, Literal, get_args

import msgspec
from litestar import Response, Router, get, post
from litestar.params import FromQuery, URLEncodedBody
from litestar.response import File, Redirect, Template

from agoranomos.cases.referral import queries
from agoranomos.cases.referral.actions import SEND
from agoranomos.cases.referral.model import ABOUT_KINDS, STATES, About, Figures
from agoranomos.cases.referral.service import ReferralService
from agoranomos.console.addresses import with_query
from agoranomos.console.frame import AnyRequest, FromId, Text, view
from agoranomos.console.referrals.wording import TEXTS
from agoranomos.kernel.actors import Actor
from agoranomos.kernel.approvals.actions import open_about
from agoranomos.kernel.calendar import ZONE
from agoranomos.kernel.errors import AgoranomosError, Conflict, Invalid, NotFound
from agoranomos.kernel.ids import is_id
from agoranomos.staff.browsers import field
from agoranomos.web import paging
from agoranomos.web.auth import PERMISSION, caller_of
from agoranomos.web.paging import Cursor

_ROWS: Final = 50
_YEARS: Final = 3
_READ, _MANAGE = {PERMISSION: "referrals.read"}, {PERMISSION: "referrals.manage"}
_Moved = Literal["receive", "accept", "reject", "close", "withdraw"]
_MOVES: Final[tuple[_Moved, ...]] = get_args(_Moved)
_COUNTS: Final = ("cases", "suspects", "detained", "convicted", "involved", "recovered")


def referral_url(referral_id: str) -> str:
    """The page of a referral."""
    return with_query("/referrals", id=referral_id)


def pages_router(service: ReferralService) -> Router:
    """`/referrals`, one of them, and its steps."""
    return Router("/referrals", route_handlers=[*_reading(service), *_working(service)], include_in_schema=False,
                  opt=_READ)  # fmt: skip


def _reading(service: ReferralService) -> list[Any]:
    @get("/", sync_to_thread=True)
    def listed(request: AnyRequest, wanted: FromId = "", status: FromQuery[Text] = "", cursor: Cursor = "") -> Template:
        if wanted:
            return _one(request, service, wanted)
        return _all(request, service, status=status, cursor=cursor)

    return [listed]


def _all(
    request: AnyRequest, service: ReferralService, *, status: str = "", cursor: str = "", wrong: str = "",
    typed: dict[str, Any] | None = None,
) -> Template:  # fmt: skip
    about = queries.Wanted(state=next((each for each in STATES if each == status), None))
    with service.store.reading() as connection:
        found = queries.listed(connection, about, after=paging.after_time(cursor), limit=_ROWS + 1)
    year = service.clock().astimezone(ZONE).year
    context = {
        "page": paging.page_of(found, _ROWS, lambda each: (each.opened_at, each.referral_id)), "states": STATES,
        "query": {"status": status, "cursor": cursor}, "years": service.years(year - _YEARS + 1, year),
        "kinds": ABOUT_KINDS, "authorities": service.policy.authorities, "wrong": wrong, "typed": typed or {},
        "may": caller_of(request).may("referrals.manage"), "counts": _COUNTS[:4],
    }  # fmt: skip
    return view(request, "console/referrals.html", context, at="referrals", words=TEXTS, status=409 if wrong else 200)


def _one(request: AnyRequest, service: ReferralService, referral_id: str, *, wrong: str = "") -> Template:
    shown = service.show(referral_id)
    with service.store.reading() as connection:
        sending = open_about(connection, SEND, "referral", referral_id, service.clock())
    context = {
        "shown": shown, "referral": shown.referral, "sending": sending, "wrong": wrong, "counts": _COUNTS,
        "authority": service.policy.authorities.get(shown.referral.authority),
        "moves": [each for each in _MOVES if _possible(service, shown.referral, each)],
        "may": caller_of(request).may("referrals.manage"),
    }  # fmt: skip
    return view(request, "console/referral.html", context, at="referrals", words=TEXTS, status=409 if wrong else 200)


def _possible(service: ReferralService, referral: Any, verb: _Moved) -> bool:
    try:
        referral.after(verb, service.clock())
    except Conflict:
        return False
    return True


def _working(service: ReferralService) -> list[Any]:
    def stepped(request: AnyRequest, data: dict[str, Any], verb: Callable[[str, Actor], str | None]) -> Response[Any]:
        """Back to the referral after a step, or to what waits for a second person."""
        referral_id = field(data, "id")
        try:
            approval_id = verb(referral_id, caller_of(request).actor)
        except AgoranomosError as error:  # a referral that is not there raises once more
            return _one(request, service, referral_id, wrong=error.message)
        url = with_query("/approvals", id=approval_id) if approval_id else referral_url(referral_id)
        return Redirect(url, status_code=303)

    @post("/open", sync_to_thread=True, opt=_MANAGE)
    def opened(request: AnyRequest, data: URLEncodedBody[dict[str, Any]]) -> Response[Any]:
        kind = next((each for each in ABOUT_KINDS if each == field(data, "kind")), None)
        about, because = field(data, "about").strip(), field(data, "case_id").strip() or None
        try:
            if kind is None or not is_id(about):
                raise Invalid("say what is referred, by its kind and id", pointer="/about")
            made = service.open(
                About(kind, about), field(data, "authority"), because=because, by=caller_of(request).actor
            )
        except (Conflict, Invalid, NotFound) as error:
            return _all(request, service, wrong=error.message, typed=data)
        return Redirect(referral_url(made.referral_id), status_code=303)

    @post("/make", sync_to_thread=True, opt=_MANAGE)
    def make(request: AnyRequest, data: URLEncodedBody[dict[str, Any]]) -> Response[Any]:
        approval_id = field(data, "approval_id").strip() or None

        def verb(name: str, by: Actor) -> None:
            service.make(name, by=by, approval_id=approval_id)

        return stepped(request, data, verb)

    @post("/send", sync_to_thread=True, opt=_MANAGE)
    def send(request: AnyRequest, data: URLEncodedBody[dict[str, Any]]) -> Response[Any]:
        approval_id = field(data, "approval_id")

        def verb(name: str, by: Actor) -> str | None:
            if not approval_id:
                return service.ask_to_send(name, by=by).approval_id
            service.send(name, approval_id, by=by)
            return None

        return stepped(request, data, verb)

    @post("/move", sync_to_thread=True, opt=_MANAGE)
    def move(request: AnyRequest, data: URLEncodedBody[dict[str, Any]]) -> Response[Any]:
        said = next((each for each in _MOVES if each == field(data, "verb")), None)
        if said is None:
            raise Invalid("say what became of it", pointer="/verb")

        def verb(name: str, by: Actor) -> None:
            service.move(name, said, by=by, reference=field(data, "reference").strip() or None)

        return stepped(request, data, verb)

    @post("/report", sync_to_thread=True, opt=_MANAGE)
    def report(request: AnyRequest, data: URLEncodedBody[dict[str, Any]]) -> Response[Any]:
        def verb(name: str, by: Actor) -> None:
            service.report(name, _figures(data), by=by)

        return stepped(request, data, verb)

    @post("/package", sync_to_thread=True, opt=_MANAGE, status_code=200)
    def package(request: AnyRequest, data: URLEncodedBody[dict[str, Any]]) -> File:
        """Taking a package into one's hands changes who had it, and is asked for by a form."""
        referral_id, number = field(data, "id"), field(data, "number")
        if not (number.isascii() and number.isdigit() and len(number) < 8):
            raise Invalid("say which package", pointer="/number")
        path, made = service.fetch(referral_id, int(number), by=caller_of(request).actor)
        return File(path, filename=f"{referral_id}-{made.number}.zip", media_type="application/zip")

    return [opened, make, send, move, report, package]


def _figures(data: dict[str, Any]) -> Figures:
    """What an authority reported: whole numbers, of money in units of the currency. Raises Invalid."""
    given: dict[str, int] = {}
    for name in _COUNTS:
        text = field(data, name).strip().replace(",", "") or "0"
        if not text.lstrip("-").isascii() or not text.lstrip("-").isdigit() or len(text) > 14:
            raise Invalid("figures are whole numbers", pointer=f"/{name}")
        given[name] = int(text) * (100 if name in ("involved", "recovered") else 1)
    try:
        return msgspec.convert({**given, "currency": "CNY"}, Figures)
    except msgspec.ValidationError as error:
        raise Invalid("one of the figures is beyond what can be", pointer="/figures") from error
