"""The addresses of the reviews desk; apart from `rooms`, as the web takes half a second to import."""

from __future__ import annotations

from litestar import Router

from agoranomos.reviews.anonymity.api import api_router
from agoranomos.reviews.numbers.api import api_router as numbers_router
from agoranomos.reviews.photos import api as photos
from agoranomos.reviews.rooms import Reviews
from agoranomos.reviews.score import api as score


def routers(rooms: Reviews) -> list[Router]:
    """All of them."""
    return [
        api_router(rooms.checks), numbers_router(rooms.numbers), score.api_router(rooms.scores), photos.api_router(),
    ]  # fmt: skip
