"""Pages of what works by itself: deliveries with their dead letters, jobs, and the policies that are gone by."""

from __future__ import annotations

from typing import Any, Final, get_args

from litestar import Response, Router, get, post
from litestar.params import FromQuery, URLEncodedBody
from litestar.response import Redirect, Template

from agoranomos.console.admin.wording import TEXTS
from agoranomos.console.frame import AnyRequest, Text, view
from agoranomos.console.rooms import Console
from agoranomos.enforcement import endpoints
from agoranomos.enforcement.model import DeliveryState
from agoranomos.kernel.errors import AgoranomosError, Invalid
from agoranomos.kernel.ids import is_id
from agoranomos.kernel.jobs import queue
from agoranomos.kernel.jobs.model import STATES as JOB_STATES
from agoranomos.staff.browsers import field
from agoranomos.web import paging
from agoranomos.web.auth import PERMISSION, caller_of
from agoranomos.web.paging import Cursor

_ROWS: Final = 50
_STATES: Final[tuple[DeliveryState, ...]] = get_args(DeliveryState)
_WEBHOOKS, _METRICS = {PERMISSION: "webhooks.manage"}, {PERMISSION: "metrics.read"}


def deliveries_router(console: Console) -> Router:
    """`/deliveries`."""
    store, clock = console.store, console.clock

    def shown(request: AnyRequest, *, status: str = "dead", cursor: str = "", wrong: str = "") -> Template:
        chosen = next((each for each in _STATES if each == status), None)
        with store.reading() as connection:
            there = endpoints.listed(connection)
            found = endpoints.deliveries(
                connection, status=chosen, after=paging.after_id(cursor), limit=_ROWS + 1
            )  # fmt: skip
        context = {
            "page": paging.page_of(found, _ROWS, lambda each: (each.id,)), "endpoints": there, "states": _STATES,
            "query": {"status": status, "cursor": cursor}, "wrong": wrong,
        }  # fmt: skip
        return view(request, "console/deliveries.html", context, at="people", words=TEXTS, status=409 if wrong else 200)

    @get("/deliveries", sync_to_thread=True)
    def deliveries(request: AnyRequest, status: FromQuery[Text] = "dead", cursor: Cursor = "") -> Template:
        return shown(request, status=status, cursor=cursor)

    @post("/deliveries", sync_to_thread=True)
    def again(request: AnyRequest, data: URLEncodedBody[dict[str, Any]]) -> Response[Any]:
        delivery_id, by = field(data, "id"), caller_of(request).actor
        try:
            with store.transaction() as connection:
                if delivery_id:
                    endpoints.redeliver(connection, delivery_id, by=by, now=clock())
                else:
                    endpoints.redeliver_dead(connection, by=by, now=clock())
        except AgoranomosError as error:
            return shown(request, wrong=error.message)
        return Redirect("/deliveries", status_code=303)

    return Router("/", route_handlers=[deliveries, again], include_in_schema=False, opt=_WEBHOOKS)


def system_router(console: Console) -> Router:
    """`/system`."""

    @get("/system", sync_to_thread=True)
    def system(request: AnyRequest, status: FromQuery[Text] = "", cursor: Cursor = "") -> Template:
        chosen = next((each for each in JOB_STATES if each == status), None)
        after = paging.decode(cursor, tuple[str, str]) or ("", "")
        if cursor and not all(map(is_id, after)):
            raise Invalid("this is no cursor of this list; take the link of the page before")
        with console.store.reading() as connection:
            found = queue.listed(connection, state=chosen, after=after, limit=_ROWS + 1)
        context = {
            "page": paging.page_of(found, _ROWS, lambda each: (each.kind, each.key)), "states": JOB_STATES,
            "query": {"status": status, "cursor": cursor}, "policies": policies(console), "now": console.clock(),
        }  # fmt: skip
        return view(request, "console/system.html", context, at="system", words=TEXTS)

    return Router("/", route_handlers=[system], include_in_schema=False, opt=_METRICS)


def policies(console: Console) -> dict[str, str]:
    """The policies that this process goes by: their names, and version with a hash of the file."""
    known: dict[str, Any] = {"actions": console.acting.policy}
    if console.goods is not None:
        rooms = console.goods.policies
        known |= {"notices": rooms.notices, "test-buys": rooms.testbuys, "batches": rooms.batches,
                  "programmes": rooms.programmes}  # fmt: skip
    if console.sellers is not None:
        conduct = console.sellers.conduct_policies
        known |= {"points": conduct.points, "certification": conduct.certification, "appeals": conduct.appeals,
                  "credit": conduct.credit, "links": console.sellers.link_policy,
                  "applications": console.sellers.application_policy}  # fmt: skip
    if console.reviews is not None:
        desk = console.reviews
        known |= {"anonymous-reviews": desk.anonymity_policy, "review-pressure": desk.pressure_policy,
                  "virtual-numbers": desk.number_policy, "review-score": desk.score_policy}  # fmt: skip
    if console.cases is not None:
        known["cases"] = console.cases.policy
    if console.retention is not None:
        known["retention"] = console.retention.service.tools.policy
    return {name: _version_of(policy) for name, policy in sorted(known.items())}


def _version_of(policy: Any) -> str:
    return str(getattr(policy, "stamp", "") or getattr(policy, "version", "–"))
