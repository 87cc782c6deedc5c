"""Accounts of a ring praise the stores that pay for it, in lockstep, with texts that are handed out.

Each job is one store: most of the accounts order a piece, get it paid back by the service, and praise it within a day.
Between jobs each praises other stores of its own choice, as anybody would: that is its camouflage.
"""

from __future__ import annotations

from typing import Final

import msgspec

from agoranomos.engine.market.lives import Life, cny, say
from agoranomos.engine.market.orders import new_order, session
from agoranomos.engine.market.people import Buyer, new_buyer, new_home, registration
from agoranomos.engine.market.plots.clients import bought, client, customers, reviewed
from agoranomos.engine.market.rhythm import DAY, HOUR, MINUTE
from agoranomos.engine.market.shops import Listing, Store
from agoranomos.engine.market.streams import Stream
from agoranomos.engine.market.truth import Truth
from agoranomos.engine.market.world import World

_TEXTS: Final = (
    "收到货以后真的惊艳到了，摸上去手感特别扎实，闺蜜看了马上问我要链接，第二件已经在路上",
    "犹豫了半个月才下单，结果比专柜看到的还满意，客服小姐姐耐心讲了二十分钟怎么保养",
    "给婆婆买的生日礼物，老人家戴着去跳广场舞，整个队伍都在打听在哪里买的",
    "用到第三周才来评价，没有任何掉色和变形，包装盒上还贴着手写的小卡片很用心",
    "原本担心尺寸不合适，按照详情页量了肩宽，上身刚刚好，老公说显年轻五岁",
    "搬家之后急着用，下午付款第二天一早就到了，师傅还帮忙送上六楼，必须给满分",
)
_TAKES_PART: Final = 0.85


class BoughtPraise(msgspec.Struct, frozen=True):
    """See the module. `accounts` on `devices` devices praise `stores` stores, one every `every` days from day `day`
    (from 0) on; of a hundred texts `copied` are handed out, of a hundred reviews `paid` are paid for where it is seen;
    `camouflage` reviews of other stores each.
    """

    day: int = 4
    every: int = 2
    accounts: int = 16
    devices: int = 5
    stores: int = 5
    copied: int = 50
    paid: int = 30
    camouflage: int = 2
    name: str = "bought-praise"
    desk: str = "reviews"
    about: str = "accounts of a ring praise stores that pay for it, in lockstep and with texts handed out"

    def plant(self, world: World, stream: Stream) -> Life:
        """The stores, and each account's life."""
        payee = stream.token("a")
        clients = []
        for number in range(self.stores):
            goods, opening = client(world, stream.child("client").child(number))
            clients.append(goods)
            yield opening
        yield world.start
        for number, goods in enumerate(clients):
            yield self._honest(world, stream.child("trade").child(number), goods)
        for number in range(self.accounts):
            yield self._account(world, stream, number, clients, payee)
        yield self._row("account", payee, "payer", world.start)
        for number, goods in enumerate(clients):
            yield self._row("store", goods[0].store_id, "client", self._job(world, number))

    def _job(self, world: World, number: int) -> int:
        return world.start + (self.day + number * self.every) * DAY + 9 * HOUR

    def _honest(self, world: World, stream: Stream, goods: tuple[Store, Listing]) -> Life:
        """What ordinary buyers think of the store: not much."""
        for _, _, life in customers(world, stream, goods, world.start + HOUR, 6, 6):
            yield life

    def _account(
        self, world: World, stream: Stream, number: int, clients: list[tuple[Store, Listing]], payee: str
    ) -> Life:  # fmt: skip
        site, own = stream.child("site").child(number % self.devices), stream.child("member").child(number)
        home = msgspec.structs.replace(new_home(site, "household"), device_id=site.token("d"))
        buyer = new_buyer(own, home)
        at = world.start + own.between(HOUR, 6 * HOUR)
        yield at
        yield from registration(own, buyer, at)
        yield self._row("account", buyer.account_id, "ring", at)
        for other in range(self.camouflage):
            yield self._alone(world, own.child("alone").child(other), buyer)
        for turn, goods in enumerate(clients):
            one = own.child("turn").child(turn)
            if one.chance(_TAKES_PART):
                ordered = max(at + HOUR, self._job(world, turn) - 3 * DAY) + one.below(8 * HOUR)
                yield self._praise(one, buyer, goods, ordered, payee)

    def _praise(self, stream: Stream, buyer: Buyer, goods: tuple[Store, Listing], ordered: int, payee: str) -> Life:
        yield ordered
        yield session(stream, buyer, ordered)
        order = new_order(stream, buyer, *goods, 1)
        yield bought(stream.child("order"), order, ordered + MINUTE)
        at = ordered + 3 * DAY + stream.below(4 * HOUR)
        yield at
        yield session(stream, buyer, at)
        at += MINUTE
        review = reviewed(stream, order, 5, at, stream.choice(_TEXTS) if stream.below(100) < self.copied else "")
        yield self._row("review", review.data["review_id"], "bought", at)
        yield review
        if stream.below(100) < self.paid:
            data = {"from_account_id": payee, "to_account_id": buyer.account_id, "amount": cny(500), "note": "红包"}
            yield say(stream, at + stream.between(HOUR, DAY), "payment.made", data)

    def _alone(self, world: World, stream: Stream, buyer: Buyer) -> Life:
        at = world.start + 2 * DAY + stream.below(12 * DAY)
        yield at
        found = world.shelves.listing(stream)
        if found is not None:
            order = new_order(stream, buyer, *found, 1)
            yield bought(stream.child("order"), order, at)
            at += 4 * DAY
            yield at
            yield reviewed(stream, order, stream.between(3, 5), at)

    def _row(self, kind: str, subject_id: str, role: str, at: int) -> Truth:
        return Truth(
            kind="plot", subject_kind=kind, subject_id=subject_id, plot=self.name, role=role, started_at=at
        )  # fmt: skip
