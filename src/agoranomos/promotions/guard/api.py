"""The checks of coupons over HTTP, and how a campaign stands: parse, one verb or query, present."""

from __future__ import annotations

import asyncio
from datetime import datetime
from typing import Annotated, Any, Literal

import msgspec
from litestar import Request, Router, get, post
from litestar.params import FromPath, RawBody

from agoranomos.kernel import events
from agoranomos.kernel.schema.base import Id
from agoranomos.kernel.schema.promotions import CouponMoved
from agoranomos.promotions.budgets.telling import CouponDecision
from agoranomos.promotions.guard.service import CampaignGuarded, GuardService
from agoranomos.web.app import BODY_SIZE_MAX
from agoranomos.web.auth import PERMISSION
from agoranomos.web.openapi import IDEMPOTENCY_KEY, json_body, problems
from agoranomos.web.problems import json_only
from agoranomos.web.quick import QuickRoute, body_of
from agoranomos.web.security import header

Asking = Request[Any, Any, Any]
TAGS = ["Promotions: checks of coupons"]


class ClaimEvent(msgspec.Struct, kw_only=True):
    """A CloudEvent about a coupon that somebody claims. `data` may also hold `face_value`, what the coupon takes off,
    as money. Unknown fields are welcome.
    """

    id: Id
    source: Annotated[str, msgspec.Meta(min_length=1)]
    type: Literal["coupon.claimed"]
    time: Annotated[datetime, msgspec.Meta(tz=True)]
    data: CouponMoved
    subject: str | None = None
    specversion: str = "1.0"


class UseEvent(msgspec.Struct, kw_only=True):
    """A CloudEvent about a coupon that is used for an order. `data` may also hold `lines`, as in `order.placed`: then
    what is paid is held against what the campaign allows. Unknown fields are welcome.
    """

    id: Id
    source: Annotated[str, msgspec.Meta(min_length=1)]
    type: Literal["coupon.redeemed"]
    time: Annotated[datetime, msgspec.Meta(tz=True)]
    data: CouponMoved
    subject: str | None = None
    specversion: str = "1.0"


def api_routers(service: GuardService) -> list[Router]:
    """The checks under `/v1/checks`, and campaigns under `/v1/promotions/guard`."""
    return [
        Router("/v1/checks", route_handlers=[_claim(service), _redeem(service)], tags=TAGS),
        Router("/v1/promotions/guard", route_handlers=[_show(service)], tags=["Promotions: budgets and breaker"]),
    ]


def _claim(service: GuardService) -> Any:
    @QuickRoute(
        "/coupon-claim", http_method="POST", status_code=200, summary="Judge a claim and reserve its coupon",
        operation_id="checkCouponClaim", opt={PERMISSION: "checks.run"}, guards=[json_only],
        operation_class=json_body(ClaimEvent, "application/cloudevents+json", headers=(IDEMPOTENCY_KEY,)),
        responses=problems(400, 401, 403, 409, 413, 415, 422),
    )  # fmt: skip
    async def check_claim(request: Asking) -> CouponDecision:
        """`approve`: budget and caps hold a place for 15 minutes, under `reservation_id`; `coupon.claimed` settles it.
        The same coupon again gets the same reservation.

        `decline` says to the person always the same; `hits` say why, and are for the marketplace alone. `retry_after`:
        in so many seconds it may be asked again.
        """
        body = await body_of(request.scope, request.receive, BODY_SIZE_MAX)
        event = events.parse_line(body, "body")
        return await asyncio.wrap_future(service.claim(event, header(request.scope, b"idempotency-key")))

    return check_claim


def _redeem(service: GuardService) -> Any:
    @post("/coupon-redeem", status_code=200, sync_to_thread=True, guards=[json_only],
          summary="Judge the use of a coupon for an order", operation_id="checkCouponRedeem",
          opt={PERMISSION: "checks.run"},
          operation_class=json_body(UseEvent, "application/cloudevents+json", headers=(IDEMPOTENCY_KEY,)),
          responses=problems(400, 401, 403, 409, 413, 415, 422))  # fmt: skip
    def check_use(request: Asking, body: RawBody) -> CouponDecision:
        """`approve`: for 15 minutes the coupon is this order's alone; `coupon.redeemed` settles it. `hold` while the
        campaign is stopped: a person looks.
        """
        event = events.parse_line(body, "body")
        return service.redeem(event, header(request.scope, b"idempotency-key"))

    return check_use


def _show(service: GuardService) -> Any:
    @get("/{campaign_id:str}", sync_to_thread=True, summary="How a campaign stands", operation_id="getGuardedCampaign",
         opt={PERMISSION: "promotions.read"}, responses=problems(400, 401, 403, 404))  # fmt: skip
    def show(campaign_id: FromPath[str]) -> CampaignGuarded:
        """Whether it runs, is slowed or stopped, which tests have alarmed, and what is left of its budget."""
        return service.show(campaign_id)

    return show
