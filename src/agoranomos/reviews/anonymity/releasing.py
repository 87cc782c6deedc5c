"""The release of anonymous reviews: once a day, all of a store together, each in the first form that is safe.

What is decided follows from what the merchant sees anyway; the reviews only say which of the decisions are needed. The
score and the count of a store change with the batch: a change between batches would tell when a review came.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final, NamedTuple

import numpy as np

from agoranomos.reviews.anonymity.books import Books, Waiting
from agoranomos.reviews.anonymity.habits import Floats, Habits
from agoranomos.reviews.anonymity.model import (
    DAILY,
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
)  # fmt: skip
from agoranomos.reviews.anonymity.policy import Policy
from agoranomos.reviews.anonymity.posterior import (
    LATER,
    Codes,
    Rows,
    daily_forms,
    left_over,
    likely,
    rows_of,
    safe_without_goods,
    weekly_forms,
    weights,
    within,
)  # fmt: skip

NONE_WEEK: Final = FORMS.index(Form("none", "week"))
SCORE_ONLY: Final = len(FORMS)
"""Shown in no form: it counts, and its text stays with us."""
_LISTENED_SHARE: Final = 0.5
"""Of the bound: buyers below it are called in vain too often."""


class Release(NamedTuple):
    """A review that is shown now, or only counted; `params` are those of the action."""

    review: Waiting
    params: dict[str, Any]


class _Day(NamedTuple):
    rows: Rows
    by_model: tuple[Floats, ...]
    forms: Codes


class Scheduler:
    """Decides for one store at one moment. `today` has begun: days before it are over."""

    def __init__(self, books: Books, store_id: str, today: int, policy: Policy) -> None:
        self._books, self._policy, self._today = books, policy, today
        self._orders = list(books.orders.get(store_id, {}).values())
        self._store_id = store_id
        self._days: dict[tuple[int, bool], _Day] = {}

    def releases(self) -> list[Release]:
        """What is shown of the store now, in the order in which it was written."""
        waiting = [each for each in self._books.waiting.values() if each.store_id == self._store_id]
        due = [each for each in sorted(waiting, key=lambda each: (each.posted, each.review_id)) if self._due(each)]
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
        over = self._now >= review.posted + self._policy.hold_days_max * 86_400
        if review.form == LATER:
            review.form = self._form(review, day)
        if review.form == LATER:
            review.form = SCORE_ONLY if over else LATER
            return over
        return over or review.form == SCORE_ONLY or not self._listened(review, day)

    @property
    def _now(self) -> float:
        return seconds(starts(self._today, self._policy.hour))

    def _form(self, review: Waiting, day: int) -> int:
        bad = review.rating <= self._policy.bad_rating
        if review.listing != UNKNOWN:
            found = self._of_listing(self._day(day, bad=bad), review.listing)
            if found != LATER:
                return found
        if week_of(day) >= week_of(self._today):
            return LATER
        week = self._week(week_of(day), bad=bad)
        if review.listing == UNKNOWN:
            whole = self._whole_week(week_of(day), bad=bad)
            return NONE_WEEK if safe_without_goods(week.rows, whole, self._policy.bound) else LATER
        return self._of_listing(week, review.listing)

    def _of_listing(self, decided: _Day, listing: str) -> int:
        code = decided.rows.of_listing.get(listing)
        return LATER if code is None else int(decided.forms[code])

    def _day(self, day: int, *, bad: bool) -> _Day:
        """As it was decided when the day was over."""
        if (day, bad) not in self._days:
            rows = rows_of(self._orders, self._books.categories, self._decided_at(day + 1), self._policy)
            by_model = weights(rows, day, self._habits(day), self._policy, bad=bad)
            self._days[day, bad] = _Day(rows, by_model, daily_forms(rows, by_model, self._policy.bound))
        return self._days[day, bad]

    def _week(self, week: int, *, bad: bool) -> _Day:
        """As it was decided when the week was over: with what its days have left over."""
        rows = self._rows_after(week)
        days = []
        for day in days_of(week):
            decided = self._day(day, bad=bad)
            forms = np.full(len(rows.of_listing), LATER, np.int64)
            for name, code in rows.of_listing.items():
                forms[code] = self._of_listing(decided, name)
            days.append((weights(rows, day, self._habits(day), self._policy, bad=bad), forms))
        left = left_over(rows, days)
        return _Day(rows, left, weekly_forms(rows, left, self._policy.bound))

    def _whole_week(self, week: int, *, bad: bool) -> tuple[Floats, ...]:
        rows = self._rows_after(week)
        days = [weights(rows, day, self._habits(day), self._policy, bad=bad) for day in days_of(week)]
        return tuple(np.sum(same, axis=0) for same in zip(*days, strict=True))

    def _rows_after(self, week: int) -> Rows:
        at = self._decided_at(days_of(week)[-1] + 1)
        return rows_of(self._orders, self._books.categories, at, self._policy)

    def _decided_at(self, day: int) -> float:
        return seconds(starts(day, self._policy.hour))

    def _habits(self, day: int) -> Habits:
        return self._books.by_day.get(day, self._books.habits)

    def _listened(self, review: Waiting, day: int) -> bool:
        """Whether a likely author can still be called by a number that was his for the order."""
        if not self._policy.wait_for_numbers:
            return False
        bad = review.rating <= self._policy.bad_rating
        decided = self._day(day, bad=bad) if review.form < len(DAILY) else self._week(week_of(day), bad=bad)
        rows = decided.rows
        if review.listing == UNKNOWN:
            mask = np.ones(len(rows.buyers), np.bool_)
        else:
            mask = within(rows, decided.forms, review.form, rows.of_listing[review.listing])
        suspects = likely(decided.by_model, mask, self._policy.bound * _LISTENED_SHARE)
        return bool((suspects & (rows.listened > self._now)).any())

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


def stores_waiting(waiting: Mapping[str, Waiting]) -> list[str]:
    """Stores of which a review waits, in order."""
    return sorted({each.store_id for each in waiting.values()})
