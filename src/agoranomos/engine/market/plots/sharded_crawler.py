"""Accounts of one crawler share all members among them, each so few a day that nobody minds.

They look like buyers, sign in from other addresses every day, and use one client. None of them ever orders.
"""

from __future__ import annotations

from typing import Final

import msgspec

from agoranomos.engine.market import places
from agoranomos.engine.market.browsing import look, popular
from agoranomos.engine.market.lives import Life
from agoranomos.engine.market.people import new_buyer, new_home, registration
from agoranomos.engine.market.rhythm import DAY, HOUR, MINUTE
from agoranomos.engine.market.streams import Stream
from agoranomos.engine.market.truth import Truth
from agoranomos.engine.market.world import World

CLIENT: Final = "Shop/11.2 (Android 14; build 7731)"


class ShardedCrawler(msgspec.Struct, frozen=True):
    """See the module. From day `day` (from 0) on, for `days` days, `shards` accounts look at about `per_day` members a
    day each; `popular` of a hundred are chosen as people choose.
    """

    day: int = 1
    days: int = 7
    shards: int = 40
    per_day: int = 20
    popular: int = 10
    name: str = "sharded-crawler"
    desk: str = "access"
    about: str = "accounts of one client share all members among them, a few a day each"

    def plant(self, world: World, stream: Stream) -> Life:
        """One life for each account."""
        begins = world.start + self.day * DAY
        yield begins
        everybody = [buyer.account_id for buyer in world.buyers.accounts]
        stream.shuffle(everybody)
        for number in range(self.shards):
            yield self._shard(world, stream.child("shard").child(number), begins, everybody, number)

    def _shard(self, world: World, stream: Stream, begins: int, everybody: list[str], number: int) -> Life:
        at = begins + stream.between(MINUTE, HOUR)
        buyer = new_buyer(stream.child("account"), new_home(stream.child("home"), "carrier"))
        yield from registration(stream, buyer, at)
        yield Truth(
            kind="plot", subject_kind="principal", subject_id=buyer.account_id, plot=self.name, role="shard",
            started_at=at, ended_at=begins + self.days * DAY,
        )  # fmt: skip
        place = number
        for day in range(self.days):
            data = {
                "principal_id": buyer.account_id, "ip": places.carrier_network(stream, 64),
                "device_id": stream.child("device").token("d"), "user_agent": CLIENT,
            }  # fmt: skip
            at = max(at, begins + day * DAY + stream.between(7 * HOUR, 10 * HOUR))
            for _ in range(stream.between(self.per_day * 4 // 5, self.per_day * 6 // 5)):
                yield at
                if stream.below(100) < self.popular:
                    member = popular(world, stream).account_id
                else:
                    member = everybody[place % len(everybody)]
                    place += self.shards
                yield look(stream, data, member, at)
                at += stream.between(4 * MINUTE, 40 * MINUTE)
