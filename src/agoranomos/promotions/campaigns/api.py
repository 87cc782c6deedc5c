"""Campaigns over HTTP: parse, one query, present."""

from __future__ import annotations

from litestar import Router, get
from litestar.params import FromPath, FromQuery

from agoranomos.promotions.campaigns.service import CampaignService
from agoranomos.promotions.campaigns.showing import ShownCampaign, shown
from agoranomos.web import paging
from agoranomos.web.auth import PERMISSION
from agoranomos.web.openapi import problems
from agoranomos.web.paging import LIMIT_DEFAULT, Cursor, Limit, Page

READ = {PERMISSION: "promotions.read"}


def api_router(service: CampaignService) -> Router:
    """The addresses under `/v1/promotions/campaigns`."""

    @get("/", sync_to_thread=True, summary="Campaigns", operation_id="listCampaigns", opt=READ,
         responses=problems(400, 401, 403))  # fmt: skip
    def campaigns(
        giving: FromQuery[bool] = False, cursor: Cursor = "", limit: Limit = LIMIT_DEFAULT
    ) -> Page[ShownCampaign]:
        """In the order of ids; `giving`: only those that give something now."""
        found = service.listed(giving=giving, after=paging.after_id(cursor), limit=limit + 1)
        return paging.page_of([shown(each) for each in found], limit, lambda each: (each.campaign_id,))

    @get("/{campaign_id:str}", sync_to_thread=True, summary="A campaign", operation_id="getCampaign", opt=READ,
         responses=problems(400, 401, 403, 404))  # fmt: skip
    def campaign(campaign_id: FromPath[str]) -> ShownCampaign:
        """As it stands: the newest declaration, and whether somebody has ended it."""
        return shown(service.get(campaign_id))

    @get("/{campaign_id:str}/versions", sync_to_thread=True, summary="All declarations of a campaign",
         operation_id="listCampaignVersions", opt=READ, responses=problems(400, 401, 403, 404))  # fmt: skip
    def versions(campaign_id: FromPath[str]) -> Page[ShownCampaign]:
        """The first first."""
        return Page([shown(each) for each in service.versions(campaign_id)])

    return Router("/v1/promotions/campaigns", route_handlers=[campaigns, campaign, versions], tags=["Promotions"])
