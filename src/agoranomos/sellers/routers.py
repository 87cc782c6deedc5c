"""The addresses of the rooms in `rooms`; apart, as the web takes half a second to import."""

from __future__ import annotations

from litestar import Router

from agoranomos.sellers.freeze import api as freeze
from agoranomos.sellers.links import api as links
from agoranomos.sellers.points import api as points
from agoranomos.sellers.rooms import Sellers


def routers(rooms: Sellers) -> list[Router]:
    """All of them."""
    offices = rooms.offices
    return [
        points.api_router(offices.points),
        *freeze.api_routers(offices.freezes),
        links.api_router(rooms.links),
    ]
