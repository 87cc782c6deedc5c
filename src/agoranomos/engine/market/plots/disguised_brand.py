"""Stores that sell copies: the brand's name disguised, words of the trade beside it, at a fraction of the price.

The disguises are those that sellers use in the open: look-alike letters and digits, full width, signs and spaces within
the name. Each store also offers ordinary goods under plain names, which nobody should take for copies.
"""

from __future__ import annotations

from typing import Any, Final

import msgspec

from agoranomos.engine.market import goods
from agoranomos.engine.market.catalogue import new_listing
from agoranomos.engine.market.lives import Life, cny, say
from agoranomos.engine.market.rhythm import DAY, HOUR, MINUTE, at_work
from agoranomos.engine.market.sellers import application, new_person, new_store, opened
from agoranomos.engine.market.shops import Store
from agoranomos.engine.market.streams import Stream
from agoranomos.engine.market.truth import Truth
from agoranomos.engine.market.world import World

_LEET: Final = str.maketrans("oOiIeEaAsS", "001133@@55")
_TRADE: Final = ("莆田 纯原 1:1", "顶级复刻 一比一", "高仿 专柜同款", "原单尾货 1:1", "复刻 支持验货")
_FRACTION: Final = (0.08, 0.25)
"""Of the median price of such goods."""


class DisguisedBrand(msgspec.Struct, frozen=True):
    """See the module. `stores` stores open on day `day` (from 0) and list `copies` copies and `plain` ordinary goods
    each, over `days` days.
    """

    day: int = 1
    days: int = 3
    stores: int = 3
    copies: int = 8
    plain: int = 4
    name: str = "disguised-brand"
    desk: str = "goods"
    about: str = "stores sell copies under disguised names of brands"

    def plant(self, world: World, stream: Stream) -> Life:
        """One life for each store."""
        for number in range(self.stores):
            yield self._store(world, stream.child("store").child(number))

    def _store(self, world: World, stream: Stream) -> Life:
        person, seller_id = new_person(stream.child("person")), stream.token("u")
        applied = at_work(world.start - stream.between(20 * DAY, 60 * DAY))
        yield applied
        yield from application(stream, seller_id, person, applied, "approved")
        opens = at_work(world.start + self.day * DAY)
        yield opens
        store = new_store(stream, seller_id, person, opens)
        yield from opened(stream, store)
        yield self._row("store", store.store_id, "seller of copies", opens, seller_id)
        last = opens + HOUR
        for number in range(self.copies + self.plain):
            one = stream.child("listing").child(number)
            # A store that opens lists within working days, one after another.
            last += one.between(5 * MINUTE, max(6, self.days * 24 * 60 // (self.copies + self.plain)) * MINUTE)
            yield last
            if number < self.copies:
                yield from self._copy(world, one, store, last, seller_id)
            else:
                yield say(one, last, "listing.submitted", new_listing(one, store, ()).data)

    def _copy(self, world: World, stream: Stream, store: Store, at: int, notes: str) -> Life:
        brand = stream.choice(world.settings.brands)
        kind = stream.choice(tuple(goods.BY_CODE[code] for code in brand.categories if code in goods.BY_CODE))
        listing = new_listing(stream, msgspec.structs.replace(store, categories=(kind,)), ())
        low, high = _FRACTION
        data: dict[str, Any] = {
            **listing.data,
            "title": copy_title(stream, kind, brand.names[0]),
            "price": cny(round(kind.price * (low + (high - low) * stream.random()))),
        }
        yield self._row("listing", listing.listing_id, "copy", at, notes)
        yield say(stream, at, "listing.submitted", data)

    def _row(self, kind: str, subject_id: str, role: str, at: int, notes: str) -> Truth:
        return Truth(
            kind="plot", subject_kind=kind, subject_id=subject_id, plot=self.name, role=role, started_at=at, notes=notes
        )


def copy_title(stream: Stream, kind: goods.Category, name: str) -> str:
    """The title of a copy: disguised name, what it is, a word of the trade."""
    return (
        f"{disguised(stream, name)} {stream.choice(kind.chinese)} {stream.choice(kind.traits)} {stream.choice(_TRADE)}"
    )


def disguised(stream: Stream, name: str) -> str:
    """`name` as it is written to be read by people and missed by filters."""
    match stream.below(4):
        case 0:
            return name.translate(_LEET) if name.translate(_LEET) != name else _wide(name)
        case 1:
            return _wide(name)
        case 2:
            return stream.choice(".*-·").join(name)
        case _:
            return " ".join(name)


def _wide(name: str) -> str:
    """Full-width letters."""
    return "".join(chr(ord(letter) + 0xFEE0) if "!" <= letter <= "~" else letter for letter in name)
