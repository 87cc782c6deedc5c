"""Campaigns as they are declared, and each coupon's life."""

from __future__ import annotations

from typing import Annotated, Any, Literal

import msgspec

from agoranomos.kernel.money import Money
from agoranomos.kernel.schema.base import Body, Count, Id, Moment

Number = int | float
Share = Annotated[float, msgspec.Meta(ge=0)]


class Benefit(msgspec.Struct, frozen=True, kw_only=True):
    """What a campaign gives. `value` is money, or a number for percent (20 is 20 % off) and points."""

    kind: Literal["fixed", "percent", "price", "points"]
    value: Money | int | float
    cap: Money | None = None


class PriceRange(msgspec.Struct, frozen=True, kw_only=True):
    """What the goods cost."""

    min: Money | None = None
    max: Money | None = None


class AppliesTo(msgspec.Struct, frozen=True, kw_only=True):
    """Which goods; `cash_equivalent` are worth their face value to anyone, like top-ups and gift cards."""

    categories: tuple[str, ...] | None = None
    listing_ids: tuple[Id, ...] | None = None
    cash_equivalent: bool | None = None
    prices: PriceRange | None = None


class Portion(msgspec.Struct, frozen=True, kw_only=True):
    """How much may be given away in a period."""

    amount: Money | None = None
    count: Count | None = None


class Budget(msgspec.Struct, frozen=True, kw_only=True):
    """How much may be given away altogether; on one day and in one year of the calendar, where that is said."""

    amount: Money | None = None
    count: Count | None = None
    per_day: Portion | None = None
    per_year: Portion | None = None


class Cap(msgspec.Struct, frozen=True, kw_only=True):
    """How often one account, device or payee may claim within a window."""

    count: Count
    window_days: Number | None = None


class Codes(msgspec.Struct, frozen=True, kw_only=True):
    """The form of the codes that people type."""

    length: Count
    alphabet: Literal["digits", "letters", "alnum"]


class Expected(msgspec.Struct, frozen=True, kw_only=True):
    """What a campaign looks like when all is well."""

    claims_per_minute: Share | None = None
    paid_to_face_ratio: Share | None = None
    new_account_share: Share | None = None


class Campaign(msgspec.Struct, frozen=True, kw_only=True):
    """One entry of a campaign file. Whether it is safe to run is for the lint to say."""

    id: Id
    benefit: Benefit | None = None
    applies_to: AppliesTo | None = None
    min_spend: Money | None = None
    stacks_with: tuple[Id, ...] | None = None
    exclusive: bool | None = None
    order: Any = None
    budget: Budget | None = None
    per_account: Cap | None = None
    per_device: Cap | None = None
    per_payee: Cap | None = None
    starts_at: Moment | None = None
    ends_at: Moment | None = None
    codes: Codes | None = None
    funded_by: Literal["platform", "merchant"] | None = None
    expected: Expected | None = None


class CampaignDeclared(Body, frozen=True, kw_only=True):
    """`campaign.declared`: a campaign that will run."""

    campaign: Campaign


class CampaignEnded(Body, frozen=True, kw_only=True):
    """`campaign.ended`: nothing more is given."""

    campaign_id: Id


class CouponIssued(Body, frozen=True, kw_only=True):
    """`coupon.issued`: an account was given a coupon."""

    coupon_id: Id
    campaign_id: Id
    account_id: Id
    face_value: Money
    device_id: Id | None = None
    ip: str | None = None


class CouponMoved(Body, frozen=True, kw_only=True):
    """`coupon.claimed`, `coupon.redeemed`, `coupon.refunded` and `coupon.voided`."""

    coupon_id: Id
    campaign_id: Id
    account_id: Id
    order_id: Id | None = None
    paid: Money | None = None
    device_id: Id | None = None
    ip: str | None = None
    payee_id: Id | None = None


TYPES: dict[str, type[Body]] = {
    "campaign.declared": CampaignDeclared,
    "campaign.ended": CampaignEnded,
    "coupon.issued": CouponIssued,
    "coupon.claimed": CouponMoved,
    "coupon.redeemed": CouponMoved,
    "coupon.refunded": CouponMoved,
    "coupon.voided": CouponMoved,
}
