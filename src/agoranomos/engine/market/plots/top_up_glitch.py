"""A coupon that was meant for something else takes 99.60 yuan off a phone top-up of 100, any number of times.

A ring of registered accounts tops up the phones of a few resellers until somebody notices; many ordinary buyers hear of
it and take one or two in good faith. What happened on a large marketplace in January 2019, at the size of a test.
"""

from __future__ import annotations

from typing import Any, Final

import msgspec

from agoranomos.engine.market.catalogue import new_listing
from agoranomos.engine.market.goods import TOP_UP
from agoranomos.engine.market.lives import Life, cny, say
from agoranomos.engine.market.orders import new_order, order_life, session
from agoranomos.engine.market.people import Buyer, new_buyer, new_home, registration
from agoranomos.engine.market.promotions import Campaign, claimed, issued, redeemed
from agoranomos.engine.market.rhythm import DAY, HOUR, MINUTE, SECOND, rfc3339
from agoranomos.engine.market.sellers import application, new_person, new_store, opened
from agoranomos.engine.market.shops import Listing, Store
from agoranomos.engine.market.streams import Stream
from agoranomos.engine.market.trade import Coupon
from agoranomos.engine.market.truth import Truth
from agoranomos.engine.market.world import World

FACE: Final = 9_960
PRICE: Final = 10_000
PAID: Final = PRICE - FACE
"""40 fen."""


class TopUpGlitch(msgspec.Struct, frozen=True):
    """See the module. The glitch opens at midnight of day `day` (from 0) and is stopped after `hours`; `ring` accounts
    on `devices` devices top up `payees` phones about `turns` times each, and `takers` ordinary buyers once or twice.
    """

    day: int = 2
    hours: int = 4
    ring: int = 24
    devices: int = 4
    payees: int = 6
    turns: int = 60
    takers: int = 80
    name: str = "top-up-glitch"
    desk: str = "promotions"
    about: str = "a coupon lets accounts pay 40 fen for a 100 yuan top-up, again and again"

    def plant(self, world: World, stream: Stream) -> Life:
        """The store, the campaign, the ring, the many."""
        opens = world.start + self.day * DAY
        ends = opens + self.hours * HOUR
        store, listing = yield from _shop(world, stream.child("store"))
        campaign = Campaign(stream.token("c"), opens, ends, FACE, 0, 0)
        row = self._row("campaign", campaign.campaign_id, "tool", opens)
        yield row
        yield _campaign(stream.child("campaign"), campaign, listing)
        payees = [stream.child("payee").child(number).token("t") for number in range(self.payees)]
        for number in range(self.ring):
            one = stream.child("ring").child(number)
            yield self._member(world, one, self._account(stream, number), campaign, (store, listing), payees)
        yield opens
        for number, buyer in enumerate(stream.sample(world.buyers.accounts, self.takers)):
            yield self._taker(world, stream.child("taker").child(number), buyer, campaign, (store, listing))

    def _account(self, stream: Stream, number: int) -> Buyer:
        """An account of the ring: a name of its own on one of the ring's devices and lines."""
        site = stream.child("site").child(number % self.devices)
        home = msgspec.structs.replace(new_home(site, "household"), device_id=site.token("d"))
        return new_buyer(stream.child("member").child(number), home)

    def _member(
        self,
        world: World,
        stream: Stream,
        buyer: Buyer,
        campaign: Campaign,
        goods: tuple[Store, Listing],
        payees: list[str],
    ) -> Life:
        at = campaign.starts_at - stream.between(2 * HOUR, 2 * DAY)
        yield at
        yield from registration(stream, buyer, at)
        yield self._row("account", buyer.account_id, "ring", at)
        at = campaign.starts_at + stream.between(5 * MINUTE, 40 * MINUTE)
        yield session(stream, buyer, at)
        for turn in range(self.turns // 2 + stream.below(self.turns)):
            at += 5 * SECOND + int(stream.exponential(90.0) * SECOND)
            if at >= campaign.ends_at:
                return
            yield at
            payee = payees[stream.below(len(payees))]
            yield _top_up(world, stream.child("turn").child(turn), buyer, campaign, goods, payee, at)

    def _taker(
        self, world: World, stream: Stream, buyer: Buyer, campaign: Campaign, goods: tuple[Store, Listing]
    ) -> Life:
        at = campaign.starts_at + int(HOUR * (0.5 + (self.hours - 0.6) * stream.random()))
        yield self._row("account", buyer.account_id, "good_faith", at)
        yield session(stream, buyer, at)
        for turn in range(stream.between(1, 2)):
            at += stream.between(20 * SECOND, 3 * MINUTE)
            yield at
            yield _top_up(world, stream.child("turn").child(turn), buyer, campaign, goods, buyer.token("phone"), at)

    def _row(self, kind: str, subject_id: str, role: str, at: int) -> Truth:
        return Truth(
            kind="plot", subject_kind=kind, subject_id=subject_id, plot=self.name, role=role, started_at=at,
            ended_at=None if role == "tool" else at + self.hours * HOUR,
        )  # fmt: skip


def _shop(world: World, stream: Stream) -> Any:
    """A store of its own that sells top-ups; gives it and its listing of 100 yuan."""
    person, seller_id = new_person(stream.child("person")), stream.token("u")
    applied = world.start - 90 * DAY
    yield applied
    yield from application(stream, seller_id, person, applied, "approved")
    store = msgspec.structs.replace(new_store(stream, seller_id, person, applied + 5 * DAY), categories=(TOP_UP,))
    yield from opened(stream, store)
    listing = new_listing(stream.child("listing"), store, ())
    listing.price, listing.data = PRICE, {**listing.data, "price": cny(PRICE)}
    yield say(stream, applied + 6 * DAY, "listing.submitted", listing.data)
    return store, listing


def _campaign(stream: Stream, campaign: Campaign, listing: Listing) -> Life:
    """Declared as a careless colleague would: cash-equivalent goods, no cap for an account, a generous budget."""
    entry = {
        "id": campaign.campaign_id,
        "benefit": {"kind": "fixed", "value": cny(FACE)},
        "applies_to": {"listing_ids": [listing.listing_id], "cash_equivalent": True},
        "budget": {"amount": cny(FACE * 1_000_000), "count": 1_000_000},
        "starts_at": rfc3339(campaign.starts_at),
        "ends_at": rfc3339(campaign.starts_at + 30 * DAY),
        "funded_by": "platform",
        "expected": {"claims_per_minute": 0.2, "paid_to_face_ratio": 0.9, "new_account_share": 0.05},
    }
    declared = campaign.starts_at - stream.between(HOUR, 5 * HOUR)
    yield say(stream, declared, "campaign.declared", {"campaign": entry})
    yield say(stream, campaign.ends_at, "campaign.ended", {"campaign_id": campaign.campaign_id})


def _top_up(
    world: World, stream: Stream, buyer: Buyer, campaign: Campaign, goods: tuple[Store, Listing], payee: str, at: int
) -> Life:
    """One coupon, one order of 40 fen, one phone topped up by 100 yuan."""
    coupon = Coupon(stream.token("g"), campaign.campaign_id, FACE)
    order = msgspec.structs.replace(new_order(stream, buyer, *goods, 1, coupon), payee_id=payee)
    yield issued(stream, campaign, coupon.coupon_id, buyer, at)
    yield claimed(stream, campaign, coupon.coupon_id, buyer, at + stream.between(50, 400))
    yield redeemed(stream, coupon, buyer, order.order_id, order.paid, at + stream.between(500, 1_500), payee)
    yield from order_life(world, stream, order, at + stream.between(1_600, 2_500))
