"""What is known of bad reviews, of those who wrote them, and of how stores reached out to them."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Final

import msgspec

from agoranomos.kernel.calendar import after
from agoranomos.reviews.pressure.chances import Pool
from agoranomos.reviews.pressure.model import Contact, Counts, Episode, How, Person, Written
from agoranomos.reviews.pressure.policy import Policy

WORKPLACES_MAX: Final = 50
"""Stores that one account is known to work for."""
_SWEPT_AT_ONCE: Final = 4
_LONG_AGO: Final = timedelta(days=-1)


class Shop(msgspec.Struct):
    """A store, those who wrote badly of it, what these come to, and what was said of it."""

    people: dict[str, Person] = {}
    counts: Counts = Counts()
    reporters: int = 0
    episode: Episode | None = None
    reports: Episode | None = None


class Books(msgspec.Struct):
    """`reviews` by id, in the order in which they came, and `orders`: whose they are (store, author); `stores_of` an
    author: those that they wrote badly of; `numbers`: the order that a virtual number stands for, and until when;
    `works`: the stores that an account signed in for; `pressed`: stores of which enough people took a review back.
    """

    shops: dict[str, Shop] = {}
    reviews: dict[str, tuple[str, str]] = {}
    orders: dict[str, tuple[str, str]] = {}
    stores_of: dict[str, list[str]] = {}
    numbers: dict[str, tuple[str, datetime]] = {}
    works: dict[str, list[str]] = {}
    pool: Pool = msgspec.field(default_factory=Pool)
    pressed: dict[str, bool] = {}
    people: int = 0
    reporters: int = 0

    def person(self, store_id: str, author_id: str) -> Person | None:
        """Who wrote badly of a store."""
        shop = self.shops.get(store_id)
        return None if shop is None else shop.people.get(author_id)

    def post(self, review_id: str, place: tuple[str, str], review: Written, policy: Policy) -> None:
        """A bad review of a store by an author. One that is known is not posted again."""
        if review_id in self.reviews:
            return
        self.forget(review.posted_at, policy)
        store_id, author_id = self.reviews[review_id] = place
        if review.order_id is not None:
            self.orders[review.order_id] = place
        shop = self.shops.setdefault(store_id, Shop())
        if author_id not in shop.people:
            shop.people[author_id] = Person()
            self.stores_of.setdefault(author_id, []).append(store_id)
            self.people += 1
        shop.people[author_id].reviews[review_id] = review
        self._count(store_id, author_id, policy)

    def gone(self, review_id: str, at: datetime, how: How | None, event_id: str, policy: Policy) -> bool:
        """A review was taken back by its author (`how`), or removed by the platform; whether that makes a sequence."""
        place = self.reviews.get(review_id)
        if place is None:
            return False
        review = self.shops[place[0]].people[place[1]].reviews[review_id]
        if review.gone_at is not None:
            return False
        review.gone_at, review.how, review.event_id = at, how, event_id
        return self._count(*place, policy)

    def reach(self, store_id: str, author_id: str, contact: Contact, policy: Policy) -> bool:
        """A store reached out to somebody; whether that makes a sequence, as it may where it is told late."""
        person = self.person(store_id, author_id)
        if person is None or not person.reach(contact, policy):
            return False
        return self._count(store_id, author_id, policy)

    def report(self, store_id: str, author_id: str, at: datetime) -> bool:
        """Somebody who wrote badly of a store says that it leaves them no peace; whether for the first time."""
        person = self.person(store_id, author_id)
        if person is None or person.reported_at is not None:
            return False
        person.reported_at = at
        self.shops[store_id].reporters += 1
        self.reporters += 1
        return True

    def candidates(self) -> dict[str, Counts]:
        """The stores of which enough people took a review back."""
        return {store_id: self.shops[store_id].counts for store_id in self.pressed}

    def usual_reports(self, store_id: str, policy: Policy) -> float:
        """Of people who write badly of other stores, how many report harassment."""
        shop = self.shops[store_id]
        imagined = policy.reports_weight * policy.reports_share
        others = self.people - len(shop.people)
        return (imagined + self.reporters - shop.reporters) / (policy.reports_weight + others)

    def bind(self, number: str, order_id: str, until: datetime, now: datetime, policy: Policy) -> None:
        """A virtual number stands for an order; the last word holds. What is over is forgotten on the way, and no
        number is kept for longer than a review is followed.
        """
        self.numbers.pop(number, None)
        self.numbers[number] = (order_id, min(until, after(now, policy.window)))
        dead = after(now, _LONG_AGO)
        for _ in range(_SWEPT_AT_ONCE):
            oldest = next(iter(self.numbers))
            if self.numbers[oldest][1] >= dead:
                return
            del self.numbers[oldest]
            if not self.numbers:
                return

    def called(self, number: str, at: datetime) -> tuple[str, str] | None:
        """Who of which store's critics is rung up by a number; nobody once it is dead, as the call is refused."""
        order = self.numbers.get(number)
        return None if order is None or at > order[1] else self.orders.get(order[0])

    def works_for(self, account_id: str, store_id: str) -> None:
        """An account signed in for a store."""
        stores = self.works.setdefault(account_id, [])
        if store_id not in stores and len(stores) < WORKPLACES_MAX:
            stores.append(store_id)

    def end_episode(self, store_id: str, policy: Policy) -> None:
        """An episode is over: who belonged to it counts no more for what comes next."""
        shop = self.shops[store_id]
        assert shop.episode is not None, "there is one to end"
        until, shop.episode = shop.episode.last_at, None
        for author_id, person in list(shop.people.items()):
            for review_id, each in list(person.reviews.items()):
                if each.gone_at is not None and each.gone_at <= until:
                    self._drop(review_id, policy)
            if author_id in shop.people:
                person.contacts = [each for each in person.contacts if each.at > until]
                person.sequence = None
                self._count(store_id, author_id, policy)

    def forget(self, now: datetime, policy: Policy) -> None:
        """Reviews that were posted so long ago that nothing is followed any more."""
        line = after(now, -policy.window)
        for _ in range(_SWEPT_AT_ONCE):
            oldest = next(iter(self.reviews), None)
            if oldest is None:
                return
            store_id, author_id = self.reviews[oldest]
            if self.shops[store_id].people[author_id].reviews[oldest].posted_at >= line:
                return
            self._drop(oldest, policy)

    def _drop(self, review_id: str, policy: Policy) -> None:
        """Forgets a review, and its author when it was the last one."""
        store_id, author_id = self.reviews.pop(review_id)
        shop = self.shops[store_id]
        person = shop.people[author_id]
        order_id = person.reviews.pop(review_id).order_id
        if order_id is not None:
            self.orders.pop(order_id, None)
        if person.reviews:
            return
        self._change(store_id, person.counted, Counts(), policy)
        del shop.people[author_id]
        self.people -= 1
        shop.reporters -= person.reported_at is not None
        self.reporters -= person.reported_at is not None
        self.stores_of[author_id].remove(store_id)
        if not self.stores_of[author_id]:
            del self.stores_of[author_id]
        if not shop.people and shop.episode is None and shop.reports is None:
            del self.shops[store_id]

    def _count(self, store_id: str, author_id: str, policy: Policy) -> bool:
        """Counts a person anew; whether somebody more has taken a review back after the store reached out."""
        person = self.shops[store_id].people[author_id]
        person.find(policy)
        before, now = person.counted, person.counts()
        if now != before:
            self._change(store_id, before, now, policy)
            person.counted = now
        return now.seen + now.word > before.seen + before.word

    def _change(self, store_id: str, before: Counts, now: Counts, policy: Policy) -> None:
        """Somebody counted `before` and counts `now`."""
        shop = self.shops[store_id]
        counts = shop.counts.plus(before, -1).plus(now)
        self.pool.change(shop.counts, counts, policy)
        shop.counts = counts
        if counts.taken_back >= policy.people_min:
            self.pressed[store_id] = True
        else:
            self.pressed.pop(store_id, None)
