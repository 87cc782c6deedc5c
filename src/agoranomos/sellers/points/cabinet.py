"""Where the rules of points look things up: the port, and its form in memory for a replay."""

from __future__ import annotations

from datetime import datetime
from typing import Literal, Protocol

import msgspec

from agoranomos.engine.stream.timers import Timers
from agoranomos.sellers.points.model import Decided, History

AskedKind = Literal["warn", "points", "suspend", "close"]


class Booked(msgspec.Struct, frozen=True):
    """A change of points as it stands in the ledger, under the id `entry_id`."""

    at: datetime
    case_id: str
    amount: int
    entry_id: str


class Asked(msgspec.Struct, frozen=True, kw_only=True):
    """What the marketplace was asked to do about a case, and is to have in force.

    `left` are the points of it that were not given back; `ends_at` is the end of a suspension.
    """

    kind: AskedKind
    case_id: str
    action_id: str
    store_id: str = ""
    points: int = 0
    left: int = 0
    days: int = 0
    ends_at: datetime | None = None


class Sheet(msgspec.Struct, frozen=True, kw_only=True):
    """All that is kept of one seller: the facts, what is booked, what was asked, and when to look again.

    `entries` counts entries of the ledger, for their ids, `offences` those that stand; `said` are the ids of all
    actions that were asked for; `as_of` is the moment that it was last looked at.
    """

    seller_id: str
    history: History = History()
    booked: tuple[Booked, ...] = ()
    asked: tuple[Asked, ...] = ()
    said: tuple[str, ...] = ()
    entries: int = 0
    offences: int = 0
    as_of: datetime | None = None
    due_at: datetime | None = None


class Cabinet(Protocol):
    """What is known of sellers, stores and cases."""

    def sheet(self, seller_id: str) -> Sheet | None: ...
    def put(self, sheet: Sheet) -> None: ...
    def seller_of_store(self, store_id: str) -> str | None: ...
    def put_store(self, store_id: str, seller_id: str) -> None: ...
    def seller_of_case(self, case_id: str) -> str | None: ...
    def put_case(self, case_id: str, seller_id: str) -> None: ...

    def wait_for(self, key: str, decided: Decided) -> None:
        """Keeps a decision until `take_waiting` asks for the store or case `key`."""

    def take_waiting(self, key: str) -> list[Decided]: ...

    def store_of_listing(self, listing_id: str) -> str | None:
        """The store that offers, or offered, the listing; None when nobody said."""

    def next_due(self) -> datetime | None: ...

    def due(self, now: datetime) -> list[str]:
        """The sellers whom somebody has to look at by `now`, in the order of their ids."""


class _State(msgspec.Struct):
    sheets: dict[str, Sheet]
    stores: dict[str, str]
    cases: dict[str, str]
    waiting: dict[str, list[Decided]]
    listings: dict[str, str]
    timers: bytes = b""


class MemoryCabinet:
    """See `Cabinet`."""

    def __init__(self) -> None:
        self._known = _State({}, {}, {}, {}, {})
        self._timers = Timers()

    def sheet(self, seller_id: str) -> Sheet | None:
        """See `Cabinet`."""
        return self._known.sheets.get(seller_id)

    def put(self, sheet: Sheet) -> None:
        """See `Cabinet`."""
        self._known.sheets[sheet.seller_id] = sheet
        if sheet.due_at is None:
            self._timers.cancel(sheet.seller_id)
        else:
            self._timers.set(sheet.seller_id, sheet.due_at)

    def seller_of_store(self, store_id: str) -> str | None:
        """See `Cabinet`."""
        return self._known.stores.get(store_id)

    def put_store(self, store_id: str, seller_id: str) -> None:
        """See `Cabinet`."""
        self._known.stores[store_id] = seller_id

    def seller_of_case(self, case_id: str) -> str | None:
        """See `Cabinet`."""
        return self._known.cases.get(case_id)

    def put_case(self, case_id: str, seller_id: str) -> None:
        """See `Cabinet`."""
        self._known.cases[case_id] = seller_id

    def wait_for(self, key: str, decided: Decided) -> None:
        """See `Cabinet`."""
        waiting = self._known.waiting.setdefault(key, [])
        if decided not in waiting:
            waiting.append(decided)

    def take_waiting(self, key: str) -> list[Decided]:
        """See `Cabinet`."""
        return sorted(self._known.waiting.pop(key, []))

    def store_of_listing(self, listing_id: str) -> str | None:
        """See `Cabinet`."""
        return self._known.listings.get(listing_id)

    def put_listing(self, listing_id: str, store_id: str) -> None:
        """Who offers it, as `listing.submitted` says."""
        self._known.listings[listing_id] = store_id

    def next_due(self) -> datetime | None:
        """See `Cabinet`."""
        return self._timers.due()

    def due(self, now: datetime) -> list[str]:
        """See `Cabinet`; whoever is looked at is put back, with the next time."""
        return sorted(self._timers.ring(now))

    def offenders(self) -> list[str]:
        """The sellers against whom a case stands."""
        return [name for name, sheet in self._known.sheets.items() if sheet.offences]

    def state(self) -> bytes:
        """Everything that it knows."""
        self._known.timers = self._timers.state()
        return msgspec.msgpack.encode(self._known)

    def resume(self, state: bytes) -> None:
        """See `state`."""
        self._known = msgspec.msgpack.decode(state, type=_State)
        self._timers = Timers()
        self._timers.resume(self._known.timers)
