"""Where the rules of frozen money look things up: the port, and its form in memory for a replay."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime, timedelta
from typing import Protocol

import msgspec

from agoranomos.engine.stream.ageing import Ageing
from agoranomos.engine.stream.timers import Timers
from agoranomos.kernel.calendar import after, day_of
from agoranomos.sellers.freeze.model import Freeze, Part, Release, Scope


class Cabinet(Protocol):
    """What is known of orders, freezes and payouts."""

    def parts_of_order(self, order_id: str) -> list[Part]: ...

    def parts_under(self, scope: Scope, scope_id: str, since: datetime) -> list[Part]:
        """The parts of orders placed at `since` or later that come under a listing or store; of an order all."""

    def parts_held(self, freeze_id: str) -> list[Part]: ...
    def put_parts(self, parts: Sequence[Part]) -> None: ...
    def freeze(self, freeze_id: str) -> Freeze | None: ...

    def standing(self, scope: Scope, scope_id: str) -> Freeze | None:
        """The freeze that holds money of this now; there is at most one."""

    def covering(self, part: Part) -> list[Freeze]:
        """The freezes that a part comes under now: that of its order, its listing, its store, in this order."""

    def put_freeze(self, freeze: Freeze) -> None: ...
    def caused_by(self, cause: str) -> list[str]: ...
    def releases(self, freeze_id: str) -> list[Release]: ...
    def put_release(self, release: Release) -> None: ...
    def put_payout(self, payout_id: str, order_ids: Sequence[str]) -> None: ...
    def orders_of_payout(self, payout_id: str) -> list[str]: ...

    def suspect(self, listing_id: str, buyer_id: str, at: datetime, since: datetime) -> int:
        """Notes that a buyer suspects a fake; how many different buyers did since then."""

    def suspected_by(self, listing_id: str, buyer_id: str) -> bool:
        """Whether the buyer was noted to suspect the listing."""

    def put_notice(self, notice_id: str, listing_ids: Sequence[str]) -> None: ...
    def listings_of_notice(self, notice_id: str) -> list[str]: ...

    def held_of(self, store_id: str) -> list[Freeze]:
        """The freezes that hold money of a store now, in the order of their ids."""

    def free_of(self, store_id: str, currency: str, since: datetime) -> int:
        """What the store may ask for, of orders since then."""

    def next_due(self) -> datetime | None: ...

    def due(self, now: datetime) -> list[str]:
        """The freezes whose time is over, in the order of their ids."""


class _State(msgspec.Struct):
    parts: dict[str, list[Part]]
    freezes: dict[str, Freeze]
    releases: dict[str, Release]
    payouts: dict[str, list[str]]
    suspects: dict[str, dict[str, datetime]]
    notices: dict[str, list[str]]


class MemoryCabinet:
    """See `Cabinet`. Orders are forgotten `kept` after they were placed, unless money of them is held."""

    def __init__(self, kept: timedelta) -> None:
        self._kept = kept
        self._swept_at: datetime | None = None
        self._known = _State({}, {}, {}, {}, {}, {})
        self._index()

    def parts_of_order(self, order_id: str) -> list[Part]:
        """See `Cabinet`."""
        return list(self._known.parts.get(order_id, ()))

    def parts_under(self, scope: Scope, scope_id: str, since: datetime) -> list[Part]:
        """See `Cabinet`."""
        if scope == "order":
            return self.parts_of_order(scope_id)
        orders = sorted(self._orders.get((scope, scope_id), ()))
        parts = (part for order_id in orders for part in self._known.parts[order_id])
        return [part for part in parts if part.placed_at >= since and (scope == "store" or part.listing_id == scope_id)]

    def parts_held(self, freeze_id: str) -> list[Part]:
        """See `Cabinet`."""
        orders = sorted(self._held.get(freeze_id, ()))
        return [part for order_id in orders for part in self._known.parts[order_id] if part.freeze_id == freeze_id]

    def put_parts(self, parts: Sequence[Part]) -> None:
        """See `Cabinet`."""
        for part in parts:
            there = self._known.parts.get(part.order_id)
            if there is None:
                there = self._known.parts[part.order_id] = []
                self._ages.note(part.order_id, day_of(part.placed_at))
            place = next((at for at, each in enumerate(there) if each.listing_id == part.listing_id), None)
            if place is None:
                there.append(part)
            else:
                there[place] = part
            self._file(part)
        for moment in {part.placed_at for part in parts}:
            self._sweep(moment)

    def freeze(self, freeze_id: str) -> Freeze | None:
        """See `Cabinet`."""
        return self._known.freezes.get(freeze_id)

    def standing(self, scope: Scope, scope_id: str) -> Freeze | None:
        """See `Cabinet`."""
        found = self._known.freezes.get(self._standing.get((scope, scope_id), ""))
        return found if found is not None and found.state == "held" else None

    def covering(self, part: Part) -> list[Freeze]:
        """See `Cabinet`."""
        found = (self.standing(*each) for each in scopes_of(part))
        return [each for each in found if each is not None]

    def put_freeze(self, freeze: Freeze) -> None:
        """See `Cabinet`."""
        self._known.freezes[freeze.freeze_id] = freeze
        self._note(freeze)

    def caused_by(self, cause: str) -> list[str]:
        """See `Cabinet`."""
        return sorted(self._causes.get(cause, ()))

    def releases(self, freeze_id: str) -> list[Release]:
        """See `Cabinet`."""
        found = (each for each in self._known.releases.values() if each.freeze_id == freeze_id)
        return sorted(found, key=lambda each: (each.asked_at, each.action_id))

    def put_release(self, release: Release) -> None:
        """See `Cabinet`."""
        self._known.releases[release.action_id] = release

    def put_payout(self, payout_id: str, order_ids: Sequence[str]) -> None:
        """See `Cabinet`."""
        self._known.payouts[payout_id] = list(order_ids)

    def orders_of_payout(self, payout_id: str) -> list[str]:
        """See `Cabinet`."""
        return self._known.payouts.get(payout_id, [])

    def suspect(self, listing_id: str, buyer_id: str, at: datetime, since: datetime) -> int:
        """See `Cabinet`."""
        seen = self._known.suspects.setdefault(listing_id, {})
        seen[buyer_id] = max(at, seen.get(buyer_id, at))
        return sum(each >= since for each in seen.values())

    def suspected_by(self, listing_id: str, buyer_id: str) -> bool:
        """See `Cabinet`."""
        return buyer_id in self._known.suspects.get(listing_id, {})

    def put_notice(self, notice_id: str, listing_ids: Sequence[str]) -> None:
        """See `Cabinet`."""
        self._known.notices[notice_id] = list(listing_ids)

    def listings_of_notice(self, notice_id: str) -> list[str]:
        """See `Cabinet`."""
        return self._known.notices.get(notice_id, [])

    def held_of(self, store_id: str) -> list[Freeze]:
        """See `Cabinet`."""
        found = (self._known.freezes[each] for each in sorted(self._of_store.get(store_id, ())))
        return [each for each in found if each.state == "held"]

    def free_of(self, store_id: str, currency: str, since: datetime) -> int:
        """See `Cabinet`."""
        known, free = self._known.parts, 0
        for order_id in self._orders.get(("store", store_id), ()):  # all that it sold: in no order, as sums have none
            for part in known[order_id]:
                if part.currency == currency and part.placed_at >= since:
                    free += part.free
        return free

    def next_due(self) -> datetime | None:
        """See `Cabinet`."""
        return self._timers.due()

    def due(self, now: datetime) -> list[str]:
        """See `Cabinet`."""
        return sorted(self._timers.ring(now))

    def state(self) -> bytes:
        """Everything that it knows."""
        return msgspec.msgpack.encode(self._known)

    def resume(self, state: bytes) -> None:
        """See `state`."""
        self._known = msgspec.msgpack.decode(state, type=_State)
        self._index()

    def _index(self) -> None:
        self._orders: dict[tuple[Scope, str], set[str]] = {}
        self._held: dict[str, set[str]] = {}
        self._standing: dict[tuple[Scope, str], str] = {}
        self._causes: dict[str, set[str]] = {}
        self._of_store: dict[str, set[str]] = {}
        self._timers = Timers()
        self._ages = Ageing[str]()
        for order_id, parts in self._known.parts.items():
            if parts:
                self._ages.note(order_id, day_of(parts[0].placed_at))
            for part in parts:
                self._file(part)
        for freeze in self._known.freezes.values():
            self._note(freeze)

    def _file(self, part: Part) -> None:
        for key in self._keys(part):
            self._orders.setdefault(key, set()).add(part.order_id)
        if part.freeze_id:
            self._held.setdefault(part.freeze_id, set()).add(part.order_id)

    def _note(self, freeze: Freeze) -> None:
        if freeze.state == "held":
            self._standing[freeze.scope, freeze.scope_id] = freeze.freeze_id
            self._timers.set(freeze.freeze_id, freeze.ends_at)
        else:
            self._timers.cancel(freeze.freeze_id)
        for cause in freeze.causes:
            self._causes.setdefault(cause, set()).add(freeze.freeze_id)
        self._of_store.setdefault(freeze.store_id, set()).add(freeze.freeze_id)

    def _sweep(self, now: datetime) -> None:
        if self._swept_at is not None and now - self._swept_at < timedelta(days=1):
            return
        self._swept_at = now
        before = after(now, -self._kept)
        for name in self._ages.until(day_of(before)):
            parts = self._known.parts[name]
            if any(part.placed_at >= before or part.held for part in parts):
                self._ages.note(name, day_of(before))  # a look at what is held each day, and at nothing else
                continue
            for part in self._known.parts.pop(name):
                for key in self._keys(part):
                    self._orders.get(key, set()).discard(name)

    def _keys(self, part: Part) -> Iterable[tuple[Scope, str]]:
        return ("listing", part.listing_id), ("store", part.store_id)


def scopes_of(part: Part) -> tuple[tuple[Scope, str], ...]:
    """What a part belongs to, the narrowest first."""
    return ("order", part.order_id), ("listing", part.listing_id), ("store", part.store_id)
