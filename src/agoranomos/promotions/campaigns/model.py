"""A campaign as the desk knows it: its terms, what else was declared of it, and when it gives.

The terms are the contract's fields (`kernel.schema.promotions.Campaign`); fields that the contract does not name stay
in `document`. What no price can be computed from (a percent that is money, two currencies in one campaign) is refused
by `require_usable`, which everything that takes campaigns in calls first.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime
from fractions import Fraction
from typing import Any

import msgspec

from agoranomos.kernel.errors import Invalid
from agoranomos.kernel.events import typed
from agoranomos.kernel.money import Money
from agoranomos.kernel.schema.promotions import Campaign

KINDS = ("price", "percent", "fixed", "points")
"""The kinds of benefit in the order in which they apply."""


class Declared(msgspec.Struct, frozen=True, kw_only=True):
    """A campaign as it was declared last. `version` counts declarations that differ, from 1; `document` is the entry as
    it came, unknown fields included; `ended_at` is when somebody ended it (None: nobody has).
    """

    campaign: Campaign
    document: dict[str, Any]
    version: int = 1
    declared_at: datetime
    ended_at: datetime | None = None

    @property
    def id(self) -> str:
        """The campaign's id."""
        return self.campaign.id

    def gives_at(self, moment: datetime) -> bool:
        """Whether it gives anything at `moment`: begun, not over, not ended."""
        return (self.ended_at is None or moment < self.ended_at) and runs_at(self.campaign, moment)


def campaign_of(document: object, pointer: str = "") -> Campaign:
    """The terms in a decoded entry of a campaign file, which was found at `pointer`. Raises Invalid with the place."""
    if not isinstance(document, dict):
        raise Invalid("a campaign is written as fields with values: id, benefit, applies_to, …", pointer=pointer)
    campaign = typed(document, Campaign, pointer)
    require_usable(campaign, pointer)
    return campaign


def runs_at(campaign: Campaign, moment: datetime) -> bool:
    """Whether `moment` lies in [starts_at, ends_at); without one of them it is open to that side."""
    begun = campaign.starts_at is None or campaign.starts_at <= moment
    return begun and (campaign.ends_at is None or moment < campaign.ends_at)


def require_usable(campaign: Campaign, pointer: str = "") -> None:
    """Raises Invalid, with the place below `pointer`, for terms that no price can be computed from."""
    benefit = campaign.benefit
    if benefit is not None:
        money = benefit.kind in ("fixed", "price")
        if money != isinstance(benefit.value, Money):
            wanted = "an amount of money, {amount, currency}" if money else "a number"
            raise Invalid(f"the value of a {benefit.kind} benefit is {wanted}", pointer=f"{pointer}/benefit/value")
        if (benefit.value.amount if isinstance(benefit.value, Money) else benefit.value) < 0:
            raise Invalid("a benefit is not below zero", pointer=f"{pointer}/benefit/value")
    if campaign.order is not None and (isinstance(campaign.order, bool) or not isinstance(campaign.order, int | float)):
        reason = (
            "the order is a number: price 1, percent 2, fixed 3 and points 4 unless told otherwise; the least first"
        )
        raise Invalid(reason, pointer=f"{pointer}/order")
    if campaign.starts_at and campaign.ends_at and campaign.ends_at <= campaign.starts_at:
        raise Invalid("a campaign ends after it starts", pointer=f"{pointer}/ends_at")
    _require_ranges(campaign, pointer)
    _require_one_currency(campaign, pointer)


def currency_of(campaign: Campaign) -> str | None:
    """The currency of all its amounts; None when it names none, and so gives in any."""
    return next((money.currency for _, money in _amounts(campaign)), None)


def position(campaign: Campaign) -> tuple[float, int, str]:
    """Where it stands among the benefits of one order: by `order`, else by kind; then by kind, then by id."""
    assert campaign.benefit is not None
    kind = KINDS.index(campaign.benefit.kind) + 1
    return (kind if campaign.order is None else campaign.order, kind, campaign.id)


def rate(campaign: Campaign) -> Fraction:
    """The value of a percent or points benefit, exact: 12.5 is 25/2, and never a binary fraction near it."""
    assert campaign.benefit is not None
    assert not isinstance(campaign.benefit.value, Money)
    return Fraction(str(campaign.benefit.value))


def _require_ranges(campaign: Campaign, pointer: str) -> None:
    for place, money in _amounts(campaign):
        if money.amount < 0:
            raise Invalid("an amount of a campaign is not below zero", pointer=pointer + place)
    prices = campaign.applies_to.prices if campaign.applies_to else None
    if prices and prices.min and prices.max and prices.min.amount > prices.max.amount:
        raise Invalid("the least price is above the greatest", pointer=f"{pointer}/applies_to/prices/min")


def _require_one_currency(campaign: Campaign, pointer: str) -> None:
    currency = currency_of(campaign)
    for place, money in _amounts(campaign):
        if money.currency != currency:
            reason = f"the amounts of one campaign have one currency; this one began with {currency}"
            raise Invalid(reason, pointer=pointer + place)


def _amounts(campaign: Campaign) -> Iterator[tuple[str, Money]]:
    """All amounts with their pointers, in the order of the contract's fields."""
    benefit, goods, budget = campaign.benefit, campaign.applies_to, campaign.budget
    prices = goods.prices if goods else None
    found = {
        "/benefit/value": benefit.value if benefit and isinstance(benefit.value, Money) else None,
        "/benefit/cap": benefit.cap if benefit else None,
        "/applies_to/prices/min": prices.min if prices else None,
        "/applies_to/prices/max": prices.max if prices else None,
        "/min_spend": campaign.min_spend,
        "/budget/amount": budget.amount if budget else None,
        "/budget/per_day/amount": budget.per_day.amount if budget and budget.per_day else None,
        "/budget/per_year/amount": budget.per_year.amount if budget and budget.per_year else None,
    }
    for pointer, money in found.items():
        if money is not None:
            yield pointer, money


def over(declared: Declared, now: datetime) -> bool:
    """Whether it gives nothing any more."""
    ends = (declared.ended_at, declared.campaign.ends_at)
    return any(end is not None and end <= now for end in ends)
