"""Sellers, their stores, what stands on the shelves, and where a buyer's choice falls."""

from __future__ import annotations

from collections import deque
from itertools import accumulate
from typing import Any, Final

import msgspec

from agoranomos.engine.market.goods import Brand, Category
from agoranomos.engine.market.streams import Stream

_REMEMBERED: Final = 60
"""Latest buyers of a store that its people look up in lists."""


class Person(msgspec.Struct, frozen=True):
    """Who stands behind a store, as `seller.applied` says it; `female` and `birth_date` (ISO) where it is a person."""

    legal_name: str
    id_kind: str
    id_number: str
    birth_date: str
    phone: str
    bank_account: str
    address: str
    region: str
    device_id: str
    ip: str
    email: str = ""
    licence_number: str = ""
    city: str = ""

    def application(self) -> dict[str, Any]:
        """The fields of an application that are known."""
        fields = {name: getattr(self, name) for name in self.__struct_fields__ if name != "city"}
        return {name: value for name, value in fields.items() if value}


class Listing(msgspec.Struct, eq=False):
    """What is offered. `data` is the full snapshot that events carry; `batch_id` is in it where it is known."""

    listing_id: str
    category: Category
    brand: Brand | None
    price: int
    data: dict[str, Any]
    on_sale: bool = True


class Store(msgspec.Struct, eq=False):
    """A store. `account_id` is the account its people sign in with, `weight` its share of the trade; `takings` (fen)
    are what it has not asked to be paid out.
    """

    store_id: str
    seller_id: str
    account_id: str
    name: str
    person: Person
    categories: tuple[Category, ...]
    weight: float
    size: int
    opened_at: int
    key: int
    listings: list[Listing] = []
    buyers: deque[str] = msgspec.field(default_factory=lambda: deque(maxlen=_REMEMBERED))
    order_ids: list[str] = []
    takings: int = 0
    alive: bool = True


class Shelves:
    """The stores that are open; a buyer's choice falls by weight."""

    def __init__(self) -> None:
        self.stores: list[Store] = []
        self._cumulative: list[float] = []

    def open(self, store: Store) -> None:
        """From now on buyers may choose `store`."""
        self.stores.append(store)
        self._cumulative = []

    def close(self, store: Store) -> None:
        """From now on nobody chooses `store`."""
        store.alive = False
        self.stores.remove(store)
        self._cumulative = []

    def store(self, stream: Stream) -> Store | None:
        """A store by its share of the trade; None when none is open."""
        if not self._cumulative:
            self._cumulative = list(accumulate(store.weight for store in self.stores))
        return stream.pick(self.stores, self._cumulative) if self.stores else None

    def listing(self, stream: Stream) -> tuple[Store, Listing] | None:
        """An article that a buyer chooses: those on the shelf for longest sell best."""
        for _ in range(4):
            store = self.store(stream)
            if store is not None and store.listings:
                return store, choose(stream, store)
        return None

    def anything(self, stream: Stream) -> tuple[Store, Listing] | None:
        """Any article, each store as likely: what someone stumbles upon who does not buy."""
        for _ in range(4):
            if self.stores and (store := stream.choice(self.stores)).listings:
                return store, stream.choice(store.listings)
        return None


def choose(stream: Stream, store: Store) -> Listing:
    """A listing of `store`, which has some."""
    draw = stream.random()
    return store.listings[int(len(store.listings) * draw * draw)]
