"""Pages of reviews: stores at risk and rings, one store with its pressure and both scores, what is held back."""

from __future__ import annotations

from datetime import timedelta
from typing import Any, Final

from litestar import Router, get
from litestar.response import Template

from agoranomos.console.frame import AnyRequest, FromId, view
from agoranomos.console.reviews import queries
from agoranomos.console.reviews.wording import TEXTS
from agoranomos.console.rooms import Console
from agoranomos.kernel.clock import parse_rfc3339
from agoranomos.kernel.errors import NotFound
from agoranomos.kernel.ids import is_id
from agoranomos.reviews.pressure.telling import HARASSMENT, PRESSURE
from agoranomos.reviews.rooms import Reviews
from agoranomos.reviews.score.model import Scores
from agoranomos.web import paging
from agoranomos.web.auth import PERMISSION
from agoranomos.web.paging import Cursor

_ROWS: Final = 50
_RINGS: Final = 20
_AFTERWARDS: Final = timedelta(days=14)
"""So long after the last day a review is on the page that says when it was shown."""


def pages_router(console: Console, desk: Reviews) -> Router:
    """`/reviews`, one store, and what is held."""
    return Router("/reviews", route_handlers=_reading(console, desk), include_in_schema=False,
                  opt={PERMISSION: "reviews.read"})  # fmt: skip


def _reading(console: Console, desk: Reviews) -> list[Any]:
    @get("/", sync_to_thread=True)
    def overview(request: AnyRequest) -> Template:
        with console.store.reading() as connection:
            risks, rings = queries.at_risk(connection), queries.rings(connection)
        context = {
            "risks": risks[:_ROWS], "rings": rings[:_RINGS], "found": {"risks": len(risks), "rings": len(rings)},
            "PRESSURE": PRESSURE, "HARASSMENT": HARASSMENT, "looked_at": queries.LOOKED_AT,
            "top": max((each.pressed.high for each in risks if each.pressed), default=1.0),
        }  # fmt: skip
        return view(request, "console/reviews.html", context, at="reviews", words=TEXTS)

    @get("/store", sync_to_thread=True)
    def store(request: AnyRequest, wanted: FromId = "") -> Template:
        if not is_id(wanted):
            raise NotFound("there is no store with this id")
        with console.store.reading() as connection:
            risk = queries.of_store(connection, wanted)
        context = {"store_id": wanted, "risk": risk, "scores": _scores(desk, wanted), "PRESSURE": PRESSURE}
        return view(request, "console/review-store.html", context, at="reviews", words=TEXTS)

    @get("/held", sync_to_thread=True)
    def held(request: AnyRequest, cursor: Cursor = "") -> Template:
        now = console.clock()
        since = now - timedelta(days=desk.anonymity_policy.hold_days_max) - _AFTERWARDS
        with console.store.reading() as connection:
            found = queries.held(connection, since=since, after=paging.after_time(cursor), limit=_ROWS + 1)
        page = paging.page_of(found, _ROWS, lambda each: (parse_rfc3339(each.hold.at), each.hold.id))
        context = {"page": page, "query": {"cursor": cursor}, "now": now, "days": desk.anonymity_policy.hold_days_max,
                   "parsed": parse_rfc3339}  # fmt: skip
        return view(request, "console/held.html", context, at="reviews", words=TEXTS)

    return [overview, store, held]


def _scores(desk: Reviews, store_id: str) -> Scores | None:
    """None while no review of the store is known."""
    try:
        return desk.scores.scores(store_id)
    except NotFound:
        return None
