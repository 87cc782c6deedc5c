"""The publish-time check as part of a web application, and as one by itself."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from litestar import Litestar, Router

from agoranomos.goods.listings.actions import ListingJudge
from agoranomos.goods.listings.api import api_router
from agoranomos.goods.listings.pages import HOME, pages_router
from agoranomos.goods.listings.policy import ListingPolicy
from agoranomos.goods.listings.service import CheckService
from agoranomos.kernel.clock import Clock
from agoranomos.kernel.store import Store
from agoranomos.web import app

TEMPLATES = Path(__file__).parent / "templates"


def routers(service: CheckService) -> list[Router]:
    """What this desk adds to an application; its templates are in `TEMPLATES`."""
    return [api_router(service), pages_router(service)]


def create_app(
    judge: ListingJudge,
    store: Store,
    policy: ListingPolicy,
    clock: Clock,
    *,
    further: Sequence[Router] = (),
    csrf_secret: str | None = None,
) -> Litestar:
    """The check's pages and endpoints as an application, with `further` ones; `csrf_secret`: see `web.app`."""
    service = CheckService(judge, store, policy, clock)
    return app.create_app(
        [*routers(service), *further],
        home=HOME,
        templates=[TEMPLATES],
        ready=service.ready,
        csrf_secret=csrf_secret,
    )
