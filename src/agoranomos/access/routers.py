"""The addresses of the access desk; apart from `rooms`, as the web takes half a second to import."""

from __future__ import annotations

from litestar import Router

from agoranomos.access.api import check_router, desk_router
from agoranomos.access.insiders.api import api_router
from agoranomos.access.rooms import Access


def routers(rooms: Access) -> list[Router]:
    """All of them."""
    return [check_router(rooms.service), desk_router(rooms.service, rooms.scopes), api_router(rooms.insiders)]
