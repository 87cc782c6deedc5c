"""Sign-in and sign-out as pages that need no JavaScript."""

from __future__ import annotations

from pathlib import Path
from typing import Any, Final

from litestar import Response, Router, get, post
from litestar.params import FromQuery, URLEncodedBody
from litestar.response import Redirect

from agoranomos.staff.account import account_handlers
from agoranomos.staff.actions import Refused
from agoranomos.staff.authenticating import SESSION_COOKIE
from agoranomos.staff.browsers import (
    PENDING_COOKIE,
    SIGN_IN,
    SIGN_OUT,
    AnyRequest,
    Cookies,
    FromNext,
    client_of,
    field,
    own_path,
)
from agoranomos.staff.company import BACK, BEGIN, SignInFailed, Vouching
from agoranomos.staff.service import StaffService
from agoranomos.staff.wording import TEXTS
from agoranomos.web.auth import ANYONE, PERMISSION
from agoranomos.web.limits import RateLimit
from agoranomos.web.pages import page

TEMPLATES: Final = Path(__file__).parent / "templates"
FIRST: Final = "agora people add ada@example.org --name Ada --role admin --password"
"""How the first administrator is made."""
_DONE: Final = frozenset({"password", "out"})


class _Doors:
    """What the handlers share: the forms, the limit on attempts, the cookies."""

    def __init__(self, service: StaffService, provider: Vouching | None, cookies: Cookies, limit: RateLimit) -> None:
        self.service = service
        self.provider = provider
        self.cookies = cookies
        self.limit = limit

    def form(
        self, request: AnyRequest, to: str, *, wrong: str = "", done: str = "", email: str = "", status: int = 200
    ) -> Response[Any]:
        """The page, which says what went `wrong` or was `done` (keys of texts) and nothing more exact than that."""
        context = {
            "to": own_path(to) if to else "",
            "wrong": wrong,
            "done": done,
            "email": email,
            "company": BEGIN if self.provider is not None else "",
            "first": "" if self.service.anybody() else FIRST,
        }
        answer = page(request, "staff/sign-in.html", context, catalogue=TEXTS, status=status)
        if context["first"]:
            # A secret of an earlier store would keep out whoever sits at the machine and needs none.
            answer.set_cookie(self.cookies.nobody())
        return answer

    def enter(
        self, request: AnyRequest, begun: str | Refused, to: str, *, wrong: str, email: str = ""
    ) -> Response[Any]:
        """In, with a secret that no earlier page of this browser has seen; or the form again."""
        if isinstance(begun, Refused):
            return self.form(request, to, wrong=wrong, email=email, status=403)
        return Redirect(own_path(to), status_code=303, cookies=[self.cookies.holding(begun)])


def pages_router(
    service: StaffService,
    provider: Vouching | None = None,
    *,
    secure: bool = False,
    attempts: RateLimit | None = None,
) -> Router:
    """The pages; `provider` vouches for company accounts, `attempts` limits how often one client may try, `secure`
    says that browsers reach us by https only.
    """
    cookies = Cookies(secure=secure)
    doors = _Doors(service, provider, cookies, attempts or RateLimit(rate=0.5, burst=30))
    handlers = [*_own(doors), *(_company(doors, provider) if provider is not None else ())]
    return Router(
        "/",
        route_handlers=[*handlers, *account_handlers(service, cookies)],
        include_in_schema=False,
        opt={PERMISSION: ANYONE},
    )


def _own(doors: _Doors) -> list[Any]:
    """Sign-in with a password, and sign-out."""

    @get(SIGN_IN, sync_to_thread=True)
    def form(request: AnyRequest, to: FromNext = "", done: FromQuery[str] = "") -> Response[Any]:
        return doors.form(request, to, done=f"done.{done}" if done in _DONE else "")

    @post(SIGN_IN, status_code=200)
    async def submit(request: AnyRequest, data: URLEncodedBody[dict[str, Any]]) -> Response[Any]:
        doors.limit.take(client_of(request))
        email, earlier = field(data, "email"), request.cookies.get(SESSION_COOKIE, "")

        def work() -> Response[Any]:
            begun = doors.service.sign_in(email, field(data, "password"), earlier=earlier)
            return doors.enter(request, begun, field(data, "next"), wrong="wrong.sign-in", email=email)

        return await doors.service.slowly(work)

    @post(SIGN_OUT, status_code=303, sync_to_thread=True)
    def leave(request: AnyRequest) -> Response[Any]:
        doors.service.sign_out(request.cookies.get(SESSION_COOKIE, ""))
        return Redirect(f"{SIGN_IN}?done=out", status_code=303, cookies=[doors.cookies.nobody()])

    return [form, submit, leave]


def _company(doors: _Doors, provider: Vouching) -> list[Any]:
    """Sign-in with the company account: to the provider, and back."""

    def failed(request: AnyRequest, to: str, error: SignInFailed) -> Response[Any]:
        return doors.form(request, to, wrong=f"wrong.{error.why}", status=503 if error.why == "away" else 403)

    @get(BEGIN, sync_to_thread=True)
    def begin(request: AnyRequest, to: FromNext = "") -> Response[Any]:
        doors.limit.take(client_of(request))
        try:
            begun = provider.begin(own_path(to))
        except SignInFailed as error:
            return failed(request, to, error)
        return Redirect(begun.url, status_code=303, cookies=[doors.cookies.pending(begun.cookie)])

    @get(BACK, sync_to_thread=True)
    def back(request: AnyRequest) -> Response[Any]:
        doors.limit.take(client_of(request))
        try:
            issued = provider.finish(dict(request.query_params), request.cookies.get(PENDING_COOKIE, ""))
        except SignInFailed as error:
            answer = failed(request, "", error)
        else:
            begun = doors.service.sign_in_issued(
                issuer=issued.issuer, subject=issued.subject, email=issued.email,
                earlier=request.cookies.get(SESSION_COOKIE, ""),
            )  # fmt: skip
            answer = doors.enter(request, begun, issued.to, wrong="wrong.unknown")
        answer.set_cookie(doors.cookies.settled())  # whatever was begun is over
        return answer

    return [begin, back]
