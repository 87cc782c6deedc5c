"""The addresses of the rooms in `rooms`; apart, as the web takes half a second to import."""

from __future__ import annotations

from litestar import Router

from agoranomos.sellers.points import api as points
from agoranomos.sellers.rooms import Sellers


def routers(rooms: Sellers) -> list[Router]:
    """All of them."""
    return [points.api_router(rooms.offices.points)]
