"""Holds anonymous reviews, and shows them once a day in the first form that is safe: `reviews.anonymity`."""

from __future__ import annotations

import copy
import math
from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any, Final

import msgspec

from agoranomos.enforcement.asking import Needs
from agoranomos.engine.stream.monitor import Out
from agoranomos.kernel.calendar import after
from agoranomos.kernel.events import Event
from agoranomos.reviews.anonymity import telling
from agoranomos.reviews.anonymity.books import HEARS, Books, Shown, Waiting, empty
from agoranomos.reviews.anonymity.deciding import decide, latest, tick_after
from agoranomos.reviews.anonymity.model import DAY_S, OFFSET_S, UNKNOWN, day_of, seconds
from agoranomos.reviews.anonymity.naming import spans
from agoranomos.reviews.anonymity.policy import Policy
from agoranomos.reviews.anonymity.posterior import LATER
from agoranomos.reviews.anonymity.releasing import SCORE_ONLY, Scheduler, by_store
from agoranomos.reviews.photos.looking import Look, nobody_looks

NAME: Final = telling.NAME
_DAYS_KEPT: Final = 21
"""Of habits, so that what was decided is decided the same again."""


class AnonymityMonitor:
    """See `engine.stream.Monitor`."""

    def __init__(self, policy: Policy, needs: Needs, look: Look = nobody_looks) -> None:
        self.name = NAME
        self.version = f"{telling.VERSION}:{policy.version}"
        self.hears: Iterable[str] = HEARS
        self._policy, self._needs, self._look = policy, needs, look
        self._books = empty(policy)
        self._next: datetime | None = None
        self._today: int | None = None
        self._day_ends = -math.inf  # what follows from today: asked at each event

    def foresee(self, events: Sequence[Event]) -> None:
        """Each is heard as it comes."""

    def hear(self, event: Event, out: Out) -> None:
        """Orders and what becomes of them; reviews."""
        at = seconds(event.time)
        if at >= self._day_ends:
            self._begin_day(at)
        match event.type:
            case "review.posted":
                self._posted(event, out)
            case "review.edited":
                self._edited(event, out)
            case "review.deleted":
                self._deleted(event)
            case _:
                self._books.hear_of_order(event, at)

    def due(self) -> datetime | None:
        """The next hour of release, while anything waits for it."""
        return self._next if self._books.waiting else None

    def wake(self, now: datetime, out: Out) -> None:
        """Shows what can be shown."""
        books, today = self._books, day_of(seconds(now))
        for store_id, waiting in by_store(books.waiting.values()):
            for review, params in Scheduler(books, store_id, waiting, today, self._policy).releases():
                out.say(telling.releasing(review.review_id, review.because, now, params, self._needs))
                del books.waiting[review.review_id]
                books.shown[review.review_id] = Shown(
                    store_id, review.rating, True, review.listing, review.posted, review.form
                )  # fmt: skip
        following = after(now, timedelta(days=1))
        self._next = following if following > now else None  # None: on the last day of the calendar

    def state(self) -> bytes:
        """Everything that it knows."""
        return msgspec.msgpack.encode((self._next, self._today, self._books))

    def resume(self, state: bytes) -> None:
        """See `state`."""
        known = msgspec.msgpack.decode(state, type=tuple[datetime | None, int | None, Books])
        self._next, self._today, self._books = known
        self._day_ends = -math.inf

    def _begin_day(self, at: float) -> None:
        """Forgets what is old, once between two hours of release."""
        today = day_of(at - self._policy.hour * 3_600)
        self._day_ends = (today + 1) * DAY_S - OFFSET_S + self._policy.hour * 3_600
        if self._today is not None and today <= self._today:
            return
        self._today = today
        books = self._books
        for day in [each for each in books.by_day if each < today - _DAYS_KEPT]:
            del books.by_day[day]
        books.forget(at - self._policy.orders_days * DAY_S)

    def _wait(self, event: Event, review: Waiting) -> None:
        """Until the next hour of release at least."""
        if not self._books.waiting:
            self._next = tick_after(event.time, self._policy)
        self._books.waiting[review.review_id] = review

    def _posted(self, event: Event, out: Out) -> None:
        data, at, books = event.data, seconds(event.time), self._books
        review_id, anonymous = data["review_id"], bool(data.get("anonymous"))
        if review_id in books.waiting or review_id in books.shown:
            return
        photos = self._look(data.get("pictures") or ())
        decision = decide(event, self._policy, lambda _: photos)
        out.say(decision)
        if photos:
            out.say(telling.photos_tell(review_id, event.id, event.time, photos, self.version))
        shop = books.shop_of(data.get("order_id"))
        if shop is not None:
            # As they were when the last hour of release came: what is decided of days before is decided by them.
            released = day_of(at - self._policy.hour * 3_600) - 1
            if released not in books.by_day:
                books.by_day[released] = copy.deepcopy(books.habits)
            books.count(data["order_id"], data["rating"], at, self._policy)
        if not anonymous:
            if shop is not None:
                shop.happened(data["order_id"], shop.named, at)
            books.shown[review_id] = Shown(data["store_id"], data["rating"], False)
            books.score(data["store_id"]).add(data["rating"])
            return
        if said := spans(data.get("text") or "", data.get("order_id")):
            out.say(telling.gives_away(review_id, event.id, event.time, said, self.version))
        until = latest(event.time, self._policy)
        out.say(telling.holding(review_id, decision.id, event.time, until, self._needs))
        waiting = Waiting(
            review_id=review_id, store_id=data["store_id"], listing=self._goods(data), rating=data["rating"], posted=at,
            because=decision.id,
        )  # fmt: skip
        self._wait(event, waiting)

    def _goods(self, data: Mapping[str, Any]) -> str:
        """What a review is about, if that is known."""
        shop = self._books.shop_of(data.get("order_id"))
        if data.get("listing_id") or shop is None:
            return data.get("listing_id") or UNKNOWN
        goods = shop.goods(data["order_id"])
        return list(shop.listings)[goods[0]] if len(goods) == 1 else UNKNOWN

    def _edited(self, event: Event, out: Out) -> None:
        """An anonymous review that is shown comes back with the next batch; one that waits just changes."""
        data, books = event.data, self._books
        rating: int | None = data.get("rating")
        waiting = books.waiting.get(data["review_id"])
        if waiting is not None and rating is not None:
            if waiting.counted:
                books.score(waiting.store_id).add(waiting.rating, -1)
            if self._other_kind(waiting.rating, rating):
                waiting.form, waiting.tried = LATER, "nothing"
            waiting.rating, waiting.counted = rating, False
        shown = books.shown.get(data["review_id"])
        if shown is None:
            return
        if shown.anonymous:
            self._hold_again(event, shown, shown.rating if rating is None else rating, out)
        elif rating is not None:
            books.score(shown.store_id).add(shown.rating, -1)
            books.score(shown.store_id).add(rating)
            shown.rating = rating

    def _other_kind(self, before: int, now: int) -> bool:
        """Bad reviews and good ones have candidates of their own, so that another form may be safe."""
        return (before <= self._policy.bad_rating) != (now <= self._policy.bad_rating)

    def _hold_again(self, event: Event, shown: Shown, rating: int, out: Out) -> None:
        data, books = event.data, self._books
        said = spans(data.get("text") or "")
        form = LATER if self._other_kind(shown.rating, rating) else shown.form
        until = tick_after(event.time, self._policy)
        decision = telling.decided(
            data["review_id"], (event.source, event.id), event.time, anonymous=True, said=said, until=until,
            version=self._policy.version,
        )  # fmt: skip
        out.say(decision)
        if said:
            out.say(telling.gives_away(data["review_id"], event.id, event.time, said, self.version))
        if shown.form != SCORE_ONLY:
            out.say(telling.holding(data["review_id"], decision.id, event.time, until, self._needs))
        if rating != shown.rating:
            books.score(shown.store_id).add(shown.rating, -1)
        del books.shown[data["review_id"]]
        waiting = Waiting(
            review_id=data["review_id"], store_id=shown.store_id, listing=shown.listing, rating=rating,
            posted=shown.posted, because=decision.id, form=form, counted=rating == shown.rating,
        )  # fmt: skip
        self._wait(event, waiting)

    def _deleted(self, event: Event) -> None:
        review_id, books = event.data["review_id"], self._books
        waiting = books.waiting.pop(review_id, None)
        if waiting is not None and waiting.counted:
            books.score(waiting.store_id).add(waiting.rating, -1)
        shown = books.shown.pop(review_id, None)
        if shown is not None:
            books.score(shown.store_id).add(shown.rating, -1)
