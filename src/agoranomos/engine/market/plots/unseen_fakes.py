"""Stores whose listings look like any other, at a usual price, and some of which send fakes: nothing tells but buying.

What is left on a shelf when all that can be seen was found. Whoever wants to know how many these are has to buy at
random; the truth has the answer, listing by listing.
"""

from __future__ import annotations

import msgspec

from agoranomos.engine.market.catalogue import new_listing
from agoranomos.engine.market.lives import Life, say
from agoranomos.engine.market.rhythm import DAY, MINUTE, at_work
from agoranomos.engine.market.sellers import application, new_person, new_store, opened
from agoranomos.engine.market.streams import Stream
from agoranomos.engine.market.truth import Truth
from agoranomos.engine.market.world import World


class UnseenFakes(msgspec.Struct, frozen=True):
    """See the module. `stores` stores open on day `day` (from 0) and list `listings` articles each, of which `percent`
    in a hundred are fakes.
    """

    day: int = 1
    stores: int = 20
    listings: int = 20
    percent: int = 6
    name: str = "unseen-fakes"
    desk: str = "goods"
    about: str = "listings like any other send fakes, which only buying can show"

    def plant(self, world: World, stream: Stream) -> Life:
        """One life for each store; the fakes are spread over all of them."""
        total = self.stores * self.listings
        fakes = set(stream.child("fakes").sample(range(total), round(total * self.percent / 100)))
        for number in range(self.stores):
            first = number * self.listings
            mine = frozenset(place - first for place in fakes if first <= place < first + self.listings)
            yield self._store(world, stream.child("store").child(number), mine)

    def _store(self, world: World, stream: Stream, fakes: frozenset[int]) -> Life:
        person, seller_id = new_person(stream.child("person")), stream.token("u")
        applied = at_work(world.start - stream.between(20 * DAY, 60 * DAY))
        yield applied
        yield from application(stream, seller_id, person, applied, "approved")
        opens = at_work(world.start + self.day * DAY)
        yield opens
        store = new_store(stream, seller_id, person, opens)
        yield from opened(stream, store)
        at = opens
        for number in range(self.listings):
            one = stream.child("listing").child(number)
            at += one.between(2 * MINUTE, 20 * MINUTE)
            yield at
            listing = new_listing(one, store, world.settings.brands)
            yield Truth(
                kind="plot", subject_kind="listing", subject_id=listing.listing_id, plot=self.name,
                role="fake" if number in fakes else "genuine", started_at=at, notes=store.store_id,
            )  # fmt: skip
            yield say(one, at, "listing.submitted", listing.data)
