"""The addresses of all pages of the console; apart, as the web takes half a second to import."""

from __future__ import annotations

from pathlib import Path
from typing import Final

from litestar import Router

from agoranomos.console import pictures, searching, starting
from agoranomos.console.access import pages as access
from agoranomos.console.admin import keeping, people, works
from agoranomos.console.approving import pages as approving
from agoranomos.console.auditing import pages as auditing
from agoranomos.console.brands import pages as brands
from agoranomos.console.doing import pages as doing
from agoranomos.console.findings import pages as findings
from agoranomos.console.guide import second
from agoranomos.console.inbox import pages as inbox
from agoranomos.console.insiders import pages as insiders
from agoranomos.console.notices import pages as notices
from agoranomos.console.overview import pages as overview
from agoranomos.console.promotions import pages as promotions
from agoranomos.console.referrals import pages as referrals
from agoranomos.console.reporting import pages as reporting
from agoranomos.console.reviews import pages as reviews
from agoranomos.console.rooms import Console
from agoranomos.console.rules import pages as rules
from agoranomos.console.sellers import pages as sellers
from agoranomos.console.starting import START
from agoranomos.console.subjects import pages as subjects
from agoranomos.console.sure import asking
from agoranomos.console.testbuys import pages as testbuys
from agoranomos.goods.rooms import Rooms

__all__ = ["START", "TEMPLATES", "routers"]

TEMPLATES: Final = Path(__file__).parent / "templates"


def routers(console: Console) -> list[Router]:
    """All of them; what may not happen by a slip of the hand is asked about first."""
    found = [
        starting.pages_router(),
        *([second.pages_router()] if console.guided else ()),
        overview.pages_router(console),
        findings.pages_router(console),
        subjects.pages_router(console),
        doing.pages_router(console),
        approving.pages_router(console),
        searching.pages_router(console),
        pictures.pages_router(console),
        *([inbox.pages_router(console, console.cases)] if console.cases else ()),
        *([promotions.pages_router(console.promotions)] if console.promotions else ()),
        *(_of_goods(console.goods) if console.goods else ()),
        *([sellers.pages_router(console, console.sellers)] if console.sellers else ()),
        *([reviews.pages_router(console, console.reviews)] if console.reviews else ()),
        auditing.pages_router(console),
        *([access.pages_router(console.access.service)] if console.access else ()),
        *([insiders.pages_router(console.access.insiders)] if console.access else ()),
        *([referrals.pages_router(console.referrals.service)] if console.referrals else ()),
        *_of_the_house(console),
        *([rules.pages_router(console.rules)] if console.rules else ()),
        *([reporting.pages_router(console.reports)] if console.reports else ()),
    ]
    asked_first = asking(console.cases.policy.clauses if console.cases else {})
    for router in found:
        router.before_request = asked_first
    return found


def _of_goods(rooms: Rooms) -> list[Router]:
    return [
        brands.pages_router(rooms.brands),
        notices.pages_router(rooms.notices),
        testbuys.pages_router(rooms.testbuys),
    ]


def _of_the_house(console: Console) -> list[Router]:
    return [
        people.people_router(console),
        people.keys_router(console),
        works.deliveries_router(console),
        works.system_router(console),
        *([keeping.retention_router(console, console.retention.service)] if console.retention else ()),
    ]
