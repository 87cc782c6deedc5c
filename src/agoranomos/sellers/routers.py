"""The addresses of the rooms in `rooms`; apart, as the web takes half a second to import."""

from __future__ import annotations

from litestar import Router

from agoranomos.sellers.identity import api as identity
from agoranomos.sellers.rooms import Sellers


def routers(rooms: Sellers) -> list[Router]:
    """All of them."""
    return [identity.api_router(rooms.applications)]
