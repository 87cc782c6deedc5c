"""The pages of the promotion manager: campaigns and their gauges, the lint's receipt, an incident step by step."""

from __future__ import annotations

from typing import Any, Final

from litestar import Response, Router, get, post
from litestar.params import FromQuery, URLEncodedBody
from litestar.response import Redirect, Template

from agoranomos.console.addresses import with_query
from agoranomos.console.frame import AnyRequest, FromId, Text, view
from agoranomos.console.promotions.wording import TEXTS
from agoranomos.kernel.errors import Invalid
from agoranomos.promotions.campaigns.files import parse_campaigns
from agoranomos.promotions.campaigns.showing import benefit
from agoranomos.promotions.lint.api import SECONDS_MAX
from agoranomos.promotions.lint.report import Report
from agoranomos.promotions.rooms import Promotions
from agoranomos.staff.browsers import field
from agoranomos.web import paging
from agoranomos.web.auth import PERMISSION, caller_of
from agoranomos.web.paging import Cursor

_ROWS: Final = 25
_PEOPLE_MAX: Final = 25
_READ: Final = {PERMISSION: "promotions.read"}


def pages_router(desk: Promotions) -> Router:
    """`/promotions`, and below it a campaign, the lint and an incident."""
    return Router("/promotions", route_handlers=[*_campaigns(desk), *_lint(desk), *_incident(desk)],
                  include_in_schema=False, opt=_READ)  # fmt: skip


def _campaigns(desk: Promotions) -> list[Any]:
    @get("/", sync_to_thread=True)
    def listed(request: AnyRequest, cursor: Cursor = "") -> Template:
        found = desk.campaigns.listed(after=paging.after_id(cursor), limit=_ROWS + 1)
        page = paging.page_of(found, _ROWS, lambda each: (each.id,))
        rows = [(each, benefit(each.campaign), desk.guard.show(each.id)) for each in page.items]
        context = {"rows": rows, "page": page, "query": {"cursor": cursor}}
        return view(request, "console/promotions.html", context, at="promotions", words=TEXTS)

    @get("/campaign", sync_to_thread=True)
    def campaign(request: AnyRequest, wanted: FromId = "") -> Template:
        declared = desk.campaigns.get(wanted)
        context = {
            "declared": declared, "gives": benefit(declared.campaign), "guarded": desk.guard.show(wanted),
            "versions": desk.campaigns.versions(wanted),
        }  # fmt: skip
        return view(request, "console/campaign.html", context, at="promotions", words=TEXTS)

    return [listed, campaign]


def _lint(desk: Promotions) -> list[Any]:
    def shown(
        request: AnyRequest, entries: str, *, with_live: bool, report: Report | None = None, wrong: str = ""
    ) -> Template:
        context = {"entries": entries, "with_live": with_live, "report": report, "wrong": wrong}
        return view(request, "console/lint.html", context, at="promotions", words=TEXTS, status=422 if wrong else 200)

    def looked(entries: str, *, with_live: bool) -> Report:
        found = parse_campaigns(entries.encode()) if entries.strip() else []
        return desk.lint.briefly(found, seconds_max=SECONDS_MAX, with_live=with_live)

    @get("/lint", sync_to_thread=True)
    def form(request: AnyRequest, live: FromQuery[Text] = "") -> Template:
        if not live:
            return shown(request, "", with_live=False)
        try:
            return shown(request, "", with_live=True, report=looked("", with_live=True))
        except Invalid as error:
            return shown(request, "", with_live=True, wrong=error.message)

    @post("/lint", status_code=200, sync_to_thread=True)
    def look(request: AnyRequest, data: URLEncodedBody[dict[str, Any]]) -> Template:
        entries, with_live = field(data, "entries"), bool(field(data, "with_live"))
        try:
            return shown(request, entries, with_live=with_live, report=looked(entries, with_live=with_live))
        except Invalid as error:
            return shown(request, entries, with_live=with_live, wrong=error.message)

    return [form, look]


def _incident(desk: Promotions) -> list[Any]:
    @get("/incident", sync_to_thread=True)
    def shown(request: AnyRequest, wanted: FromId = "", asked: FromQuery[Text] = "") -> Template:
        looked = desk.remedies.look(wanted)
        context = {
            "incident": looked.incident, "plan": looked.plan, "asked": asked,
            "largest": looked.incident.beneficiaries[:_PEOPLE_MAX],
            "may_ask": caller_of(request).may("actions.request") and bool(looked.plan.remedies),
        }  # fmt: skip
        return view(request, "console/incident.html", context, at="promotions", words=TEXTS)

    @post("/incident", sync_to_thread=True, opt={PERMISSION: "actions.request"})
    def ask(request: AnyRequest, data: URLEncodedBody[dict[str, Any]]) -> Response[Any]:
        campaign_id, plan_id = field(data, "id"), field(data, "plan_id")
        asked = desk.remedies.ask(campaign_id, plan_id, by=caller_of(request).actor)
        return Redirect(with_query("/promotions/incident", id=campaign_id, asked=asked.plan_id), status_code=303)

    return [shown, ask]
