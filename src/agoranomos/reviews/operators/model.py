"""A place of work: a device, a network address or a payee, the stores that it is seen at, and what happens there."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Literal

import msgspec

from agoranomos.kernel.calendar import after

Kind = Literal["device", "network", "payee"]
EVENTS_KEPT = 40
ACCOUNTS_KEPT = 100


class AtStore(msgspec.Struct):
    """What happened at one store: since when it is seen there and when last; bulk reads of orders and of reviews; how
    many bad reviews stood there or came, of how many the author was contacted after a bulk read, how many ended.
    """

    since: datetime
    last: datetime
    exported: datetime | None = None
    harvested: datetime | None = None
    bad: int = 0
    contacted: list[str] = []
    ended: list[str] = []
    paid: int = 0

    def read(self) -> datetime | None:
        """When something was last read there in bulk."""
        moments = [each for each in (self.exported, self.harvested) if each is not None]
        return max(moments, default=None)


class Place(msgspec.Struct):
    """See the module. `accounts` signed in from it; `nights` of its `sessions` were between midnight and six."""

    kind: Kind
    key: str
    stores: dict[str, AtStore] = msgspec.field(default_factory=dict)
    accounts: list[str] = msgspec.field(default_factory=list)
    sessions: int = 0
    nights: int = 0
    event_ids: list[str] = msgspec.field(default_factory=list)

    def at(self, store_id: str, now: datetime, standing: int) -> AtStore:
        """The store, from now on if it is new; `standing` bad reviews are there then."""
        found = self.stores.get(store_id)
        if found is None:
            found = self.stores[store_id] = AtStore(now, now, bad=standing, contacted=[], ended=[])
        found.last = max(now, found.last)
        return found

    def size(self) -> int:
        """How much there is: stores, authors contacted, reviews that ended."""
        return sum(1 + len(each.contacted) + len(each.ended) for each in self.stores.values())

    def note(self, event_id: str) -> None:
        """An event that speaks against it; the first ones are kept."""
        if len(self.event_ids) < EVENTS_KEPT:
            self.event_ids.append(event_id)

    def forget(self, before: datetime) -> None:
        """Stores where it was not seen since."""
        self.stores = {name: each for name, each in self.stores.items() if each.last >= before}


class PaidOnce(msgspec.Struct, frozen=True):
    """What one store paid somebody, and when last."""

    store_id: str
    at: datetime
    amount: int


class Contract(msgspec.Struct, frozen=True):
    """What a partner may do for which stores."""

    store_ids: frozenset[str]
    ends_at: datetime


class Signed(msgspec.Struct, frozen=True):
    """The last session of an account: at which store, from which places."""

    store_id: str
    places: tuple[str, ...]
    at: datetime

    def holds(self, now: datetime, hours: int) -> bool:
        """Whether what the account does now it may well do from there."""
        return now <= after(self.at, timedelta(hours=hours))
