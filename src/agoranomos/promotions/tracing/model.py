"""What is known of coupons, of orders that they paid for, and of the accounts behind them; and what is made of it.

Coupons, orders and people are kept by the million and part of no cycle: the collector need not look at them.
"""

from __future__ import annotations

from datetime import datetime
from enum import StrEnum
from typing import Any

import msgspec

DEVICES_KEPT = 8


class Coupon(msgspec.Struct, kw_only=True, gc=False):
    """One coupon. `face` and `paid` are minor units of `currency`; `event_ids` those of its claim and redemption."""

    coupon_id: str
    campaign_id: str
    account_id: str
    face: int = 0
    paid: int | None = None
    currency: str = ""
    issued_at: datetime | None = None
    claimed_at: datetime | None = None
    redeemed_at: datetime | None = None
    refunded_at: datetime | None = None
    voided_at: datetime | None = None
    order_id: str = ""
    device_id: str = ""
    ip: str = ""
    payee_id: str = ""
    event_ids: tuple[str, ...] = ()

    @property
    def at(self) -> datetime | None:
        """When it was taken, and if nobody said so, when it was used; None of one that was only sent out."""
        return self.claimed_at or self.redeemed_at

    @property
    def spent(self) -> bool:
        """Whether its value is gone: used, and not given back."""
        return self.redeemed_at is not None and self.refunded_at is None


class Order(msgspec.Struct, kw_only=True, gc=False):
    """An order that coupons paid for: `total` by list prices, `paid` for it, and `refunded`, what was paid back."""

    order_id: str
    account_id: str
    store_id: str
    listing_id: str
    placed_at: datetime
    total: int
    paid: int
    currency: str
    coupon_ids: tuple[str, ...] = ()
    device_id: str = ""
    ip: str = ""
    recipient: str = ""
    payee_id: str = ""
    payer: str = ""
    shipped_at: datetime | None = None
    delivered_at: datetime | None = None
    refunded: int = 0


class Person(msgspec.Struct, kw_only=True, gc=False):
    """An account: when it was registered, what it bought without coupons, and its first devices with when each came."""

    account_id: str
    registered_at: datetime | None = None
    first_order_at: datetime | None = None
    orders: int = 0
    devices: dict[str, datetime] = {}


class Claim(msgspec.Struct, frozen=True, kw_only=True):
    """One taking of a coupon with all that ties it to others; "" where nobody said so. `value` is what it took off."""

    account_id: str
    campaign_id: str
    coupon_id: str
    at: datetime
    device: str = ""
    network: str = ""
    address: str = ""
    payee: str = ""
    payer: str = ""
    listing: str = ""
    value: int = 0
    spent: bool = False
    event_id: str = ""


class Tier(StrEnum):
    """What somebody who had the good of a campaign is."""

    RING = "ring_member"
    VICTIM = "victim"
    HEAVY = "heavy_individual"
    GOOD_FAITH = "good_faith"


class Quote(msgspec.Struct, frozen=True):
    """A tie or a sign as evidence: `kind`, the `key` that is shared ("" for a sign), by how many of the ring, and what
    it weighs in log-odds.
    """

    kind: str
    key: str
    accounts: int
    weight: float


class Member(msgspec.Struct, frozen=True):
    """Somebody in a ring: how sure that is, and why; `victim`: the account seems to be in others' hands."""

    account_id: str
    score: float
    quotes: tuple[Quote, ...]
    victim: bool
    claims: int
    value: int
    since: datetime
    event_ids: tuple[str, ...]


class Ring(msgspec.Struct, frozen=True):
    """Members in the order of their ids; `anchor` took something first: the ring is named for it."""

    anchor: str
    since: datetime
    members: tuple[Member, ...]
    campaigns: tuple[str, ...]
    kinds: tuple[str, ...]


class Beneficiary(msgspec.Struct, frozen=True):
    """Somebody who had the good of a campaign: coupons taken, used, and still unused; `value` of what is gone."""

    account_id: str
    tier: Tier
    claims: int
    spent: int
    unused: int
    value: int
    reasons: tuple[dict[str, Any], ...]
    ring_id: str | None = None
    score: float = 0.0
