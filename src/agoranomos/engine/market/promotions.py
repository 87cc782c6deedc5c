"""Campaigns and their coupons: issued, claimed, redeemed in an order, sometimes refunded or voided.

Base rates are those of a public set of 113,640 real claims: among those who claim at all, a median of one a month, five
at the 99th percentile, 97 at most; no coupon took more than two thirds off.
"""

from __future__ import annotations

from typing import Any, Final

import msgspec

from agoranomos.engine.market.goods import TOP_UP
from agoranomos.engine.market.lives import Event, Life, cny, say
from agoranomos.engine.market.orders import new_order, order_life, session
from agoranomos.engine.market.people import Buyer
from agoranomos.engine.market.rhythm import DAY, HOUR, MINUTE, SECOND, day_of, demand, rfc3339
from agoranomos.engine.market.streams import Stream
from agoranomos.engine.market.trade import Coupon
from agoranomos.engine.market.world import CLAIMS_PER_BUYER_DAY, World

DISCOUNT_MAX: Final = 0.66
"""Of the list total; see above."""
_FIXED: Final = ((500, 3_000), (1_000, 5_900), (2_000, 9_900), (3_000, 19_900), (5_000, 29_900), (10_000, 59_900))
"""Face value and least spending, in fen."""
_NEW_PER_DAY: Final = 0.4
_OPENING: Final = 3
_PER_ACCOUNT_DAY: Final = 3
_PUSHED: Final = 0.3
"""Share of coupons that the platform sends of itself; half of them are never claimed."""
_REDEEMED: Final = 0.55
_VOIDED: Final = 0.01
_CAMPUS_HEARS: Final = 0.35


class Campaign(msgspec.Struct, eq=False):
    """A campaign. `face` (fen) is the most one coupon takes off; `claimed` counts today's claims by account."""

    campaign_id: str
    starts_at: int
    ends_at: int
    face: int
    percent: int
    min_spend: int
    claimed: dict[str, int] = {}
    today: int = 0

    def may_claim(self, account_id: str, at: int) -> bool:
        """Whether the account is below its cap of today; if so, it is counted."""
        if self.today != (today := day_of(at).toordinal()):
            self.today, self.claimed = today, {}
        self.claimed[account_id] = self.claimed.get(account_id, 0) + 1
        return self.claimed[account_id] <= _PER_ACCOUNT_DAY

    def discount(self, total: int) -> int:
        """What a coupon takes off a list total, in fen."""
        return min(self.face, total * self.percent // 100) if self.percent else self.face

    def entry(self, expected_per_minute: float) -> dict[str, Any]:
        """The campaign as a campaign file says it."""
        percent = {"kind": "percent", "value": self.percent, "cap": cny(self.face)}
        return {
            "id": self.campaign_id,
            "benefit": percent if self.percent else {"kind": "fixed", "value": cny(self.face)},
            "applies_to": {
                "categories": ["shoes", "clothing", "bags", "cosmetics", "electronics", "food", "home", "toys"]
            },
            "min_spend": cny(self.min_spend),
            "exclusive": True,
            "budget": {"amount": cny(self.face * 200_000), "count": 200_000},
            "per_account": {"count": _PER_ACCOUNT_DAY, "window_days": 1},
            "per_device": {"count": 10 * _PER_ACCOUNT_DAY, "window_days": 1},
            "starts_at": rfc3339(self.starts_at),
            "ends_at": rfc3339(self.ends_at),
            "funded_by": "platform",
            "expected": {
                "claims_per_minute": round(expected_per_minute, 3),
                "paid_to_face_ratio": 0.75,
                "new_account_share": 0.05,
            },
        }


def new_campaign(stream: Stream, starts_at: int) -> Campaign:
    """An honest campaign of five to fourteen days."""
    face, least = stream.choice(_FIXED)
    percent = stream.choice((10, 15, 20)) if stream.chance(0.3) else 0
    ends_at = starts_at + stream.between(5, 14) * DAY
    return Campaign(stream.token("c"), starts_at, ends_at, face, percent, least)


class Promotions:
    """The campaigns that run, and who claims from them."""

    def __init__(self, world: World) -> None:
        self._world = world
        self._running: list[Campaign] = []
        self._root = world.root.child("promotions")

    def campaigns(self) -> Life:
        """Campaigns that run on the first day, then new ones now and then."""
        start = self._world.start
        for number in range(_OPENING):
            stream = self._root.child("opening").child(number)
            campaign = new_campaign(stream, start - stream.between(0, 3) * DAY)
            yield self._campaign(stream, campaign)
        day = 0
        while True:
            yield start + day * DAY
            stream = self._root.child("campaign").child(day)
            if stream.chance(_NEW_PER_DAY):
                yield self._campaign(stream, new_campaign(stream, start + (day + 2) * DAY + 10 * HOUR))
            day += 1

    def _campaign(self, stream: Stream, campaign: Campaign) -> Life:
        declared = campaign.starts_at - stream.between(4 * HOUR, 40 * HOUR)
        daily = self._world.settings.buyers * CLAIMS_PER_BUYER_DAY
        yield declared
        yield say(stream, declared, "campaign.declared", {"campaign": campaign.entry(daily / 1440.0)})
        begins = max(campaign.starts_at, self._world.start)
        yield begins
        self._running.append(campaign)
        if stream.chance(_CAMPUS_HEARS) and self._world.buyers.campuses:
            yield self._campus(stream.child("campus"), campaign, begins + stream.between(9 * HOUR, 12 * HOUR))
        yield campaign.ends_at
        self._running.remove(campaign)
        yield say(stream, campaign.ends_at, "campaign.ended", {"campaign_id": campaign.campaign_id})

    def _campus(self, stream: Stream, campaign: Campaign, at: int) -> Life:
        """One tells the others: within two hours many students claim from one network."""
        yield at
        students = stream.choice(self._world.buyers.campuses)
        for number, buyer in enumerate(stream.sample(students, max(3, len(students) // 8))):
            one = stream.child(number)
            yield self._claim(one, campaign, buyer, at + int(one.exponential(40.0) * MINUTE))

    def claims(self) -> Life:
        """All other claims, hour by hour."""
        hourly = self._world.settings.buyers * CLAIMS_PER_BUYER_DAY
        hour = 0
        while True:
            at = self._world.start + hour * HOUR
            yield at
            stream = self._root.child("claims").child(hour)
            for number in range(stream.poisson(hourly * demand(at) if self._running else 0.0)):
                one = stream.child(number)
                campaign, buyer = one.choice(self._running), self._world.buyers.claimer(one)
                yield self._claim(one, campaign, buyer, at + one.below(HOUR))
            hour += 1

    def _claim(self, stream: Stream, campaign: Campaign, buyer: Buyer, at: int) -> Life:
        yield at
        if at >= campaign.ends_at or not campaign.may_claim(buyer.account_id, at):
            return
        coupon_id = stream.token("g")
        yield issued(stream, campaign, coupon_id, buyer, at)
        if stream.chance(_PUSHED):
            at += int(stream.exponential(12.0) * HOUR)
            if stream.chance(0.5) or at >= campaign.ends_at:
                return
        yield session(stream, buyer, at)
        yield claimed(stream, campaign, coupon_id, buyer, at + stream.between(SECOND, 40 * SECOND))
        fate = stream.random()
        at += MINUTE + int(stream.exponential(30.0) * HOUR)
        if fate < _VOIDED:
            data = {"coupon_id": coupon_id, "campaign_id": campaign.campaign_id, "account_id": buyer.account_id}
            yield say(stream, at, "coupon.voided", data)
        elif fate < _VOIDED + _REDEEMED and at < campaign.ends_at:
            yield at
            yield from self._redeem(stream, campaign, coupon_id, buyer, at)

    def _redeem(self, stream: Stream, campaign: Campaign, coupon_id: str, buyer: Buyer, at: int) -> Life:
        """An order large enough for the coupon, if one is found."""
        for _ in range(6):
            found = self._world.shelves.listing(stream)
            if found is None or found[1].category is TOP_UP:
                continue
            store, listing = found
            count = -(-campaign.min_spend // listing.price)
            discount = campaign.discount(count * listing.price)
            if count <= 4 and discount <= DISCOUNT_MAX * count * listing.price:
                coupon = Coupon(coupon_id, campaign.campaign_id, discount)
                order = new_order(stream, buyer, store, listing, count, coupon)
                self._world.book(store, buyer, order.order_id, order.paid)
                yield redeemed(stream, coupon, buyer, order.order_id, order.paid, at)
                yield from order_life(self._world, stream, order, at + stream.between(100, 900))
                return


def issued(stream: Stream, campaign: Campaign, coupon_id: str, buyer: Buyer, at: int) -> Event:
    """`coupon.issued`."""
    data = {
        "coupon_id": coupon_id,
        "campaign_id": campaign.campaign_id,
        "account_id": buyer.account_id,
        "face_value": cny(campaign.face),
    }
    return say(stream, at, "coupon.issued", data)


def claimed(stream: Stream, campaign: Campaign, coupon_id: str, buyer: Buyer, at: int) -> Event:
    """`coupon.claimed`."""
    data = {
        "coupon_id": coupon_id,
        "campaign_id": campaign.campaign_id,
        "account_id": buyer.account_id,
        "device_id": buyer.device(stream),
        "ip": buyer.network(stream),
    }
    return say(stream, at, "coupon.claimed", data)


def redeemed(
    stream: Stream, coupon: Coupon, buyer: Buyer, order_id: str, paid: int, at: int, payee_id: str | None = None
) -> Event:
    """`coupon.redeemed`."""
    data = {
        "coupon_id": coupon.coupon_id,
        "campaign_id": coupon.campaign_id,
        "account_id": buyer.account_id,
        "order_id": order_id,
        "paid": cny(paid),
        "device_id": buyer.device(stream),
        "ip": buyer.network(stream),
    }
    if payee_id is not None:
        data["payee_id"] = payee_id
    return say(stream, at, "coupon.redeemed", data)
