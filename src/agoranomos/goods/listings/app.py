"""What the publish-time check adds to the web application."""

from __future__ import annotations

from pathlib import Path

from litestar import Router

from agoranomos.goods.listings.api import api_router
from agoranomos.goods.listings.pages import pages_router
from agoranomos.goods.listings.service import CheckService

TEMPLATES = Path(__file__).parent / "templates"


def routers(service: CheckService) -> list[Router]:
    """Its addresses and pages; the templates are in `TEMPLATES`."""
    return [api_router(service), pages_router(service)]
