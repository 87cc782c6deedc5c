"""Two rights holders: one files notices against honest competitors, the other is right.

The first has registered a mark that others use as a word, and complains of what they sell under it. Hardly any of his
notices is upheld, and those by mistake. The second complains of stores that do sell copies; nearly all of his are, and
each of these stores comes to three. Buyers have ordered the copies meanwhile.
"""

from __future__ import annotations

from typing import Final

import msgspec

from agoranomos.engine.market.catalogue import new_listing
from agoranomos.engine.market.goods import TOP_UP
from agoranomos.engine.market.lives import Life, cny, say
from agoranomos.engine.market.orders import new_order, order_life
from agoranomos.engine.market.plots.disguised_brand import copy_title
from agoranomos.engine.market.rhythm import DAY, HOUR, MINUTE, at_work
from agoranomos.engine.market.sellers import application, new_person, new_store, opened
from agoranomos.engine.market.shops import Listing, Store
from agoranomos.engine.market.streams import Stream
from agoranomos.engine.market.truth import Truth
from agoranomos.engine.market.world import World

_MISTAKEN: Final = 0.04
"""Of the notices in bad faith are upheld all the same."""
_RIGHT: Final = 0.95
"""Of the others are upheld."""
_COUNTERED: Final = {"bad faith": 0.9, "honest holder": 0.1}
_DEMANDS: Final = {
    "bad faith": "该商品标题使用了我方注册商标，要求立即下架。",
    "honest holder": "经购买鉴定，该链接销售的商品系假冒我方品牌，非我方生产或授权。",
}
_ANSWERS: Final = {"bad faith": "该词为通用词汇，商品为自有品牌，附检测报告。", "honest holder": "是正品。"}


class BadFaithNotices(msgspec.Struct, frozen=True, kw_only=True):
    """See the module. From day `day` (from 0) on, over `days` days, the one holder files `bad` notices against
    `victims` stores, the other `good` ones against `copiers`, each of whose copies is ordered `orders` times before.
    """

    day: int = 4
    days: int = 20
    bad: int = 24
    good: int = 8
    victims: int = 6
    copiers: int = 2
    orders: int = 3
    name: str = "bad-faith-notices"
    desk: str = "goods"
    about: str = "one rights holder harasses honest competitors with notices, another is right"

    def plant(self, world: World, stream: Stream) -> Life:
        """Both holders, with the stores that they complain of."""
        yield self._holder(world, stream.child("bad"), "bad faith", self.victims, self.bad)
        yield self._holder(world, stream.child("good"), "honest holder", self.copiers, self.good)

    def _holder(self, world: World, stream: Stream, role: str, stores: int, notices: int) -> Life:
        """One rights holder, whose brand registers first."""
        holder_id, brand_id = stream.token("holder-"), stream.token("brand-")
        at = world.start - stream.between(60 * DAY, 90 * DAY)
        yield at
        names = ["Happy Home"] if role == "bad faith" else ["Vantaro"]
        data = {"brand_id": brand_id, "names": names}
        yield say(stream, at, "brand.registered", data)
        begins = world.start + self.day * DAY
        yield self._row("principal", holder_id, role, begins, brand_id)
        for number in range(stores):
            filed = [self._filing(world, stream, notices, each) for each in range(number, notices, stores)]
            yield self._store(world, stream.child("store").child(number), role, (holder_id, brand_id), filed)

    def _filing(self, world: World, stream: Stream, notices: int, number: int) -> tuple[int, Stream]:
        """When a notice is filed, spread evenly over the days, and the stream of what happens to it."""
        one = stream.child("notice").child(number)
        gap = self.days * DAY // notices
        return at_work(world.start + self.day * DAY + number * gap + one.below(max(1, gap // 2))), one

    def _store(
        self, world: World, stream: Stream, role: str, holder: tuple[str, str], filed: list[tuple[int, Stream]]
    ) -> Life:
        """A store that opened before the market's first day, and the notices against it."""
        person, seller_id = new_person(stream.child("person")), stream.token("u")
        applied = at_work(world.start - stream.between(35 * DAY, 50 * DAY))
        yield applied
        yield from application(stream, seller_id, person, applied, "approved")
        store = new_store(stream, seller_id, person, at_work(applied + 6 * DAY))
        kinds = tuple(kind for kind in store.categories if kind is not TOP_UP)
        store = msgspec.structs.replace(store, categories=kinds or store.categories)
        yield from opened(stream, store)
        part = "seller of copies" if role == "honest holder" else "victim"
        yield self._row("store", store.store_id, part, world.start + self.day * DAY, holder[1])
        for at, one in filed:
            yield self._notice(world, one, store, role, holder, at)

    def _notice(
        self, world: World, stream: Stream, store: Store, role: str, holder: tuple[str, str], filed: int
    ) -> Life:
        """A listing appears, is ordered where it is a copy, and the notice runs its course."""
        listed = filed - stream.between(2 * DAY, 3 * DAY)
        yield listed
        copied = role == "honest holder"
        listing = _listing(stream.child("listing"), store, copied=copied)
        yield self._row("listing", listing.listing_id, "copy" if copied else "harassed", listed, holder[1])
        yield say(stream, listed, "listing.submitted", listing.data)
        for number in range(self.orders if copied else 0):
            one = stream.child("order").child(number)
            order = new_order(one, world.buyers.orderer(one), store, listing, 1)
            yield order_life(world, one, order, listed + one.between(HOUR, 40 * HOUR))
        yield filed
        notice_id = stream.token("notice-")
        data = {
            "notice_id": notice_id, "rights_holder_id": holder[0], "brand_id": holder[1],
            "listing_ids": [listing.listing_id], "kind": "counterfeit" if copied else "trademark",
            "statement": _DEMANDS[role],
        }  # fmt: skip
        yield say(stream, filed, "notice.filed", data)
        at = filed
        if stream.chance(_COUNTERED[role]):
            at += stream.between(3 * HOUR, 2 * DAY)
            yield say(stream, at, "notice.countered", {"notice_id": notice_id, "statement": _ANSWERS[role]})
        at = at_work(max(at, filed + 3 * DAY) + stream.between(HOUR, DAY))
        upheld = stream.chance(_RIGHT if copied else _MISTAKEN)
        yield say(stream, at, "notice.decided", {"notice_id": notice_id, "outcome": "upheld" if upheld else "rejected"})
        if upheld:
            removed = {"listing_id": listing.listing_id, "by": "platform"}
            yield say(stream, at + stream.between(MINUTE, HOUR), "listing.removed", removed)

    def _row(self, kind: str, subject_id: str, role: str, at: int, notes: str) -> Truth:
        return Truth(
            kind="plot", subject_kind=kind, subject_id=subject_id, plot=self.name, role=role, started_at=at, notes=notes
        )


def _listing(stream: Stream, store: Store, *, copied: bool) -> Listing:
    listing = new_listing(stream, store, ())
    if copied:
        price = max(100, listing.price // 5)
        listing.price = price
        listing.data = {
            **listing.data,
            "title": copy_title(stream, listing.category, "Vantaro"),
            "price": cny(price),
        }
    return listing
