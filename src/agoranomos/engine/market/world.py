"""What the lives of one market share: who is there now. Only the market's own lives change it, never a plot's."""

from __future__ import annotations

from datetime import date
from typing import Final

import msgspec

from agoranomos.engine.market.goods import INVENTED_BRANDS, Brand
from agoranomos.engine.market.people import Buyer, Buyers
from agoranomos.engine.market.rhythm import DAY, midnight
from agoranomos.engine.market.shops import Shelves, Store
from agoranomos.engine.market.streams import Stream

ORDERS_PER_BUYER_DAY: Final = 0.1
"""Three a month on average; the median buyer orders less than half of that."""
CLAIMS_PER_BUYER_DAY: Final = 0.35 / 30.0


class Settings(msgspec.Struct, frozen=True, kw_only=True):
    """What a market is made from. `start` is its first day (Asia/Shanghai); `sellers` and `buyers` are there on it."""

    seed: int
    start: date
    days: int
    sellers: int = 200
    buyers: int = 5_000
    brands: tuple[Brand, ...] = INVENTED_BRANDS


class Partner(msgspec.Struct, eq=False):
    """An API client that works for stores. `people` are those whom it has business with, at most `people_max`."""

    principal_id: str
    purposes: tuple[str, ...]
    fields: tuple[str, ...]
    people_max: float
    ends_at: int
    ip: str
    store_ids: frozenset[str] = frozenset()
    people: list[str] = []
    known: set[str] = set()


class World:
    """The market as it is at the moment that is being told."""

    def __init__(self, settings: Settings) -> None:
        self.settings = settings
        self.root = Stream.of(settings.seed, "market")
        self.start = midnight(settings.start)
        self.end = self.start + settings.days * DAY
        self.buyers = Buyers(self.root.child("buyers"), settings.buyers)
        self.shelves = Shelves()
        self._serving: dict[str, list[Partner]] = {}
        self.staff: list[str] = [self.root.child("staff").child(n).token("w") for n in range(staff_count(settings))]

    def book(self, store: Store, buyer: Buyer, order_id: str, paid: int) -> None:
        """Notes that a buyer ordered from a store: what the store and its partners may look up, and is owed to it."""
        store.buyers.append(buyer.account_id)
        store.order_ids.append(order_id)
        store.takings += paid
        for partner in self._serving.get(store.store_id, ()):
            _enrol(partner, buyer.account_id)

    def engage(self, partner: Partner, store_ids: frozenset[str]) -> None:
        """From now on `partner` works for these stores and no others."""
        for store_id in partner.store_ids:
            self._serving[store_id].remove(partner)
        partner.store_ids = store_ids
        for store_id in store_ids:
            self._serving.setdefault(store_id, []).append(partner)

    def clerk(self, stream: Stream) -> str:
        """Somebody of the staff."""
        return stream.choice(self.staff)


def _enrol(partner: Partner, account_id: str) -> None:
    if len(partner.people) < partner.people_max and account_id not in partner.known:
        partner.known.add(account_id)
        partner.people.append(account_id)


def staff_count(settings: Settings) -> int:
    """Clerks of the platform: one for about 40 sellers, at least eight."""
    return max(8, settings.sellers // 40)
