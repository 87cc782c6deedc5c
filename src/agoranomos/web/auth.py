"""Who is asking, and whether they may: the one place where permissions are checked.

Every route names the permission that it demands (`opt={"permission": "events.write"}`), or says that anyone may
call it, or anyone who has signed in; an application with a route that says nothing does not start. Who holds which
permission is decided elsewhere: an `Authenticator` is handed in.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any, Final, Protocol, cast

import msgspec
from litestar import Litestar
from litestar.connection import ASGIConnection
from litestar.handlers import BaseRouteHandler, HTTPRouteHandler
from litestar.types import Scope

from agoranomos.kernel.actors import Actor
from agoranomos.kernel.errors import Forbidden
from agoranomos.web.limits import RateLimit

PERMISSION: Final = "permission"
ANYONE: Final = "anyone"
"""In the place of a permission: style files, health answers, the sign-in page."""
SIGNED_IN: Final = "signed-in"
"""In the place of a permission: what concerns the callers themselves, whoever they are."""
_STATE_KEY: Final = "agoranomos_caller"
Connection = ASGIConnection[Any, Any, Any, Any]


class Caller(msgspec.Struct, frozen=True):
    """Who is asking, and what they may do. `shown` is the name on the pages of a person."""

    actor: Actor
    permissions: frozenset[str]
    shown: str = ""

    def may(self, permission: str) -> bool:
        """Whether the caller holds `permission`."""
        return permission in self.permissions


class Authenticator(Protocol):
    """Finds out who is asking."""

    async def __call__(self, connection: Connection) -> Caller | None:
        """The caller; None when nobody says who they are. Raises SignInNeeded for credentials that are no longer
        good.
        """


class SignInNeeded(Forbidden):
    """Sign in, or send an API key as `Authorization: Bearer …`."""


async def guard(connection: Connection, handler: BaseRouteHandler) -> None:
    """Lets through who holds the permission of `handler`; raises SignInNeeded or Forbidden."""
    wanted = handler.opt.get(PERMISSION)
    authenticate = cast("Authenticator", connection.app.state.authenticate)
    if wanted == ANYONE:
        return
    caller = await authenticate(connection)
    if caller is None:
        raise SignInNeeded
    cast("RateLimit", connection.app.state.rate_limit).take(str(caller.actor))
    connection.scope["state"][_STATE_KEY] = caller
    if wanted is None or not (wanted == SIGNED_IN or caller.may(wanted)):
        raise Forbidden(f"this needs the permission {wanted}; ask an administrator for a role that has it")


def caller_of(connection: Connection) -> Caller:
    """Who asked, in a route that anyone may not call."""
    return cast("Caller", connection.scope["state"][_STATE_KEY])


def known_caller_in(scope: Scope) -> Caller | None:
    """Who asked, as far as the guard found out; for logs, and for the head of a page."""
    return cast("Caller | None", scope.get("state", {}).get(_STATE_KEY))


def handlers(app: Litestar) -> Iterable[HTTPRouteHandler]:
    """All HTTP handlers of `app`, those included that Litestar adds itself."""
    for route in app.routes:
        for handler in getattr(route, "route_handlers", ()):
            if isinstance(handler, HTTPRouteHandler):
                yield handler


def require_permissions(app: Litestar) -> None:
    """Raises when a route of `app` names no permission: it would be open to all, or to nobody."""
    for handler in handlers(app):
        if handler.opt.get(PERMISSION) is None and "OPTIONS" not in handler.http_methods:
            raise AssertionError(f"the route {sorted(handler.paths)} names no permission")
