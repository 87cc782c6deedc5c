"""Everything that goes wrong, said as an RFC 9457 problem document (API) or a page (people).

A problem never holds a traceback, an exception's text from a library or what was submitted: errors
end up in logs and screenshots, and a listing or a complaint may hold personal data.
"""

from __future__ import annotations

import logging
import re
from http import HTTPStatus
from typing import Any
from urllib.parse import urlencode

import msgspec
from litestar import Request, Response
from litestar.connection import ASGIConnection
from litestar.exceptions import HTTPException
from litestar.exceptions import NotFoundException as NoRoute
from litestar.handlers import BaseRouteHandler
from litestar.response import Redirect

from agoranomos.kernel.errors import AgoranomosError, Conflict, Forbidden, Invalid, NotFound
from agoranomos.kernel.json_text import BrokenJson
from agoranomos.web.auth import SignInNeeded
from agoranomos.web.limits import TooManyRequests
from agoranomos.web.pages import page
from agoranomos.web.security import header, request_id

MEDIA_TYPE = "application/problem+json"
API_PREFIX = "/v1"
CSRF_COOKIE = "agora_csrf"
_log = logging.getLogger(__name__)

# slug -> (status, title). The slug is the stable part; titles may be reworded.
KINDS: dict[str, tuple[int, str]] = {
    "malformed": (400, "The request cannot be read"),
    "sign-in-needed": (401, "Sign in first"),
    "forbidden": (403, "Not allowed"),
    "stale-form": (403, "The form is too old"),
    "not-found": (404, "Not found"),
    "method-not-allowed": (405, "Not possible at this address"),
    "conflict": (409, "Conflict"),
    "too-large": (413, "Too large"),
    "unsupported-media-type": (415, "Unsupported media type"),
    "invalid": (422, "Invalid content"),
    "too-many-requests": (429, "Too many requests"),
    "internal": (500, "Internal error"),
    "unavailable": (503, "Not available"),
}
# What a page says is coarser than what a program is told.
_PAGE_TEXT = {
    "malformed": "invalid",
    "unsupported-media-type": "invalid",
    "too-many-requests": "unavailable",
}
_BY_STATUS = {status: slug for slug, (status, _) in KINDS.items() if slug != "stale-form"}
_QUOTED = re.compile(r"""'(?:[^'\\]|\\.)*'|"(?:[^"\\]|\\.)*\"""")


class Problem(msgspec.Struct, omit_defaults=True):
    """RFC 9457 with members of our own: `pointer` (RFC 6901), `request_id`, and where JSON is broken.

    `offset` counts bytes from 0, `line` and `column` count from 1, the column in characters.
    """

    type: str
    title: str
    status: int
    request_id: str
    detail: str = ""
    pointer: str = ""
    line: int | None = None
    column: int | None = None
    offset: int | None = None


class WrongMediaType(Invalid):
    """Send the body as application/json or application/cloudevents+json."""


class TooLarge(Invalid):
    """Send less at once."""


def media_type_of(request: ASGIConnection[Any, Any, Any, Any]) -> str:
    """The type of the body as the request states it, without parameters; "" when it states none."""
    return (header(request.scope, b"content-type") or "").partition(";")[0].strip().lower()


def require_json(request: ASGIConnection[Any, Any, Any, Any]) -> None:
    """For addresses that take JSON; raises WrongMediaType.

    It is also what keeps foreign pages out: a browser sends plain text or a form anywhere without
    asking, JSON only after the server has agreed, and ours never does.
    """
    given = media_type_of(request)
    if given != "application/json" and not (given.startswith("application/") and given.endswith("+json")):
        raise WrongMediaType


async def json_only(request: ASGIConnection[Any, Any, Any, Any], _: BaseRouteHandler) -> None:
    """`require_json` as a guard; async, because Litestar hands other guards to a thread."""
    require_json(request)


def slug_of(error: Exception) -> str:
    """Which of `KINDS` an exception is."""
    match error:
        case NotFound():
            slug = "not-found"
        case Conflict():
            slug = "conflict"
        case SignInNeeded():
            slug = "sign-in-needed"
        case Forbidden():
            slug = "forbidden"
        case WrongMediaType():
            slug = "unsupported-media-type"
        case TooManyRequests():
            slug = "too-many-requests"
        case TooLarge():
            slug = "too-large"
        case Invalid():
            # Without a pointer nothing in the body is to blame but the whole: broken JSON, a bad
            # header.
            slug = "invalid" if error.pointer else "malformed"
        case HTTPException(status_code=HTTPStatus.FORBIDDEN, detail=detail) if "CSRF" in detail:
            slug = "stale-form"
        case HTTPException(status_code=status):
            slug = _BY_STATUS.get(status, "malformed" if status < HTTPStatus.INTERNAL_SERVER_ERROR else "internal")
        case _:
            slug = "internal"
    return slug


def problem_of(error: Exception, *, at: str) -> Problem:
    """The problem document for `error` in the request with the id `at`."""
    slug = slug_of(error)
    status, title = KINDS[slug]
    detail, pointer = "", ""
    place = (error.line, error.column, error.offset) if isinstance(error, BrokenJson) else (None, None, None)
    if isinstance(error, AgoranomosError):
        # Our own messages say what to do next, but some quote the value; the pointer says where it
        # stands.
        detail, pointer = _QUOTED.sub("the value", error.message), error.pointer
    elif isinstance(error, NoRoute):
        detail = "No such address; the addresses are listed in /v1/openapi.json."
    return Problem(
        type=f"urn:agoranomos:problem:{slug}",
        title=title,
        status=status,
        detail=detail,
        pointer=pointer,
        request_id=at,
        line=place[0],
        column=place[1],
        offset=place[2],
    )


def wants_page(request: Request[Any, Any, Any]) -> bool:
    """Whether a person's browser asked: never under the API, else when it prefers HTML."""
    path = request.scope["path"]
    if path == API_PREFIX or path.startswith(f"{API_PREFIX}/"):
        return False
    return "text/html" in request.headers.get("accept", "")


def _headers(error: Exception) -> dict[str, str]:
    """What the answer to `error` says beside its document."""
    match error:
        case SignInNeeded():
            return {"www-authenticate": "Bearer"}  # RFC 9110, section 15.5.2
        case TooManyRequests():
            return {"retry-after": str(error.retry_after_s)}
    return {}


def _back_to(request: Request[Any, Any, Any]) -> str:
    """The query that leads back to the page that was asked for; what was sent by a form is gone."""
    if request.method != "GET":
        return ""
    query = request.scope["query_string"].decode("ascii", "replace")
    return "?" + urlencode({"next": f"{request.scope['path']}{'?' if query else ''}{query}"})


def handle(request: Request[Any, Any, Any], error: Exception) -> Response[Any]:
    """Litestar's exception handler for everything."""
    problem = problem_of(error, at=request_id(request.scope))
    if problem.status >= HTTPStatus.INTERNAL_SERVER_ERROR:
        _log.error("request %s failed", problem.request_id, exc_info=error)
    if not wants_page(request):
        body = msgspec.json.encode(problem)
        return Response(body, status_code=problem.status, media_type=MEDIA_TYPE, headers=_headers(error))
    sign_in = request.app.state.get("sign_in")
    if sign_in is not None and isinstance(error, SignInNeeded):
        return Redirect(f"{sign_in}{_back_to(request)}", status_code=303)
    slug = slug_of(error)
    answer = page(
        request,
        "problem.html",
        {"slug": _PAGE_TEXT.get(slug, slug), "problem": problem},
        status=problem.status,
    )
    answer.headers.update(_headers(error))
    if slug == "stale-form":
        # The token of an earlier run of the server would be refused for ever; the next page gives a
        # new one.
        answer.delete_cookie(CSRF_COOKIE)
    return answer
