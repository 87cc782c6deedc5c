"""What is known of readers and of business, behind one port: in memory for histories and monitors, else the store."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from datetime import datetime
from typing import Any, Final, Protocol

import msgspec

from agoranomos.access.exposure.model import DAYS, HOURS, Contract, Reader, Seen, kind_of
from agoranomos.engine.stream.ageing import Ageing
from agoranomos.kernel.calendar import day_of
from agoranomos.kernel.clock import parse_rfc3339
from agoranomos.kernel.events import Event

PLATFORM: Final = "\tplatform"
"""In the place of a store: whom the staff of the platform has business with. No id of the contract begins like this."""
CONTACTS: Final[Mapping[str, str]] = {
    "complaint.filed": "buyer_id", "harassment.reported": "buyer_id", "review.posted": "author_id",
}  # fmt: skip
"""Events by which somebody turns to the platform, and the field that names them."""
HEARS: Final = (
    "contact.made", "order.placed", "partner.contracted", "return.requested", "session.started", *CONTACTS,
)  # fmt: skip


class Shelf(Protocol):
    """Readers, whom they were shown, and who has business with whom."""

    def reader(self, principal_id: str) -> Reader | None:
        """What is known of it; nobody else may change it until this is over."""

    def put_reader(self, principal_id: str, reader: Reader) -> None: ...

    def seen(self, principal_id: str, subject_ids: Collection[str]) -> Mapping[str, Seen]:
        """Those of `subject_ids` whom it was shown, and when last."""

    def put_seen(self, principal_id: str, seen: Mapping[str, Seen]) -> None: ...

    def customers(self, owners: Collection[str], subject_ids: Collection[str], since: int) -> set[str]:
        """Those of `subject_ids` with whom one of `owners` has had business on the day `since` or later."""

    def put_business(self, owner_id: str, subject_id: str, day: int) -> None: ...

    def knows_business(self) -> bool:
        """Whether anybody's business was ever told; before that nobody can be called a stranger."""

    def buyer_of(self, order_id: str) -> str | None: ...

    def put_order(self, order_id: str, buyer_id: str, day: int) -> None: ...


def hear(shelf: Shelf, event: Event) -> None:
    """What an event of HEARS says of business, contracts and stores."""
    data = event.data
    match event.type:
        case "order.placed":
            day = day_of(event.time)
            shelf.put_business(data["store_id"], data["buyer_id"], day)
            shelf.put_order(data["order_id"], data["buyer_id"], day)
        case "return.requested":
            if (buyer_id := shelf.buyer_of(data["order_id"])) is not None:
                shelf.put_business(PLATFORM, buyer_id, day_of(event.time))
        case "contact.made":
            if data.get("account_id"):
                shelf.put_business(data["store_id"], data["account_id"], day_of(event.time))
        case "partner.contracted":
            reader = shelf.reader(data["principal_id"]) or Reader()
            reader.kind = "partner"
            reader.contract = Contract(
                tuple(sorted(data["store_ids"])), tuple(data["purposes"]), tuple(data["fields"]),
                parse_rfc3339(data["ends_at"]),
            )  # fmt: skip
            shelf.put_reader(data["principal_id"], reader)
        case "session.started" if data["principal_kind"] == "merchant" and data.get("store_id"):
            reader = shelf.reader(data["account_id"]) or Reader()
            if reader.kind != "merchant" or data["store_id"] not in reader.stores:
                reader.kind, reader.stores = "merchant", tuple(sorted({*reader.stores, data["store_id"]}))
                shelf.put_reader(data["account_id"], reader)
        case _:
            if (account_id := data.get(CONTACTS.get(event.type, ""))) is not None:
                shelf.put_business(PLATFORM, account_id, day_of(event.time))


def reader_of(shelf: Shelf, data: Mapping[str, Any]) -> Reader:
    """The reader of a `data.read`, as known; of a new one what the event says of it."""
    reader = shelf.reader(data["principal_id"]) or Reader()
    if reader.contract is None:
        reader.kind = kind_of(data["principal_kind"])
    store_id = data.get("store_id")
    if reader.kind == "merchant" and store_id and store_id not in reader.stores:
        reader.stores = tuple(sorted({*reader.stores, store_id}))
    return reader


class _State(msgspec.Struct):
    readers: dict[str, Reader]
    seen: dict[str, dict[str, Seen]]
    business: dict[str, dict[str, int]]
    orders: dict[str, tuple[str, int]]
    swept: int


class MemoryShelf:
    """All of it in memory; what is older than any window is forgotten once a day."""

    def __init__(self, business_days: int, contact_days: int) -> None:
        self._days = max(business_days, contact_days)
        self._known = _State({}, {}, {}, {}, 0)
        self._index()

    def reader(self, principal_id: str) -> Reader | None:
        """See `Shelf`."""
        return self._known.readers.get(principal_id)

    def readers(self) -> Iterable[tuple[str, Reader]]:
        """All of them, by id."""
        return sorted(self._known.readers.items())

    def put_reader(self, principal_id: str, reader: Reader) -> None:
        """See `Shelf`."""
        self._known.readers[principal_id] = reader

    def seen(self, principal_id: str, subject_ids: Collection[str]) -> Mapping[str, Seen]:
        """See `Shelf`."""
        known = self._known.seen.get(principal_id, {})
        return {each: known[each] for each in subject_ids if each in known}

    def put_seen(self, principal_id: str, seen: Mapping[str, Seen]) -> None:
        """See `Shelf`."""
        if seen:
            self._known.seen.setdefault(principal_id, {}).update(seen)
        for subject_id, each in seen.items():
            self._seen.note((principal_id, subject_id), each.hour // HOURS)

    def customers(self, owners: Collection[str], subject_ids: Collection[str], since: int) -> set[str]:
        """See `Shelf`."""
        books = [book for owner in owners if (book := self._known.business.get(owner))]
        if len(books) == 1:
            book = books[0]
            return {each for each in subject_ids if book.get(each, -1) >= since}
        return {each for each in subject_ids if any(book.get(each, -1) >= since for book in books)}

    def put_business(self, owner_id: str, subject_id: str, day: int) -> None:
        """See `Shelf`."""
        book = self._known.business.setdefault(owner_id, {})
        if day > book.get(subject_id, 0):
            book[subject_id] = day
            self._business.note((owner_id, subject_id), day)

    def knows_business(self) -> bool:
        """See `Shelf`."""
        return bool(self._known.business)

    def buyer_of(self, order_id: str) -> str | None:
        """See `Shelf`."""
        found = self._known.orders.get(order_id)
        return found and found[0]

    def put_order(self, order_id: str, buyer_id: str, day: int) -> None:
        """See `Shelf`."""
        self._known.orders[order_id] = (buyer_id, day)
        self._orders.note(order_id, day)

    def sweep(self, at: datetime) -> None:
        """Forgets what no window reaches any more, when a day has begun since the last time."""
        today, known = day_of(at), self._known
        if today <= known.swept:
            return
        known.swept = today
        oldest, business = today - DAYS + 1, today - self._days
        for reader_id, subject_id in self._seen.until(oldest - 1):
            seen = known.seen.get(reader_id, {}).get(subject_id)
            if seen is not None and seen.hour < oldest * HOURS:
                _strike(known.seen, reader_id, subject_id)
        for owner_id, subject_id in self._business.until(business - 1):
            if known.business.get(owner_id, {}).get(subject_id, business) < business:
                _strike(known.business, owner_id, subject_id)
        for order_id in self._orders.until(business - 1):
            if known.orders.get(order_id, ("", business))[1] < business:
                del known.orders[order_id]

    def state(self) -> bytes:
        """All of it."""
        return msgspec.msgpack.encode(self._known)

    def resume(self, state: bytes) -> None:
        """See `state`."""
        self._known = msgspec.msgpack.decode(state, type=_State)
        self._index()

    def _index(self) -> None:
        self._seen, self._business, self._orders = Ageing[tuple[str, str]](), Ageing[tuple[str, str]](), Ageing[str]()
        for reader_id, seen in self._known.seen.items():
            for subject_id, each in seen.items():
                self._seen.note((reader_id, subject_id), each.hour // HOURS)
        for owner_id, book in self._known.business.items():
            for subject_id, day in book.items():
                self._business.note((owner_id, subject_id), day)
        for order_id, (_, day) in self._known.orders.items():
            self._orders.note(order_id, day)


def _strike(books: dict[str, Any], owner_id: str, name: str) -> None:
    """Takes `name` out of the book of its owner, who is forgotten with the last."""
    del books[owner_id][name]
    if not books[owner_id]:
        del books[owner_id]
