"""One's own account as a page: who I am, what I may do, where I am signed in, my password."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import msgspec
from litestar import Response, get, post
from litestar.params import FromQuery, URLEncodedBody
from litestar.response import Redirect

from agoranomos.kernel.actors import Actor
from agoranomos.kernel.errors import Forbidden
from agoranomos.staff.authenticating import SESSION_COOKIE
from agoranomos.staff.browsers import ACCOUNT, SIGN_IN, AnyRequest, Cookies, field
from agoranomos.staff.model import AT_THE_MACHINE, Person, Session
from agoranomos.staff.secrets import PASSWORD_MAX, PASSWORD_MIN, digest
from agoranomos.staff.service import StaffService
from agoranomos.staff.wording import TEXTS
from agoranomos.web.auth import PERMISSION, SIGNED_IN, caller_of
from agoranomos.web.limits import RateLimit
from agoranomos.web.pages import page

_MINE = {PERMISSION: SIGNED_IN}


class Place(msgspec.Struct, frozen=True):
    """A browser in which the reader is signed in; moments as they are shown."""

    here: bool
    began: str
    seen: str


def account_handlers(service: StaffService, cookies: Cookies) -> list[Any]:
    """The handlers of `/account`."""
    # Whoever finds a browser open may not guess the password at leisure.
    limit = RateLimit(rate=1 / 60, burst=5)

    def shown(request: AnyRequest, *, wrong: str = "", done: str = "", status: int = 200) -> Response[Any]:
        caller = caller_of(request)
        person = _person(service, caller.actor)
        context = {
            "actor": caller.actor,
            "person": person,
            "roles": sorted(person.roles) if person else [],
            "permissions": sorted(caller.permissions),
            "places": _places(service, person, request.cookies.get(SESSION_COOKIE, "")) if person else [],
            "wrong": wrong,
            "done": done,
            "least": PASSWORD_MIN,
            "most": PASSWORD_MAX,
        }
        return page(request, "staff/account.html", context, catalogue=TEXTS, status=status)

    @get(ACCOUNT, sync_to_thread=True, opt=_MINE)
    def account(request: AnyRequest, done: FromQuery[str] = "") -> Response[Any]:
        return shown(request, done="done.others" if done == "others" else "")

    @post(f"{ACCOUNT}/others", status_code=303, sync_to_thread=True, opt=_MINE)
    def end_others(request: AnyRequest) -> Response[Any]:
        person = _signed_in(service, caller_of(request).actor)
        service.end_other_sessions(request.cookies.get(SESSION_COOKIE, ""), by=person.actor)
        return Redirect(f"{ACCOUNT}?done=others", status_code=303)

    @post(f"{ACCOUNT}/password", status_code=200, opt=_MINE)
    async def change(request: AnyRequest, data: URLEncodedBody[dict[str, Any]]) -> Response[Any]:
        return await service.slowly(lambda: changed(request, data))

    def changed(request: AnyRequest, data: dict[str, Any]) -> Response[Any]:
        person = _signed_in(service, caller_of(request).actor)
        new = field(data, "new")
        if new != field(data, "again"):
            return shown(request, wrong="wrong.again", status=422)
        if not PASSWORD_MIN <= len(new) <= PASSWORD_MAX:
            return shown(request, wrong="wrong.length", status=422)
        limit.take(person.person_id)
        try:
            service.change_password(field(data, "old"), new, by=person.actor)
        except Forbidden:
            return shown(request, wrong="wrong.old", status=422)
        return Redirect(f"{SIGN_IN}?done=password", status_code=303, cookies=[cookies.nobody()])

    return [account, end_others, change]


def _person(service: StaffService, actor: Actor) -> Person | None:
    """Who that is; None for a program and for whoever sits at the machine."""
    return service.person(actor.id) if actor.kind == "person" and actor not in AT_THE_MACHINE else None


def _signed_in(service: StaffService, actor: Actor) -> Person:
    person = _person(service, actor)
    if person is None:
        raise Forbidden("only somebody who has signed in has an account")
    return person


def _places(service: StaffService, person: Person, secret: str) -> list[Place]:
    here = digest(secret)
    return [_place(each, here) for each in service.sessions(person.person_id)]


def _place(session: Session, here: str) -> Place:
    return Place(session.digest == here, _moment(session.began_at), _moment(session.seen_at))


def _moment(at: datetime) -> str:
    return at.astimezone(UTC).strftime("%Y-%m-%d %H:%M UTC")
