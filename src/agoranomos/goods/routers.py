"""The addresses of the rooms in `rooms`; apart, as the web takes half a second to import."""

from __future__ import annotations

from litestar import Router

from agoranomos.goods.batches import api as batches
from agoranomos.goods.notices import api as notices
from agoranomos.goods.programmes import api as programmes
from agoranomos.goods.redress import api as redress
from agoranomos.goods.rooms import Rooms
from agoranomos.goods.testbuys import api as testbuys


def routers(rooms: Rooms) -> list[Router]:
    """All of them."""
    return [
        batches.api_router(rooms.batches),
        notices.api_router(rooms.notices),
        redress.api_router(rooms.store),
        programmes.api_router(rooms.programmes),
        testbuys.api_router(rooms.testbuys),
    ]
