"""The release of anonymous reviews: once a day, all of a store together, each in the first form that is safe.

What is decided follows from what the merchant sees anyway; the reviews only say which of the decisions are needed. The
score and the count of a store change with the batch: a change between batches would tell when a review came.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from functools import cached_property
from typing import Any, Final, NamedTuple

import numpy as np

from agoranomos.reviews.anonymity.books import Books, Waiting
from agoranomos.reviews.anonymity.habits import Floats, Habits
from agoranomos.reviews.anonymity.model import (
    DAY_S,
    FORMS,
    UNKNOWN,
    Form,
    date_of,
    day_of,
    days_of,
    seconds,
    starts,
    week_name,
    week_of,
)
from agoranomos.reviews.anonymity.policy import Policy
from agoranomos.reviews.anonymity.posterior import (
    LATER,
    Codes,
    Columns,
    Rows,
    daily_forms,
    left_over,
    likely,
    none_safe,
    safe_without_goods,
    too_few,
    weekly_forms,
    weights,
    within,
)
from agoranomos.reviews.anonymity.shop import Shop

NONE_WEEK: Final = FORMS.index(Form("none", "week"))
SCORE_ONLY: Final = len(FORMS)
"""Shown in no form: it counts, and its text stays with us."""


class Release(NamedTuple):
    """A review that is shown now, or only counted; `params` are those of the action."""

    review: Waiting
    params: dict[str, Any]


class _Decided(NamedTuple):
    rows: Rows
    by_model: tuple[Floats, ...]
    forms: Codes


class Scheduler:
    """Decides for one store at one moment. `today` has begun: days before it are over."""

    def __init__(self, books: Books, store_id: str, waiting: Sequence[Waiting], today: int, policy: Policy) -> None:
        self._books, self._policy, self._today = books, policy, today
        self._waiting = sorted(waiting, key=lambda each: (each.posted, each.review_id))
        self._store_id = store_id
        self._now = seconds(starts(today, policy.hour))
        self._days: dict[tuple[int, bool], _Decided] = {}
        self._weeks: dict[tuple[int, bool], _Decided] = {}

    def releases(self) -> list[Release]:
        """What is shown of the store now, in the order in which it was written."""
        due = [each for each in self._waiting if self._due(each)]
        for each in due:
            if not each.counted:
                self._books.score(self._store_id).add(each.rating)
        score = self._books.score(self._store_id).shown()
        return [Release(each, {**self._shown(each), "score": score}) for each in due]

    def _due(self, review: Waiting) -> bool:
        """Whether it is shown now; its form is found on the way."""
        day = day_of(review.posted)
        if day >= self._today:
            return False
        if review.form == LATER:
            self._try(review, day)
        over = self._now >= review.posted + self._policy.hold_days_max * DAY_S
        if review.form == LATER and over:
            review.form = SCORE_ONLY
        return over or (review.form != LATER and not self._listened(review))

    def _listened(self, review: Waiting) -> bool:
        return self._policy.wait_for_numbers and review.listened > self._now

    def _try(self, review: Waiting, day: int) -> None:
        """Each decision once: what a day or a week left open stays open."""
        bad = review.rating <= self._policy.bad_rating
        if review.tried == "nothing":
            review.tried = "day"
            if review.listing != UNKNOWN:
                self._take(review, self._day(day, bad=bad))
        if review.form == LATER and review.tried == "day" and week_of(day) < week_of(self._today):
            review.tried = "week"
            self._take(review, self._week(week_of(day), bad=bad))

    def _take(self, review: Waiting, decided: _Decided) -> None:
        """The form that was decided for the review's goods; and until when its likely authors can be called."""
        rows, bound = decided.rows, self._policy.bound
        if review.listing == UNKNOWN:
            by_model = self._whole_week(
                week_of(day_of(review.posted)), rows, bad=review.rating <= self._policy.bad_rating
            )
            review.form = NONE_WEEK if safe_without_goods(rows, by_model, bound) else LATER
            mask = np.ones(len(rows.buyers), np.bool_)
        else:
            shop = self._books.shops.get(self._store_id)
            listing = shop.listings.get(review.listing) if shop else None
            if listing is None:
                return
            by_model, review.form = decided.by_model, int(decided.forms[listing])
            mask = within(rows, decided.forms, review.form, listing)
        if review.form != LATER:
            suspects = likely(by_model, mask, bound * self._policy.listened_share)
            review.listened = float(rows.listened[suspects].max(initial=0.0))

    def _day(self, day: int, *, bad: bool) -> _Decided:
        """As it was decided when the day was over."""
        if (day, bad) not in self._days:
            rows = self._rows(day + 1)
            if too_few(len(rows.buyers), self._policy.bound):  # spares the weights, for which nobody will ask
                self._days[day, bad] = _Decided(rows, (), none_safe(rows))
                return self._days[day, bad]
            by_model = weights(rows, day, self._habits(day), self._policy, bad=bad)
            self._days[day, bad] = _Decided(rows, by_model, daily_forms(rows, by_model, self._policy.bound))
        return self._days[day, bad]

    def _week(self, week: int, *, bad: bool) -> _Decided:
        """As it was decided when the week was over: with what its days have left over."""
        if (week, bad) not in self._weeks:
            rows = self._rows(days_of(week)[-1] + 1)
            if too_few(len(rows.buyers), self._policy.bound):
                self._weeks[week, bad] = _Decided(rows, (), none_safe(rows))
                return self._weeks[week, bad]
            days = [
                (weights(rows, day, self._habits(day), self._policy, bad=bad), self._day(day, bad=bad).forms)
                for day in days_of(week)
            ]
            left = left_over(rows, days)
            self._weeks[week, bad] = _Decided(rows, left, weekly_forms(rows, left, self._policy.bound))
        return self._weeks[week, bad]

    def _whole_week(self, week: int, rows: Rows, *, bad: bool) -> tuple[Floats, ...]:
        days = [weights(rows, day, self._habits(day), self._policy, bad=bad) for day in days_of(week)]
        return tuple(np.sum(same, axis=0) for same in zip(*days, strict=True))

    @cached_property
    def _columns(self) -> Columns:
        return Columns(self._books.shops.get(self._store_id) or Shop(), self._books.categories)

    def _rows(self, day: int) -> Rows:
        """What was known when the hour of a day had come."""
        return self._columns.at(seconds(starts(day, self._policy.hour)), self._policy)

    def _habits(self, day: int) -> Habits:
        """As they were when the hour after `day` came: nothing was counted since, up to the next that is kept."""
        kept = min((each for each in self._books.by_day if each >= day), default=None)
        return self._books.habits if kept is None else self._books.by_day[kept]

    def _shown(self, review: Waiting) -> dict[str, Any]:
        if review.form == SCORE_ONLY:
            return {"form": "score"}
        form, day = FORMS[review.form], day_of(review.posted)
        shown: dict[str, Any] = {"form": "text", "item": form.item}
        if form.item == "listing":
            shown["listing_id"] = review.listing
        elif form.item == "category":
            shown["category"] = self._books.categories.get(review.listing, UNKNOWN)
        shown["period"] = date_of(day) if form.time == "day" else week_name(week_of(day))
        return shown


def by_store(waiting: Iterable[Waiting]) -> list[tuple[str, list[Waiting]]]:
    """What waits, by store, in order."""
    found: dict[str, list[Waiting]] = defaultdict(list)
    for each in waiting:
        found[each.store_id].append(each)
    return sorted(found.items())
