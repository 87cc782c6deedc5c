"""The addresses of referrals and inspections; apart from `rooms`, as the web takes half a second to import."""

from __future__ import annotations

from litestar import Router

from agoranomos.cases.inspection import api as inspections
from agoranomos.cases.referral import api as referrals
from agoranomos.cases.referral.rooms import Referrals


def routers(rooms: Referrals) -> list[Router]:
    """All of them."""
    return [referrals.api_router(rooms.service), inspections.api_router(rooms.inspections)]
