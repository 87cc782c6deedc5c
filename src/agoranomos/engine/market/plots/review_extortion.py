"""Accounts post bad reviews at one store after another, ask for money, and take them back when they have it.

Some stores pay the author by a red envelope, some pay the order back without wanting the goods. Others do not pay: the
review stays.
"""

from __future__ import annotations

from typing import Final

import msgspec

from agoranomos.engine.market.lives import Life, cny, say
from agoranomos.engine.market.orders import new_order, session
from agoranomos.engine.market.people import Buyer, new_buyer, new_home, registration
from agoranomos.engine.market.plots.clients import bought, reviewed
from agoranomos.engine.market.rhythm import DAY, HOUR, MINUTE
from agoranomos.engine.market.streams import Stream
from agoranomos.engine.market.trade import Order
from agoranomos.engine.market.truth import Truth
from agoranomos.engine.market.world import World

_REFUND: Final = 0.25
"""Of the stores that pay: by paying the order back."""
_LEFT: Final = 0.8
"""Of the reviews that were paid for: deleted; the others are raised."""


class ReviewExtortion(msgspec.Struct, frozen=True):
    """See the module. `accounts` go to `targets` stores of the market each, over `days` days from day `day` (from 0)
    on; of a hundred stores `pay` pay; `asks` of a hundred times the author writes to the store where it is seen.
    """

    day: int = 1
    days: int = 16
    accounts: int = 3
    targets: int = 7
    pay: int = 80
    asks: int = 70
    name: str = "review-extortion"
    desk: str = "reviews"
    about: str = "accounts post bad reviews at one store after another and take them back for money"

    def plant(self, world: World, stream: Stream) -> Life:
        """One life for each account."""
        begins = world.start + self.day * DAY
        yield begins
        for number in range(self.accounts):
            yield self._account(world, stream.child(number), begins)

    def _account(self, world: World, stream: Stream, begins: int) -> Life:
        buyer = new_buyer(stream.child("account"), new_home(stream.child("home"), "household"))
        at = begins + stream.between(MINUTE, 6 * HOUR)
        yield from registration(stream, buyer, at)
        yield self._row("account", buyer.account_id, "extortionist", at)
        for turn in range(self.targets):
            one = stream.child("turn").child(turn)
            later = (turn * self.days * DAY) // (2 * self.targets) + one.between(HOUR, 20 * HOUR)
            yield self._turn(world, one, buyer, at + later)

    def _turn(self, world: World, stream: Stream, buyer: Buyer, at: int) -> Life:
        yield at
        found = world.shelves.anything(stream)
        if found is not None:
            order = new_order(stream, buyer, *found, 1)
            yield bought(stream.child("order"), order, at + MINUTE)
            yield self._squeeze(stream, order, at + 3 * DAY + stream.below(DAY))
            yield session(stream, buyer, at)

    def _squeeze(self, stream: Stream, order: Order, at: int) -> Life:
        yield at
        review = reviewed(stream, order, stream.between(1, 2), at)
        review_id, buyer, store = review.data["review_id"], order.buyer, order.store
        yield self._row("review", review_id, "extorted", at)
        yield review
        at += stream.between(HOUR, 10 * HOUR)
        if stream.below(100) < self.asks:
            yield say(stream, at, "contact.made", {
                "store_id": store.store_id, "channel": "message", "direction": "to_store", "order_id": order.order_id,
                "account_id": buyer.account_id, "text": "想让我删评价就看你们的诚意了",
            })  # fmt: skip
        if stream.below(100) >= self.pay:
            return
        at += stream.between(HOUR, 20 * HOUR)
        yield at
        if stream.chance(_REFUND):
            yield say(stream, at, "order.refunded", {"order_id": order.order_id, "amount": cny(order.paid)})
        else:
            yield say(stream, at, "payment.made", {
                "from_store_id": store.store_id, "to_account_id": buyer.account_id,
                "amount": cny(stream.choice((3_000, 5_000, 10_000))), "note": "补偿",
            })  # fmt: skip
        at += stream.between(10 * MINUTE, 30 * HOUR)
        if stream.chance(_LEFT):
            yield say(stream, at, "review.deleted", {"review_id": review_id, "by": "author"})
        else:
            yield say(stream, at, "review.edited", {"review_id": review_id, "by": "author", "rating": 5})

    def _row(self, kind: str, subject_id: str, role: str, at: int) -> Truth:
        return Truth(
            kind="plot", subject_kind=kind, subject_id=subject_id, plot=self.name, role=role, started_at=at
        )  # fmt: skip
