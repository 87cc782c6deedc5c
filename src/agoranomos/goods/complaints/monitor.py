"""Complaints, returns and reviews as they come: how many buyers of a listing or store speak of fakes, since when."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Final, Literal

import msgspec

from agoranomos.engine.stream.monitor import Out
from agoranomos.goods.complaints.masking import quote
from agoranomos.goods.complaints.rates import SETTINGS, Settings, Usual, estimate, usual
from agoranomos.goods.complaints.scorer import SCORER_VERSION, read_text
from agoranomos.goods.complaints.tallies import Kind, Tally, Voice, midnight_after
from agoranomos.goods.complaints.telling import finding_of, weight_of
from agoranomos.goods.evidence.scales import weigh
from agoranomos.kernel.calendar import day_of
from agoranomos.kernel.clock import rfc3339
from agoranomos.kernel.events import Event
from agoranomos.kernel.findings import Subject

NAME: Final = "goods.complaints"
VERSION: Final = "2"
_HEARS: Final = (
    "complaint.filed", "return.requested", "review.posted", "order.placed", "listing.submitted", "listing.updated",
)  # fmt: skip
REPORT_LINE: Final = 0.5
"""A finding at and above this score, and a voice: the contract's line for what is worth a person's time."""
OVER_LINE: Final = 0.3
"""An episode ends when the score falls below this; a little lower than it began, so that it does not flicker."""
ORDERS_KEPT_MAX: Final = 50_000
"""The newest orders whose buyer and goods are remembered, so that a return can be laid to them."""
REASON_SCORE: Final = 0.8
"""How sure a return is that gives a suspected fake as its reason, and no words."""
_KINDS: Final[dict[str, Kind]] = {
    "complaint.filed": "complaint", "return.requested": "return", "review.posted": "review",
}  # fmt: skip


class Placed(msgspec.Struct, array_like=True):
    """Who ordered what where."""

    buyer_id: str
    store_id: str
    listing_ids: list[str]


class Episode(msgspec.Struct):
    """A finding that stands: since when, and how often it was said."""

    began_at: str
    revision: int


class _State(msgspec.Struct):
    listings: dict[str, Tally]
    stores: dict[str, Tally]
    orders: dict[str, Placed]
    usual: dict[str, Usual]
    episodes: dict[str, Episode]
    alarm: datetime | None


class ComplaintMonitor:
    """See `engine.stream.Monitor`."""

    def __init__(self, settings: Settings = SETTINGS) -> None:
        self.name = NAME
        self.version = f"{VERSION}:{SCORER_VERSION}"
        self.hears = _HEARS
        self._settings = settings
        self._known = _State({}, {}, {}, {}, {}, None)
        self._by_day: dict[int, set[str]] = {}
        """Day → the keys of the tallies that hold something of it: only these are looked through when it is over."""

    def foresee(self, events: Sequence[Event]) -> None:
        """Reads each text when it is heard; it is fast enough."""

    def hear(self, event: Event, out: Out) -> None:
        """An order, a listing, or somebody's words."""
        if self._known.alarm is None:
            self._known.alarm = midnight_after(event.time)
        if event.type == "order.placed":
            self._order(event)
        elif event.type.startswith("listing."):
            tally = self._listing(event.data["listing_id"])
            tally.last_day = day_of(event.time)
            self._note(tally.last_day, f"listing:{event.data['listing_id']}")
            tally.category = event.data.get("category") or tally.category
            tally.store_id = event.data["store_id"]
        else:
            self._words(event, out)

    def due(self) -> datetime | None:
        """Midnight, as long as anything is known that a day can change."""
        return self._known.alarm

    def wake(self, now: datetime, out: Out) -> None:
        """Lets go what is old, ends episodes that are over, and learns anew what is usual in each category."""
        known = self._known
        today = day_of(now)
        first = today - self._settings.window_days
        over = set().union(*(self._by_day.pop(day) for day in [*self._by_day] if day < first))
        kinds: tuple[tuple[Literal["listing", "store"], dict[str, Tally]], ...] = (
            ("listing", known.listings), ("store", known.stores),
        )  # fmt: skip
        for kind, tallies in kinds:
            for identity, tally in [each for each in tallies.items() if each[1].voices]:
                tally.forget(first)
                opinion = tally.opinion(today, self._usual(tally, kind), self._settings)
                weigh(out, weight_of(Subject(kind, identity), tally, opinion, now))
                if opinion.score < OVER_LINE:
                    known.episodes.pop(f"{kind}:{identity}", None)
            for key in over:
                self._let_go(key, kind, tallies, first)
        known.usual = self._learn()
        # Orders alone change no opinion, and the first event about a listing or store sets the alarm again.
        known.alarm = midnight_after(now) if known.listings or known.stores else None
        if known.alarm is not None and known.alarm <= now:  # on the last day of the calendar
            known.alarm = None

    def state(self) -> bytes:
        """Everything that it knows."""
        return msgspec.msgpack.encode(self._known)

    def resume(self, state: bytes) -> None:
        """See `state`."""
        self._known = msgspec.msgpack.decode(state, type=_State)
        self._by_day = {}
        for kind, tallies in (("listing", self._known.listings), ("store", self._known.stores)):
            for identity, tally in tallies.items():
                days = {tally.last_day, *tally.orders, *tally.heard, *(voice.day for voice in tally.voices.values())}
                for day in days:
                    self._note(day, f"{kind}:{identity}")

    def _note(self, day: int, key: str) -> None:
        """The tally `key` holds something of `day`."""
        self._by_day.setdefault(day, set()).add(key)

    def _let_go(self, key: str, kind: str, tallies: dict[str, Tally], first: int) -> None:
        """Of the tally `key`, if it is one of `kind`, what is older than the day `first`; all where none is left."""
        of, _, identity = key.partition(":")
        tally = tallies.get(identity) if of == kind else None
        if tally is not None:
            tally.forget(first)
            if tally.empty and tally.last_day < first:
                del tallies[identity]

    def _listing(self, listing_id: str) -> Tally:
        if listing_id not in self._known.listings:
            self._known.listings[listing_id] = Tally()
        return self._known.listings[listing_id]

    def _store(self, store_id: str) -> Tally:
        if store_id not in self._known.stores:
            self._known.stores[store_id] = Tally()
        return self._known.stores[store_id]

    def _order(self, event: Event) -> None:
        orders, day = self._known.orders, day_of(event.time)
        placed = Placed(
            event.data["buyer_id"],
            event.data["store_id"],
            [*dict.fromkeys(line["listing_id"] for line in event.data["lines"])],
        )
        orders[event.data["order_id"]] = placed
        while len(orders) > ORDERS_KEPT_MAX:
            del orders[next(iter(orders))]
        self._store(placed.store_id).ordered(day)
        self._note(day, f"store:{placed.store_id}")
        for listing_id in placed.listing_ids:
            tally = self._listing(listing_id)
            tally.store_id = placed.store_id
            tally.ordered(day)
            self._note(day, f"listing:{listing_id}")

    def _words(self, event: Event, out: Out) -> None:
        """Lays what was said to its listing and store, as far as it can be known which are meant."""
        data, day = event.data, day_of(event.time)
        placed = self._known.orders.get(data.get("order_id") or "")
        listing_id = data.get("listing_id")
        if listing_id is None and placed is not None and len(placed.listing_ids) == 1:
            listing_id = placed.listing_ids[0]
        about: list[tuple[Literal["listing", "store"], str, Tally]] = []
        if listing_id is not None:
            about.append(("listing", listing_id, self._listing(listing_id)))
        store_id = data.get("store_id") or (placed.store_id if placed else None)
        store_id = store_id or (about[0][2].store_id if about else None)
        if store_id:
            about.append(("store", store_id, self._store(store_id)))
            if listing_id is not None:
                self._listing(listing_id).store_id = store_id
        voice = self._voice(event, day, placed, listing_id or "")
        for kind, identity, tally in about:
            tally.hear(day)
            self._note(day, f"{kind}:{identity}")
            if voice is not None:
                tally.accuse(voice)
                self._tell(kind, identity, tally, event, out)

    def _voice(self, event: Event, day: int, placed: Placed | None, listing_id: str) -> Voice | None:
        """What the event says of fakes, or None when it says nothing of them."""
        data = event.data
        text = data.get("text") or ""
        reading = read_text(text)
        against = [span for span in reading.spans if span.weight > 0]
        surest = max(against, key=lambda span: span.weight, default=None)
        score = reading.score
        code, words = (surest.code, quote(text, surest.start, surest.end)) if surest else ("", "")
        if data.get("reason_code") == "suspected_fake" and score < REASON_SCORE:
            code = code if score >= REPORT_LINE else "suspected"
            score = REASON_SCORE
        if score < REPORT_LINE:
            return None
        who = data.get("buyer_id") or data.get("author_id") or (placed.buyer_id if placed else None)
        who = who or f"{event.source}:{data.get('order_id') or event.id}"
        return Voice(who, day, score, event.id, _KINDS[event.type], code, words, listing_id)

    def _tell(self, kind: Literal["listing", "store"], identity: str, tally: Tally, event: Event, out: Out) -> None:
        key, about = f"{kind}:{identity}", self._usual(tally, kind)
        opinion = tally.opinion(day_of(event.time), about, self._settings)
        weigh(out, weight_of(Subject(kind, identity), tally, opinion, event.time))
        if opinion.score < REPORT_LINE:
            return
        at = rfc3339(event.time)
        episode = self._known.episodes.setdefault(key, Episode(at, 0))
        episode.revision += 1
        out.say(
            finding_of(
                Subject(kind, identity), tally, opinion, about, self._settings,
                at=at, began_at=episode.began_at, revision=episode.revision, version=self.version,
                members=tally.accused() if kind == "store" else (),
            )
        )  # fmt: skip

    def _usual(self, tally: Tally, kind: str) -> Usual:
        # A store sells in several categories; it is compared with all.
        category = tally.category if kind == "listing" else ""
        return self._known.usual.get(category) or self._known.usual.get("") or usual(self._settings)

    def _learn(self) -> dict[str, Usual]:
        """What is usual in each category, and in all ("") together. Listings on which a finding stands are left out:
        what is wrong must not become usual.
        """
        counts: dict[str, list[tuple[float, float]]] = {"": []}
        standing = {key.removeprefix("listing:") for key in self._known.episodes if key.startswith("listing:")}
        for listing_id, tally in self._known.listings.items():
            if tally.empty or listing_id in standing:
                continue
            found = tally.counts()
            counts[""].append(found)
            if tally.category:
                counts.setdefault(tally.category, []).append(found)
        return {category: estimate(each, self._settings) for category, each in counts.items()}
