"""The addresses of the rooms in `rooms`; apart, as the web takes half a second to import."""

from __future__ import annotations

from litestar import Router

from agoranomos.sellers.rooms import Sellers


def routers(rooms: Sellers) -> list[Router]:  # noqa: ARG001 - rooms that have addresses are named here
    """All of them."""
    return []
