"""Watches what stores do about bad reviews, and whether these are then taken back: `reviews.pressure`.

It wants no alarm: a store is judged when somebody else has taken a review back, against all others as they stand then.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime, timedelta
from typing import Any, Final

import msgspec

from agoranomos.engine.stream.monitor import Out
from agoranomos.kernel.calendar import after
from agoranomos.kernel.events import Event
from agoranomos.kernel.schema.reviews import NumberBound
from agoranomos.reviews.pressure import telling
from agoranomos.reviews.pressure.books import Books
from agoranomos.reviews.pressure.chances import poisson_tail, stand_out
from agoranomos.reviews.pressure.model import Contact, Episode, How, Kind, Written
from agoranomos.reviews.pressure.policy import Policy
from agoranomos.reviews.pressure.telling import NAME, VERSION

HEARS: Final = (
    "contact.made", "harassment.reported", "number.bound", "number.called", "payment.made", "review.deleted",
    "review.edited", "review.posted", "session.started",
)  # fmt: skip


class PressureMonitor:
    """See `engine.stream.Monitor`."""

    def __init__(self, policy: Policy) -> None:
        self.name = NAME
        self.version = f"{VERSION}:{policy.version}"
        self.hears: Iterable[str] = HEARS
        self._policy = policy
        self._books = Books()

    @property
    def books(self) -> Books:
        """What it knows, for whoever measures a history."""
        return self._books

    def foresee(self, events: Sequence[Event]) -> None:
        """Each is heard as it comes."""

    def hear(self, event: Event, out: Out) -> None:
        """Reviews, and whatever reaches their authors."""
        data = event.data
        match event.type:
            case "session.started":
                if data["principal_kind"] == "merchant" and data.get("store_id"):
                    self._books.works_for(data["account_id"], data["store_id"])
            case "number.bound":
                assert isinstance(event.body, NumberBound)
                until = event.body.expires_at
                self._books.bind(data["virtual_number"], data["order_id"], until, event.time, self._policy)
            case "review.posted":
                if data["rating"] <= self._policy.bad_rating:
                    self._posted(data, event.time)
            case "review.deleted":
                self._gone(event, "deleted", out)
            case "review.edited":
                self._edited(event, out)
            case "contact.made":
                self._contact(event, out)
            case "number.called":
                place = self._books.called(data["virtual_number"], event.time)
                if place is not None and not data.get("refused") and data.get("party") != "courier":
                    self._reach(event, *place, "call" if data["from"] == "store" else "unknown_call", out)
            case "payment.made":
                self._paid(event, out)
            case _:
                self._reported(event, out)

    def due(self) -> datetime | None:
        """Never."""
        return None

    def wake(self, now: datetime, out: Out) -> None:
        """Asks for no alarm."""

    def state(self) -> bytes:
        """Everything that it knows."""
        return msgspec.msgpack.encode(self._books)

    def resume(self, state: bytes) -> None:
        """See `state`."""
        self._books = msgspec.msgpack.decode(state, type=Books)

    def _posted(self, data: dict[str, Any], at: datetime) -> None:
        review = Written(data["rating"], at, data.get("order_id"))
        self._books.post(data["review_id"], (data["store_id"], data["author_id"]), review, self._policy)

    def _edited(self, event: Event, out: Out) -> None:
        """Only what an author adds to what was posted: ten edits up and down add up to nothing."""
        rating, place = event.data.get("rating"), self._books.reviews.get(event.data["review_id"])
        if rating is None or place is None:
            return
        review = self._books.shops[place[0]].people[place[1]].reviews[event.data["review_id"]]
        if rating >= review.rating + self._policy.raise_stars:
            self._gone(event, "raised", out)

    def _gone(self, event: Event, how: How, out: Out) -> None:
        by_author = event.data["by"] == "author"
        if how == "raised" and not by_author:
            return
        review_id, books = event.data["review_id"], self._books
        place = books.reviews.get(review_id)
        if place is not None and books.gone(review_id, event.time, how if by_author else None, event.id, self._policy):
            self._judge(place[0], event, out)

    def _contact(self, event: Event, out: Out) -> None:
        data, books = event.data, self._books
        place = books.orders.get(data.get("order_id") or "")
        if place is None and data.get("account_id") is not None:
            place = (data["store_id"], data["account_id"])
        if place is None and data.get("virtual_number") is not None:
            place = books.called(data["virtual_number"], event.time)
        if place is None or place[0] != data["store_id"]:
            return
        if data["direction"] == "to_buyer":
            self._reach(event, *place, data["channel"], out)
        elif (person := books.person(*place)) is not None:
            person.wrote_at = event.time

    def _paid(self, event: Event, out: Out) -> None:
        """By the store, or by somebody who signs in for it."""
        data, books = event.data, self._books
        payee = data["to_account_id"]
        if data.get("from_store_id"):
            stores: Sequence[str] = (data["from_store_id"],)
        else:
            stores = books.works.get(data.get("from_account_id") or "", ())
        for store_id in stores:
            self._reach(event, store_id, payee, "payment", out)

    def _reported(self, event: Event, out: Out) -> None:
        store_id, buyer_id = event.data["store_id"], event.data["buyer_id"]
        self._reach(event, store_id, buyer_id, "harassment", out)
        if self._books.report(store_id, buyer_id, event.time):
            self._judge_reports(store_id, event, out)

    def _reach(self, event: Event, store_id: str, author_id: str, kind: Kind, out: Out) -> None:
        """A contact that comes late may have been before a deletion that is known."""
        contact = Contact(kind, event.time, event.id)
        if self._books.reach(store_id, author_id, contact, self._policy):
            self._judge(store_id, event, out)

    def _judge(self, store_id: str, event: Event, out: Out) -> None:
        """Says what is new of the stores that stand out now that somebody took back a review of this one."""
        books, gap = self._books, timedelta(days=self._policy.episode_days)
        episode = books.shops[store_id].episode
        if episode is not None and event.time > after(episode.last_at, gap):
            books.end_episode(store_id, self._policy)
        candidates = books.candidates()
        if not candidates:
            return
        for name, verdict in sorted(stand_out(candidates, books.pool, self._policy).items()):
            shop = books.shops[name]
            known = shop.episode.people if shop.episode is not None else 0
            if shop.counts.seen + shop.counts.word <= known:
                continue
            finding, shop.episode = telling.pressing(name, shop, verdict, event, books.pool, self._policy)
            if finding is not None:
                out.say(finding)

    def _judge_reports(self, store_id: str, event: Event, out: Out) -> None:
        """Many different people who report one store: a person looks."""
        shop, policy = self._books.shops[store_id], self._policy
        if shop.reporters < policy.people_min:
            return
        usual = self._books.usual_reports(store_id, policy)
        chance = poisson_tail(shop.reporters, usual * len(shop.people))
        if chance > policy.reports_chance_max:
            return
        if shop.reports is None or event.time > after(shop.reports.last_at, timedelta(days=policy.episode_days)):
            shop.reports = Episode(event.time, event.time)
        shop.reports.last_at = max(event.time, shop.reports.last_at)
        shop.reports.revision += 1
        out.say(telling.harassing(store_id, shop, usual, chance, event, policy))
