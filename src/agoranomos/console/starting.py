"""Where somebody begins: the first page that is theirs to see."""

from __future__ import annotations

from typing import Final

from litestar import Router, get
from litestar.response import Redirect

from agoranomos.console.frame import AnyRequest
from agoranomos.console.navigation import start_of
from agoranomos.staff.browsers import ACCOUNT
from agoranomos.web.auth import PERMISSION, SIGNED_IN, caller_of

START: Final = "/start"


def pages_router() -> Router:
    """`/start`."""

    @get(START, sync_to_thread=False)
    def start(request: AnyRequest) -> Redirect:
        return Redirect(start_of(caller_of(request)) or ACCOUNT, status_code=303)

    return Router("/", route_handlers=[start], include_in_schema=False, opt={PERMISSION: SIGNED_IN})
