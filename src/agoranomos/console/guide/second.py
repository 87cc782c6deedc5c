"""The second person of a demonstration: whoever tries the program alone can see what takes two people to the end.

Only where the program runs as a demonstration are these addresses there, and only whoever sits at the machine may call
them: who has signed in is one person, and stays that person.
"""

from __future__ import annotations

from typing import Any, Final, Literal

from litestar import Router, post
from litestar.datastructures import Cookie
from litestar.params import URLEncodedBody
from litestar.response import Redirect

from agoranomos.kernel.errors import Forbidden
from agoranomos.staff.authenticating import SECOND_COOKIE
from agoranomos.staff.browsers import AnyRequest, field, own_path
from agoranomos.staff.model import AT_THE_MACHINE, SECOND
from agoranomos.web.auth import PERMISSION, SIGNED_IN, caller_of, known_caller_in

PATH: Final = "/demo/person"
Which = Literal["first", "second", ""]


def looking_as(request: AnyRequest) -> Which:
    """As which of the two people of a demonstration the reader looks on; "" where there are no such two."""
    caller = known_caller_in(request.scope)
    if not request.app.state.get("guided") or caller is None or caller.actor not in AT_THE_MACHINE:
        return ""
    return "second" if caller.actor == SECOND else "first"


def pages_router() -> Router:
    """`/demo/person`: from one person to the other, and back to the page."""

    @post(PATH, status_code=303, sync_to_thread=False)
    def change(request: AnyRequest, data: URLEncodedBody[dict[str, Any]]) -> Redirect:
        if caller_of(request).actor not in AT_THE_MACHINE:
            raise Forbidden("only whoever has not signed in can look on as somebody else")
        second = field(data, "as") == "second"
        # A cookie of this window's session: whoever opens the demonstration tomorrow begins as the first.
        cookie = Cookie(
            key=SECOND_COOKIE, value="1" if second else "", path="/", max_age=None if second else 0, httponly=True,
            samesite="strict",
        )  # fmt: skip
        return Redirect(own_path(field(data, "next")), status_code=303, cookies=[cookie])

    return Router("/", route_handlers=[change], include_in_schema=False, opt={PERMISSION: SIGNED_IN})
