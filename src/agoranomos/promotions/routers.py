"""The addresses of the rooms in `rooms`; apart, as the web takes half a second to import."""

from __future__ import annotations

from litestar import Router

from agoranomos.promotions.campaigns import api as campaigns
from agoranomos.promotions.guard import api as guard
from agoranomos.promotions.lint import api as lint
from agoranomos.promotions.remedies import api as remedies
from agoranomos.promotions.rooms import Promotions


def routers(rooms: Promotions) -> list[Router]:
    """All of them."""
    return [
        campaigns.api_router(rooms.campaigns),
        *guard.api_routers(rooms.guard),
        lint.api_router(rooms.lint),
        remedies.api_router(rooms.traces, rooms.remedies),
    ]
