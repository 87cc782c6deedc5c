"""The addresses of the reviews desk; apart from `rooms`, as the web takes half a second to import."""

from __future__ import annotations

from litestar import Router

from agoranomos.reviews.anonymity.api import api_router
from agoranomos.reviews.rooms import Reviews


def routers(rooms: Reviews) -> list[Router]:
    """All of them."""
    return [api_router(rooms.checks)]
