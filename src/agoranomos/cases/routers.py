"""The addresses of cases; apart from `rooms`, as the web takes half a second to import."""

from __future__ import annotations

from litestar import Router

from agoranomos.cases import more_api
from agoranomos.cases.api import api_router
from agoranomos.cases.rooms import Cases


def routers(rooms: Cases) -> list[Router]:
    """All of them."""
    return [api_router(rooms.service), more_api.api_router(rooms)]
