"""Campaigns and baskets for tests, from the few fields that a test is about."""

from __future__ import annotations

from typing import Any

from agoranomos.kernel.schema.promotions import Campaign
from agoranomos.promotions.campaigns.model import campaign_of
from agoranomos.promotions.pricing.model import Basket, Line


def cny(amount: int) -> dict[str, Any]:
    """Fen as they stand in files."""
    return {"amount": amount, "currency": "CNY"}


def fixed(amount: int, **cap: Any) -> dict[str, Any]:
    """So many fen off."""
    return {"kind": "fixed", "value": cny(amount), **cap}


def percent(value: float, cap: int | None = None) -> dict[str, Any]:
    """So much of what is left, at most `cap` fen."""
    return {"kind": "percent", "value": value} | ({} if cap is None else {"cap": cny(cap)})


def price(amount: int) -> dict[str, Any]:
    """Each piece for so many fen."""
    return {"kind": "price", "value": cny(amount)}


def points(count: float) -> dict[str, Any]:
    """So many points."""
    return {"kind": "points", "value": count}


def make_campaign(campaign_id: str = "a", benefit: dict[str, Any] | None = None, **fields: Any) -> Campaign:
    """A campaign of ten yuan off anything, unless told otherwise."""
    return campaign_of({"id": campaign_id, "benefit": benefit or fixed(1_000), **fields})


def make_basket(*lines: tuple[int, int] | tuple[int, int, str], currency: str = "CNY") -> Basket:
    """A basket of (quantity, price) or (quantity, price, category); its listings are called l0, l1, …"""
    made = (Line(f"l{place}", line[0], line[1], *line[2:]) for place, line in enumerate(lines))
    return Basket(currency, tuple(made))
