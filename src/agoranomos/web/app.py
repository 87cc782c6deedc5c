"""The web application, without any desk: desks hand in their routers and templates.

Who is asking is found out by the `authenticate` that is handed in; what a route demands is checked
by one guard (`web.auth`).
"""

from __future__ import annotations

import logging
import secrets
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Final

import msgspec
from litestar import MediaType, Response, Router, get
from litestar.config.csrf import CSRFConfig
from litestar.datastructures import CacheControlHeader, State
from litestar.openapi import OpenAPIConfig
from litestar.openapi.datastructures import ResponseSpec
from litestar.openapi.plugins import JsonRenderPlugin
from litestar.openapi.spec import License
from litestar.response import Redirect
from litestar.static_files import create_static_files_router
from litestar.template import TemplateConfig
from litestar.types import ControllerRouterHandler

from agoranomos import __version__
from agoranomos.web import auth, pages, problems, security
from agoranomos.web.auth import ANYONE, PERMISSION, Authenticator
from agoranomos.web.limits import RateLimit
from agoranomos.web.observing import Application, Metrics, metrics_route

BODY_SIZE_MAX: Final = 1024 * 1024
"""Bytes of one event, as everywhere in the contract; a route for batches sets its own."""

_log = logging.getLogger(__name__)


class Health(msgspec.Struct, omit_defaults=True):
    """`status` is `ok`, or `unavailable` when the store does not answer; `lacks` names what answers do without."""

    status: str
    version: str
    lacks: list[str] = []


def _always_ready() -> None:
    """Nothing to ask."""


def _nothing() -> Sequence[str]:
    """Answers do without nothing."""
    return ()


def _common(home: str, ready: Callable[[], None], lacks: Callable[[], Sequence[str]]) -> Router:
    """The addresses that belong to no desk."""

    @get("/", include_in_schema=False, sync_to_thread=False)
    def start() -> Redirect:
        return Redirect(home, status_code=303)

    @get("/favicon.ico", include_in_schema=False, sync_to_thread=False)
    def favicon() -> Redirect:
        return Redirect(pages.static_url("favicon.svg"), status_code=301)

    @get(
        "/healthz",
        sync_to_thread=True,
        summary="Whether this process can answer",
        operation_id="healthz",
        responses={503: ResponseSpec(Health, description="Not ready", generate_examples=False)},
        media_type=MediaType.JSON,
    )
    def healthz() -> Response[Health]:
        try:
            ready()
        except Exception:
            _log.exception("not ready")
            return Response(Health("unavailable", __version__), status_code=503)
        return Response(Health("ok", __version__, list(lacks())))

    return Router("/", route_handlers=[start, favicon, healthz], opt={PERMISSION: ANYONE})


def create_app(
    routers: Sequence[ControllerRouterHandler],
    *,
    home: str,
    authenticate: Authenticator,
    templates: Sequence[Path] = (),
    ready: Callable[[], None] = _always_ready,
    lacks: Callable[[], Sequence[str]] = _nothing,
    csrf_secret: str | None = None,
    rate_limit: RateLimit | None = None,
    sign_in: str | None = None,
    secure: bool = False,
    on_shutdown: Sequence[Callable[[], None]] = (),
) -> Application:
    """The application over the desks' `routers` (API under `/v1`, everything else pages).

    `authenticate` finds out who is asking, `home` is where `/` leads, `templates` are the desks'
    template folders, and `ready` raises when something that every answer needs is away (the store); `lacks` names what
    is away and answers do without.
    Several processes behind one address need one `csrf_secret`; without it each start draws its
    own, and forms opened before are refused once, politely. `sign_in` is the page to which a browser is led whose
    reader must sign in first; `secure` says that browsers reach us by https only. `on_shutdown` is
    called when the server stops.
    """
    metrics = Metrics()
    static = create_static_files_router(
        path=pages.STATIC_PATH,
        directories=[pages.STATIC],
        include_in_schema=False,
        opt={PERMISSION: ANYONE},
        cache_control=CacheControlHeader(public=True, max_age=31_536_000, immutable=True),
    )
    application = Application(
        guards=[auth.guard],
        state=State(
            {"authenticate": authenticate, "rate_limit": rate_limit or RateLimit(), "sign_in": sign_in},
        ),
        route_handlers=[_common(home, ready, lacks), metrics_route(metrics), static, *routers],
        template_config=TemplateConfig(instance=pages.engine(templates)),
        exception_handlers={Exception: problems.handle},
        before_send=[security.stamp],
        on_shutdown=list(on_shutdown),
        request_max_body_size=BODY_SIZE_MAX,
        # The API takes JSON only, which a foreign page cannot send without asking first.
        csrf_config=CSRFConfig(
            secret=csrf_secret or secrets.token_hex(32),
            cookie_name=problems.CSRF_COOKIE,
            cookie_httponly=True,
            cookie_secure=secure,
            # Style files and health answers must not set a cookie: they are cached, and asked by
            # machines.
            exclude=[rf"^{problems.API_PREFIX}/", rf"^{pages.STATIC_PATH}/", "^/healthz$", "^/metrics$"],
        ),
        openapi_config=OpenAPIConfig(
            title="Agoranomos",
            version=__version__,
            summary="The integrity system of an online marketplace",
            description=(
                "Events in, decisions out. Errors are RFC 9457 problem documents "
                "(`application/problem+json`) with a JSON pointer and a request id."
            ),
            license=License(name="Apache-2.0", identifier="Apache-2.0"),
            # The document alone, at its own address: the viewers that Litestar offers load their
            # scripts from elsewhere, and its router answers everything below itself.
            openapi_router=Router(
                f"{problems.API_PREFIX}/openapi.json",
                route_handlers=[],
                include_in_schema=False,
                opt={PERMISSION: ANYONE},
            ),
            render_plugins=[JsonRenderPlugin(path="/")],
            use_handler_docstrings=True,
        ),
        logging_config=None,
    )
    application.metrics = metrics
    auth.require_permissions(application)
    return application
