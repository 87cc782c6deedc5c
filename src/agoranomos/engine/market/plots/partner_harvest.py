"""A partner with an honest contract goes through all members by the interface that it was given.

It goes from page to page, day and night. Among the members is a planted record, and in what it takes away a planted
number, which somebody calls afterwards. What happened to a large marketplace over eight months, at the size of a test.
"""

from __future__ import annotations

from typing import Final

import msgspec

from agoranomos.engine.market.access import contracted, new_partner, partner_read, some_stores
from agoranomos.engine.market.lives import Life, say
from agoranomos.engine.market.rhythm import DAY, HOUR, SECOND
from agoranomos.engine.market.streams import Stream
from agoranomos.engine.market.truth import Truth
from agoranomos.engine.market.world import World

_PAGE: Final = 20


class PartnerHarvest(msgspec.Struct, frozen=True):
    """See the module. From day `day` (from 0) on, for `days` days, `per_hour` people an hour; `honest` of a hundred
    reads are of people whom it has business with.
    """

    day: int = 3
    days: int = 3
    per_hour: int = 400
    honest: int = 20
    name: str = "partner-harvest"
    desk: str = "access"
    about: str = "a partner goes through all members by the interface for its own customers"

    def plant(self, world: World, stream: Stream) -> Life:
        """The contract, the quiet days, the harvest, the call."""
        at = world.start + 4 * HOUR
        yield at
        partner = new_partner(world, stream, at)
        partner.store_ids = some_stores(world, stream)
        yield contracted(stream, partner, at)
        canary, number = stream.token("a"), stream.token("x")
        planted = {"canary_id": stream.token("i"), "kind": "record", "subject_id": canary}
        yield say(stream, at + HOUR, "canary.planted", planted)
        begins = world.start + self.day * DAY + 2 * HOUR
        ends = begins + self.days * DAY
        yield begins
        yield Truth(
            kind="plot", subject_kind="principal", subject_id=partner.principal_id, plot=self.name, role="harvester",
            started_at=begins, ended_at=ends,
        )  # fmt: skip
        planted = {"canary_id": stream.token("i"), "kind": "number", "number": number}
        yield say(stream, begins, "canary.planted", {**planted, "principal_id": partner.principal_id})
        everybody = [buyer.account_id for buyer in world.buyers.accounts]
        stream.shuffle(everybody)
        everybody.insert(len(everybody) // 3, canary)
        own = [buyer for store in world.shelves.stores if store.store_id in partner.store_ids for buyer in store.buyers]
        at, place = begins, 0
        while at < ends:
            page = []
            for _ in range(_PAGE):
                if own and stream.below(100) < self.honest:
                    page.append(stream.choice(own))
                else:
                    page.append(everybody[place % len(everybody)])
                    place += 1
            yield partner_read(stream, partner, at, page)
            at += max(SECOND, HOUR * _PAGE // self.per_hour)
            yield at
        called = {"virtual_number": number, "from": "unknown", "duration_s": stream.between(5, 90)}
        yield say(stream, ends + stream.between(HOUR, DAY), "number.called", called)
