"""Where the rules of notices look things up: the port, and its form in memory for a replay."""

from __future__ import annotations

from datetime import datetime
from typing import Protocol

import msgspec

from agoranomos.goods.notices.model import BrandFacts, Notice, Record


class Cabinet(Protocol):
    """What is known of notices, holders, brands and cases."""

    def get(self, notice_id: str) -> Notice | None: ...
    def put(self, notice: Notice) -> None: ...

    def waiting_about(self, listing_id: str) -> list[Notice]:
        """The notices that wait and decide about the listing themselves, the earliest first."""

    def record(self, rights_holder_id: str) -> Record: ...

    def strikes(self, brand_id: str, store_id: str) -> list[str]:
        """The notices by the brand that stand upheld against the store: their ids, in order."""

    def upheld_about(self, listing_id: str) -> list[str]:
        """The notices that stand upheld about the listing: their ids, in order."""

    def brand(self, brand_id: str) -> BrandFacts: ...
    def put_brand(self, brand_id: str, facts: BrandFacts) -> None: ...
    def notice_of_case(self, case_id: str) -> str | None: ...
    def put_case(self, case_id: str, notice_id: str) -> None: ...

    def next_due(self) -> datetime | None:
        """When the next decision is owed of which nobody was told that it is late."""

    def late(self, now: datetime) -> list[Notice]:
        """Those whose time is over by `now` and of which nobody was told, in the order of their ids."""


class _State(msgspec.Struct):
    notices: dict[str, Notice]
    brands: dict[str, BrandFacts]
    cases: dict[str, str]


class MemoryCabinet:
    """See `Cabinet`."""

    def __init__(self) -> None:
        self._known = _State({}, {}, {})
        self._next: datetime | None = None
        self._stale = True
        self._index()

    def get(self, notice_id: str) -> Notice | None:
        """See `Cabinet`."""
        return self._known.notices.get(notice_id)

    def put(self, notice: Notice) -> None:
        """See `Cabinet`."""
        before = self._known.notices.get(notice.notice_id)
        if before is not None:
            self._unfile(before)
        self._known.notices[notice.notice_id] = notice
        self._file(notice)

    def waiting_about(self, listing_id: str) -> list[Notice]:
        """See `Cabinet`."""
        found = [self._known.notices[each] for each in self._about.get(listing_id, ())]
        return sorted(found, key=lambda each: (each.filed_at, each.notice_id))

    def record(self, rights_holder_id: str) -> Record:
        """See `Cabinet`."""
        shares = self._records.get(rights_holder_id, {})
        return Record(sum(shares[each] for each in sorted(shares)), len(shares))

    def strikes(self, brand_id: str, store_id: str) -> list[str]:
        """See `Cabinet`."""
        return sorted(self._strikes.get((brand_id, store_id), ()))

    def upheld_about(self, listing_id: str) -> list[str]:
        """See `Cabinet`."""
        return sorted(self._upheld.get(listing_id, ()))

    def brand(self, brand_id: str) -> BrandFacts:
        """See `Cabinet`."""
        return self._known.brands.get(brand_id) or BrandFacts()

    def put_brand(self, brand_id: str, facts: BrandFacts) -> None:
        """See `Cabinet`."""
        self._known.brands[brand_id] = facts

    def notice_of_case(self, case_id: str) -> str | None:
        """See `Cabinet`."""
        return self._known.cases.get(case_id)

    def put_case(self, case_id: str, notice_id: str) -> None:
        """See `Cabinet`."""
        self._known.cases[case_id] = notice_id

    def next_due(self) -> datetime | None:
        """See `Cabinet`."""
        if self._stale:  # asked after every event, and changed by few
            self._next, self._stale = min(self._owed.values(), default=None), False
        return self._next

    def late(self, now: datetime) -> list[Notice]:
        """See `Cabinet`."""
        return [self._known.notices[name] for name in sorted(self._owed) if self._owed[name] <= now]

    def state(self) -> bytes:
        """Everything that it knows."""
        return msgspec.msgpack.encode(self._known)

    def resume(self, state: bytes) -> None:
        """See `state`."""
        self._known = msgspec.msgpack.decode(state, type=_State)
        self._stale = True
        self._index()

    def _index(self) -> None:
        self._about: dict[str, set[str]] = {}
        self._records: dict[str, dict[str, float]] = {}
        self._strikes: dict[tuple[str, str], set[str]] = {}
        self._upheld: dict[str, set[str]] = {}
        self._owed: dict[str, datetime] = {}
        for notice in self._known.notices.values():
            self._file(notice)

    def _file(self, notice: Notice) -> None:
        name = notice.notice_id
        self._stale = True
        if notice.waits:
            for target in notice.own:
                self._about.setdefault(target.listing_id, set()).add(name)
            if notice.decide_by is not None and not notice.overdue_told:
                self._owed[name] = notice.decide_by
        if (share := notice.share_upheld) is not None:
            self._records.setdefault(notice.rights_holder_id, {})[name] = share
        for store_id in notice.stores("upheld"):
            self._strikes.setdefault((notice.brand_id, store_id), set()).add(name)
        for target in notice.targets:
            if target.outcome == "upheld":
                self._upheld.setdefault(target.listing_id, set()).add(name)

    def _unfile(self, notice: Notice) -> None:
        name = notice.notice_id
        for target in notice.targets:
            self._about.get(target.listing_id, set()).discard(name)
            self._upheld.get(target.listing_id, set()).discard(name)
        self._owed.pop(name, None)
        self._records.get(notice.rights_holder_id, {}).pop(name, None)
        for store_id in notice.stores():
            self._strikes.get((notice.brand_id, store_id), set()).discard(name)
