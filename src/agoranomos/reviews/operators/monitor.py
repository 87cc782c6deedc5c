"""Watches who signs in for many sellers, what is taken away, who is called then, and whom they all pay.

Nothing wakes it: a place is judged when something happens that speaks against it.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any, Final

import msgspec

from agoranomos.engine.stream.monitor import Out
from agoranomos.kernel.calendar import OFFSET, after, day_of
from agoranomos.kernel.clock import parse_rfc3339
from agoranomos.kernel.events import Event
from agoranomos.reviews.operators.judging import Judged, judged
from agoranomos.reviews.operators.model import ACCOUNTS_KEPT, AtStore, Contract, PaidOnce, Place, Signed
from agoranomos.reviews.operators.policy import Policy
from agoranomos.reviews.operators.telling import NAME, VERSION, Seen, Team, subjects, told
from agoranomos.reviews.standing import Bad, Standing

_SWEPT_DAYS: Final = 7
_MORNING: Final = 6
_READERS: Final = ("merchant", "partner")
_AGAIN_BY: Final = 0.05
_GROWN: Final = 1.5


class _State(msgspec.Struct):
    standing: Standing
    places: dict[str, Place] = msgspec.field(default_factory=dict)
    by_store: dict[str, list[str]] = msgspec.field(default_factory=dict)
    sellers: dict[str, str] = msgspec.field(default_factory=dict)
    signed: dict[str, Signed] = msgspec.field(default_factory=dict)
    contracts: dict[str, Contract] = msgspec.field(default_factory=dict)
    contacts: dict[str, tuple[datetime, list[str]]] = msgspec.field(default_factory=dict)
    """Bad review → when its author was last contacted, and the places that had read in bulk before."""
    paid_once: dict[str, PaidOnce] = msgspec.field(default_factory=dict)
    """Whom stores paid who is paid by one store alone."""
    said: dict[str, tuple[int, float, int, datetime]] = msgspec.field(default_factory=dict)
    """Subject → how often it was said, how surely, of which size, since when."""
    swept: int = 0


class OperatorMonitor:
    """See `engine.stream.Monitor`."""

    def __init__(self, policy: Policy) -> None:
        self.name = NAME
        self.version = f"{VERSION}:{policy.version}"
        self._policy = policy
        self._known = _State(Standing())
        self._hear: Final[Mapping[str, Callable[[Event, Out], None]]] = {
            "contact.made": self._contacted,
            "data.read": self._read,
            "harassment.reported": self._harassed,
            "partner.contracted": self._contract,
            "payment.made": self._paid,
            "review.deleted": self._changed,
            "review.edited": self._changed,
            "review.posted": self._posted,
            "session.started": self._session,
            "store.opened": self._opened,
        }
        self.hears: Iterable[str] = tuple(self._hear)

    def foresee(self, events: Sequence[Event]) -> None:
        """Each is heard as it comes."""

    def hear(self, event: Event, out: Out) -> None:
        """Sessions of merchants, bulk reads, bad reviews and what becomes of them, payments."""
        self._hear[event.type](event, out)

    def due(self) -> datetime | None:
        """Never."""
        return None

    def wake(self, now: datetime, out: Out) -> None:
        """Is not woken."""

    def state(self) -> bytes:
        """Everything that it knows."""
        return msgspec.msgpack.encode(self._known)

    def resume(self, state: bytes) -> None:
        """See `state`."""
        self._known = msgspec.msgpack.decode(state, type=_State)

    def _opened(self, event: Event, out: Out) -> None:  # noqa: ARG002 - as all that hear
        self._known.sellers[event.data["store_id"]] = event.data["seller_id"]

    def _contract(self, event: Event, out: Out) -> None:  # noqa: ARG002 - as all that hear
        ends = parse_rfc3339(event.data["ends_at"])
        self._known.contracts[event.data["principal_id"]] = Contract(frozenset(event.data["store_ids"]), ends)

    def _posted(self, event: Event, out: Out) -> None:  # noqa: ARG002 - as all that hear
        bad = self._known.standing.posted(event, self._policy.rating_max)
        if bad is not None:
            for _, there in self._of_store(bad.store_id):
                there.bad += 1

    def _session(self, event: Event, out: Out) -> None:  # noqa: ARG002 - as all that hear
        data, known, now = event.data, self._known, event.time
        if data["principal_kind"] != "merchant" or not data.get("store_id"):
            return
        self._sweep(now)
        night = after(now, OFFSET).hour < _MORNING
        names = []
        for kind, key in (("device", data.get("device_id")), ("network", data.get("ip"))):
            if not key:
                continue
            name = f"{kind}:{key}"
            place = known.places.get(name) or self._place(name, kind, key)
            place.sessions += 1
            place.nights += night
            if len(place.accounts) < ACCOUNTS_KEPT and data["account_id"] not in place.accounts:
                place.accounts.append(data["account_id"])
            self._seen(name, place, data["store_id"], now)
            names.append(name)
        known.signed[data["account_id"]] = Signed(data["store_id"], tuple(names), now)

    def _place(self, name: str, kind: Any, key: str) -> Place:
        place = self._known.places[name] = Place(kind, key)
        return place

    def _seen(self, name: str, place: Place, store_id: str, now: datetime) -> AtStore:
        if store_id not in place.stores:
            self._known.by_store.setdefault(store_id, []).append(name)
        return place.at(store_id, now, len(self._known.standing.by_store.get(store_id, ())))

    def _of_store(self, store_id: str) -> Iterator[tuple[Place, AtStore]]:
        for name in self._known.by_store.get(store_id, ()):
            place = self._known.places[name]
            yield place, place.stores[store_id]

    def _read(self, event: Event, out: Out) -> None:
        """A bulk read, at the store of the reader, from where he reads or last signed in."""
        data, known = event.data, self._known
        if data["principal_kind"] not in _READERS:
            return
        people = data.get("subject_count") or len(data.get("subject_ids") or ())
        if not data.get("export") and people < self._policy.bulk_people:
            return
        signed = known.signed.get(data["principal_id"])
        if signed is not None and not signed.holds(event.time, self._policy.session_hours):
            signed = None
        store_id = data.get("store_id") or (signed.store_id if signed else None)
        named = [
            f"{kind}:{key}" for kind, key in (("device", data.get("device_id")), ("network", data.get("ip"))) if key
        ]
        if not named and signed is not None:
            named = list(signed.places)
        elif signed is not None and not data.get("device_id"):
            named = [*dict.fromkeys((*named, *signed.places))]
        reviews = "review" in data["endpoint"].casefold() or any("review" in each.casefold() for each in data["fields"])
        for name in named:
            place = known.places.get(name)
            if place is None or store_id not in place.stores:
                continue
            there = place.stores[store_id]
            if reviews:
                there.harvested = event.time
            else:
                there.exported = event.time
            place.note(event.id)
            self._judge(name, event.time, out)

    def _contacted(self, event: Event, out: Out) -> None:
        data = event.data
        if data["direction"] == "to_buyer":
            self._contact(event, self._known.standing.meant(data, data["store_id"], data.get("account_id")), out)

    def _harassed(self, event: Event, out: Out) -> None:
        data = event.data
        self._contact(event, self._known.standing.meant(data, data["store_id"], data["buyer_id"]), out)

    def _contact(self, event: Event, meant: Sequence[Bad], out: Out) -> None:
        known, policy = self._known, self._policy
        for bad in meant:
            names = []
            for place, there in self._of_store(bad.store_id):
                read = there.read() if place.kind != "payee" else there.since
                if read is None or event.time > after(read, timedelta(days=policy.contact_days)):
                    continue
                names.append(f"{place.kind}:{place.key}")
                if bad.review_id not in there.contacted:
                    there.contacted.append(bad.review_id)
                    place.note(event.id)
            known.contacts[bad.review_id] = (event.time, names)
            for name in names:
                self._judge(name, event.time, out)

    def _changed(self, event: Event, out: Out) -> None:
        known = self._known
        ended = known.standing.changed(event)
        contact = known.contacts.get(event.data["review_id"])
        if event.data["review_id"] not in known.standing.reviews:
            known.contacts.pop(event.data["review_id"], None)
        if ended is None or contact is None:
            return
        at, names = contact
        if event.time > after(at, timedelta(hours=self._policy.ended_hours)):
            return
        for name in names:
            place = known.places.get(name)
            if place is not None and (there := place.stores.get(ended.review.store_id)) is not None:
                there.ended.append(ended.review.review_id)
                place.note(event.id)
                self._judge(name, event.time, out)

    def _paid(self, event: Event, out: Out) -> None:
        """Stores, and those who sign in for them, pay somebody: the service behind is a place of work of its own."""
        data, known = event.data, self._known
        signed = known.signed.get(data.get("from_account_id") or "")
        store_id = data.get("from_store_id") or (signed.store_id if signed else None)
        if store_id is None:
            return
        payee, amount = data["to_account_id"], data["amount"]["amount"]
        name = f"payee:{payee}"
        place, first = known.places.get(name), known.paid_once.get(payee)
        if place is None:
            if first is None or first.store_id == store_id:  # a buyer who has a present, mostly
                known.paid_once[payee] = PaidOnce(store_id, event.time, amount + (first.amount if first else 0))
                return
            place = self._place(name, "payee", payee)
            self._seen(name, place, first.store_id, first.at).paid = first.amount
            del known.paid_once[payee]
        self._seen(name, place, store_id, event.time).paid += amount
        place.note(event.id)
        self._judge(name, event.time, out)
        for other in known.by_store[store_id]:
            if other != name:
                self._judge(other, event.time, out)

    def _judge(self, name: str, now: datetime, out: Out) -> None:
        place, known = self._known.places[name], self._known
        if not self._policy.sellers_min <= len(place.stores) <= self._policy.stores_max:
            return
        payees = self._payees(place)
        found = judged(place, known.sellers, payees, self._contracted(place, now), self._policy)
        if found is not None:
            self._say(place, found, max(payees, key=lambda each: (payees[each], each), default=None), now, out)

    def _say(self, place: Place, found: Judged, behind: str | None, now: datetime, out: Out) -> None:
        """On each whom it is about, once more when it is surer or has grown: a device is seen by itself and
        by its network.
        """
        known = self._known
        devices = sorted({
            name.removeprefix("device:") for store in place.stores for name in known.by_store[store]
            if name.startswith("device:") and len(known.places[name].stores) > 1
        }) if place.kind != "device" else []  # fmt: skip
        team = Team(place, found, f"payee:{behind}" if behind else f"{place.kind}:{place.key}", behind, tuple(devices))
        for subject in subjects(team):
            key = f"{subject.kind}:{subject.id}"
            revision, score, size, since = known.said.get(key, (0, 0.0, 0, now))
            if revision and found.score < score + _AGAIN_BY and place.size() < _GROWN * size:
                continue
            known.said[key] = (revision + 1, max(score, found.score), max(size, place.size()), since)
            out.say(told(subject, team, Seen(now, since, revision + 1), self._policy))

    def _payees(self, place: Place) -> dict[str, int]:
        """Who was paid by stores of two of its sellers or more, and by how many."""
        paid: dict[str, set[str]] = {}
        for store_id in place.stores:
            for name in self._known.by_store.get(store_id, ()):
                if name.startswith("payee:"):
                    seller = self._known.sellers.get(store_id, store_id)
                    paid.setdefault(name.removeprefix("payee:"), set()).add(seller)
        return {payee: len(sellers) for payee, sellers in sorted(paid.items()) if len(sellers) > 1}

    def _contracted(self, place: Place, now: datetime) -> float:
        """The largest share of its stores that one contract covers."""
        stores = place.stores.keys()
        shares = [
            len(stores & each.store_ids) / len(stores) for each in self._known.contracts.values() if each.ends_at > now
        ]
        return max(shares, default=0.0)

    def _sweep(self, now: datetime) -> None:
        """Forgets what is older than the window, once a week."""
        known, today = self._known, day_of(now)
        if today < known.swept + _SWEPT_DAYS:
            return
        known.swept = today
        before = after(now, -timedelta(days=self._policy.window_days))
        known.standing.forget(before)
        known.contacts = {name: each for name, each in known.contacts.items() if name in known.standing.reviews}
        known.signed = {name: each for name, each in known.signed.items() if each.at >= before}
        known.paid_once = {name: each for name, each in known.paid_once.items() if each.at >= before}
        known.contracts = {name: each for name, each in known.contracts.items() if each.ends_at > now}
        for place in known.places.values():
            place.forget(before)
        known.places = {name: each for name, each in known.places.items() if each.stores}
        known.by_store = {}
        for name, place in known.places.items():
            for store_id in place.stores:
                known.by_store.setdefault(store_id, []).append(name)
