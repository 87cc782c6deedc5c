"""What a campaign said of itself, as the lines that tests hold it against."""

from __future__ import annotations

from typing import Final

import msgspec

from agoranomos.kernel.money import Money
from agoranomos.kernel.schema.promotions import Campaign, Expected
from agoranomos.promotions.breaker.policy import Newcomers, Policy

UNTESTED: Final = 0.95
"""A line at or above this leaves nothing to find."""


class Lines(msgspec.Struct, frozen=True, kw_only=True):
    """The lines of one campaign; None where there is nothing to test. Shares and ratios in 0..1, speeds in claims a
    minute. `pace`: how fast it gives while it is slowed.
    """

    floor: float | None
    below_declared: float | None
    too_fast: float | None
    far_too_fast: float | None
    new_accounts: float | None
    mostly_new_accounts: float | None
    new_devices: float | None
    one_network: float
    payees: float
    pace: float
    price: int | None = None
    """What orders pay is held against this price that the campaign names (minor units), not against the list price."""


def lines_of(campaign: Campaign, policy: Policy) -> Lines:
    """What `campaign` is held against."""
    said = campaign.expected or Expected()
    floor, below = _ratios(campaign, said, policy)
    price = _named_price(campaign) if floor is None else None
    speed, rate = policy.speed, said.claims_per_minute
    new, mostly = _newcomers(policy.new_accounts, said.new_account_share)
    return Lines(
        floor=floor if price is None else policy.ratio.stop_share,
        below_declared=below,
        too_fast=None if rate is None else max(speed.least, rate * speed.page_times),
        far_too_fast=None if rate is None else max(speed.least * speed.slow_times, rate * speed.slow_times),
        new_accounts=new,
        mostly_new_accounts=mostly,
        new_devices=_newcomers(policy.new_devices, None)[0],
        one_network=policy.networks.most,
        payees=policy.payees.most,
        pace=max(policy.slowed.least, (rate or 0.0) * policy.slowed.times),
        price=price,
    )


def _ratios(campaign: Campaign, said: Expected, policy: Policy) -> tuple[float | None, float | None]:
    ratio, declared = policy.ratio, said.paid_to_face_ratio
    goods = campaign.applies_to
    house = ratio.cash_floor if goods is not None and goods.cash_equivalent else ratio.floor
    if declared is None:
        return house, None
    if declared < ratio.declared_least:
        return None, None
    declared = min(declared, 1.0)
    return min(house, declared * ratio.stop_share), declared * ratio.page_share


def _named_price(campaign: Campaign) -> int | None:
    benefit = campaign.benefit
    named = benefit.value if benefit and benefit.kind == "price" else None
    return named.amount if isinstance(named, Money) and named.amount > 0 else None


def _newcomers(lines: Newcomers, declared: float | None) -> tuple[float | None, float | None]:
    share = lines.expected if declared is None else declared
    many = max(lines.least, share * lines.times)
    mostly = max(lines.mostly, many)
    return (None if many >= UNTESTED else many), (None if mostly >= UNTESTED else mostly)
