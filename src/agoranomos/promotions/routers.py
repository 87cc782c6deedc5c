"""The addresses of the rooms in `rooms`; apart, as the web takes half a second to import."""

from __future__ import annotations

from litestar import Router

from agoranomos.promotions.campaigns import api as campaigns
from agoranomos.promotions.lint import api as lint
from agoranomos.promotions.rooms import Promotions


def routers(rooms: Promotions) -> list[Router]:
    """All of them."""
    return [campaigns.api_router(rooms.campaigns), lint.api_router(rooms.lint)]
