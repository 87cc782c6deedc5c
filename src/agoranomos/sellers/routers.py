"""The addresses of the rooms in `rooms`; apart, as the web takes half a second to import."""

from __future__ import annotations

from litestar import Router

from agoranomos.sellers.appeals import api as appeals
from agoranomos.sellers.certification import api as certification
from agoranomos.sellers.credit import api as credit
from agoranomos.sellers.education import api as education
from agoranomos.sellers.freeze import api as freeze
from agoranomos.sellers.identity import api as identity
from agoranomos.sellers.links import api as links
from agoranomos.sellers.points import api as points
from agoranomos.sellers.rooms import Sellers


def routers(rooms: Sellers) -> list[Router]:
    """All of them."""
    offices = rooms.offices
    return [
        appeals.api_router(offices.appeals),
        certification.api_router(offices.certification),
        credit.api_router(offices.credit),
        education.api_router(offices.education),
        identity.api_router(rooms.applications),
        *freeze.api_routers(offices.freezes),
        links.api_router(rooms.links),
        points.api_router(offices.points),
    ]
