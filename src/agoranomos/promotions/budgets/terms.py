"""A campaign's terms as its budgets and caps see them."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, time, timedelta
from functools import cache
from typing import Literal
from zoneinfo import ZoneInfo

import msgspec

from agoranomos.kernel.calendar import after, local
from agoranomos.kernel.money import Money
from agoranomos.kernel.schema.promotions import Campaign
from agoranomos.kernel.schema.promotions import Cap as DeclaredCap
from agoranomos.promotions.budgets.model import Asked, CapKind
from agoranomos.promotions.budgets.policy import Policy
from agoranomos.promotions.campaigns.model import currency_of, rate
from agoranomos.promotions.pricing.pricing import POINT

Period = Literal["all", "day", "year"]


class Portion(msgspec.Struct, frozen=True):
    """What a campaign may give in a period: so many coupons, so much money (minor units); None: no limit."""

    period: Period
    count: int | None
    amount: int | None


class Cap(msgspec.Struct, frozen=True):
    """How many coupons one account, device or payee may hold of the days counted back from today; `days` None: ever."""

    kind: CapKind
    count: int
    days: float | None

    def whose(self, asked: Asked) -> str | None:
        """Who holds the coupon, as this cap counts; None: it does not apply."""
        if self.kind == "device":
            return asked.device_id
        return asked.payee_id if self.kind == "payee" else asked.account_id


class Terms(msgspec.Struct, frozen=True, kw_only=True):
    """What holds for a campaign. `face` is what one coupon takes off at most (minor units), where that is known."""

    campaign_id: str
    currency: str | None
    face: int | None
    portions: tuple[Portion, ...]
    caps: tuple[Cap, ...]
    zone: str
    typed: bool = False
    """Whether its coupons are codes that people type."""

    def amount_of(self, face: Money | None) -> int | None:
        """What a coupon holds of the budget until it is used; None for a face value in another currency."""
        if face is None:
            return self.face or 0
        return face.amount if self.currency in (None, face.currency) else None

    def period_key(self, period: Period, at: datetime) -> str:
        """The name of the period in which `at` lies: "" for all time, 2026 or 2026-05-01."""
        if period == "all":
            return ""
        day = at.astimezone(_zone(self.zone)).date()
        return day.isoformat() if period == "day" else str(day.year)

    def budget_key(self, at: datetime) -> str:
        """The campaign, and the day where its budget has parts of days or years."""
        if all(portion.period == "all" for portion in self.portions):
            return self.campaign_id
        return f"{self.campaign_id}\x1f{self.period_key('day', at)}"

    def cap_keys(self, asked: Asked) -> Iterator[tuple[Cap, str]]:
        """The caps that hold for it, each with whose it is."""
        for cap in self.caps:
            who = cap.whose(asked)
            if who is not None:
                yield cap, who

    def counts_until(self, cap: Cap, at: datetime) -> datetime | None:
        """Until when a coupon claimed at `at` counts for `cap`: whole days of the calendar where `days` is whole, so
        that a cap of one day is that of a day. None: always.
        """
        if cap.days is None:
            return None
        if cap.days != int(cap.days):
            return after(at, timedelta(days=cap.days))
        day, zone = local(at, _zone(self.zone)).date(), _zone(self.zone)
        try:
            house_year = day.replace(year=day.year + 1, month=1, day=1) if cap.kind == "house_year" else None
            ends = house_year or day + timedelta(days=int(cap.days))
        except (OverflowError, ValueError):  # beyond the calendar
            return None
        return datetime.combine(ends, time(), zone)


def terms_of(campaign: Campaign, policy: Policy) -> Terms:
    """The terms of a campaign that `campaigns.model.require_usable` lets pass."""
    return Terms(
        campaign_id=campaign.id,
        currency=currency_of(campaign),
        face=face_of(campaign),
        portions=tuple(_portions(campaign)),
        caps=tuple(_caps(campaign, policy)),
        zone=policy.zone,
        typed=campaign.codes is not None,
    )


def face_of(campaign: Campaign) -> int | None:
    """What one coupon takes off at most, as far as the campaign says; of percent and price, off one piece."""
    benefit = campaign.benefit
    if benefit is None:
        return None
    most = benefit.cap.amount if benefit.cap else None
    dearest = campaign.applies_to.prices.max if campaign.applies_to and campaign.applies_to.prices else None
    if benefit.kind == "points":
        found: int | None = int(rate(campaign) * POINT)
    elif benefit.kind == "fixed":
        assert isinstance(benefit.value, Money)
        found = benefit.value.amount
    elif dearest is None:
        found = None
    elif benefit.kind == "percent":
        found = int(rate(campaign) * dearest.amount / 100)
    else:
        assert isinstance(benefit.value, Money)
        found = max(0, dearest.amount - benefit.value.amount)
    return most if found is None else found if most is None else min(most, found)


def _portions(campaign: Campaign) -> Iterator[Portion]:
    budget = campaign.budget
    if budget is None:
        return
    parts = (("all", budget), ("day", budget.per_day), ("year", budget.per_year))
    for period, part in parts:
        if part is not None and (part.count is not None or part.amount is not None):
            yield Portion(period, part.count, part.amount.amount if part.amount else None)  # type: ignore[arg-type] # literals


def _caps(campaign: Campaign, policy: Policy) -> Iterator[Cap]:
    declared: tuple[tuple[CapKind, DeclaredCap | None], ...] = (
        ("account", campaign.per_account), ("device", campaign.per_device), ("payee", campaign.per_payee),
    )  # fmt: skip
    for kind, cap in declared:
        if cap is not None:
            yield Cap(kind, cap.count, cap.window_days)
    if policy.house.account_day is not None:
        yield Cap("house_day", policy.house.account_day, 1)
    if policy.house.account_year is not None:
        yield Cap("house_year", policy.house.account_year, 365)


@cache
def _zone(name: str) -> ZoneInfo:
    return ZoneInfo(name)
