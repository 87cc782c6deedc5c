"""How well a merchant could guess who wrote an anonymous review: the exact posterior over his own orders.

The merchant sees his orders: their goods, when they came, who complained or sent back, who reviewed under a name. He
sees what is published. He is taken to know this code, its policy and the habits of buyers (Kerckhoffs). Then

    P(order | review) ∝ P(this review is written for the order on one of the days that the form leaves open),

and what is bounded is the largest sum over the orders of one buyer. A count of candidates bounds nothing: of 58 orders
that fit, one can hold half of the weight.

A form that was refused tells something as well: whoever sees a review of "some shoe, this week" knows that "this shoe,
today" was not safe (the minimality attack: Wong et al., VLDB 2007). So pairs of listing and day are dealt out: each to
the first form whose cell is safe, cells holding only pairs that no finer form has taken. Which pair gets which form
follows from what the merchant sees, never from who wrote.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Final, NamedTuple

import numpy as np
import numpy.typing as npt

from agoranomos.reviews.anonymity.habits import Floats, Habits
from agoranomos.reviews.anonymity.model import DAILY, DAY_S, FORMS, UNKNOWN, WEEKLY, Item
from agoranomos.reviews.anonymity.policy import Policy
from agoranomos.reviews.anonymity.shop import Shop

Codes = npt.NDArray[np.int64]
Flags = npt.NDArray[np.bool_]
LATER: Final = -1
"""No form so far."""
_SURELY_BELOW: Final = 1.0 - 1e-6
"""Less than one, whatever was rounded on the way."""


class Rows(NamedTuple):
    """The orders of one store as far as they are known at a moment. `ready`: the day from which lags count; `first`:
    that of the order; `chance`: how likely a review is before lags come in; `listened`: until when the number is alive,
    seconds since 1970. `category_of`: by listing.
    """

    buyers: Codes
    listings: Codes
    categories: Codes
    ready: Codes
    first: Codes
    chance: Floats
    trouble: Flags
    listened: Floats
    category_of: Codes


class Columns:
    """A shop's columns as arrays, from which what was known at any moment is cut."""

    def __init__(self, shop: Shop, category_of: Mapping[str, str]) -> None:
        numbers: dict[str, int] = {}
        names = [category_of.get(name, UNKNOWN) for name in shop.listings]
        self._category_of = np.asarray([numbers.setdefault(name, len(numbers)) for name in names], np.int64)
        self._buyers, self._listings = np.asarray(shop.buyer, np.int64), np.asarray(shop.listing, np.int64)
        self._placed, self._came = np.asarray(shop.placed), np.asarray(shop.came)
        self._trouble, self._named = np.asarray(shop.trouble), np.asarray(shop.named)
        self._listened, self._share = np.asarray(shop.listened), np.asarray(shop.share)

    def at(self, at: float, policy: Policy) -> Rows:
        """What was known at `at` (seconds since 1970): without what was reviewed under a name."""
        since = at - (len(policy.lags) + policy.way_days + policy.orders_days) * DAY_S
        known = np.flatnonzero((self._placed <= at) & (self._named > at) & (self._placed > since))
        came = self._came[known]
        there = came <= at
        first = _days(self._placed[known])
        ready = np.where(there, _days(np.where(there, came, 0.0)), first + policy.way_days)
        chance = self._share[known] * np.where(there, 1.0, policy.before_it_came)
        listings = self._listings[known]
        return Rows(
            self._buyers[known], listings, self._category_of[listings], ready, first, chance,
            self._trouble[known] <= at, self._listened[known], self._category_of,
        )  # fmt: skip


def _days(at: Floats) -> Codes:
    return ((at + 8 * 3600) // DAY_S).astype(np.int64)


def weights(rows: Rows, day: int, habits: Habits, policy: Policy, *, bad: bool) -> tuple[Floats, ...]:
    """How likely each row is the one of a review of this kind written on `day`: for each model of habits."""
    factor = np.where(rows.trouble, habits.odds(policy, bad=bad), 1.0) * rows.chance * (rows.first <= day)
    lag = np.maximum(day - rows.ready, 0)
    made = []
    for shares in habits.shares(policy):
        there = lag < len(shares)
        made.append(factor * np.where(there, shares[np.minimum(lag, len(shares) - 1)], 0.0))
    return tuple(made)


def daily_forms(rows: Rows, by_model: Sequence[Floats], bound: float) -> Codes:
    """For each listing, which of FORMS a review written on the day of these weights gets; LATER: none of a day."""
    return _dealt(rows, by_model, [form.item for form in DAILY], 0, bound)


def weekly_forms(rows: Rows, by_model: Sequence[Floats], bound: float) -> Codes:
    """The same for what the days of a week have left over, in `by_model`."""
    return _dealt(rows, by_model, [form.item for form in WEEKLY], len(DAILY), bound)


def too_few(orders: int, bound: float) -> bool:
    """Whether so many orders can never hide anybody: of `n` buyers one holds at least an `n`-th of any weight."""
    return orders * bound < _SURELY_BELOW


def none_safe(rows: Rows) -> Codes:
    """The forms where nothing is safe."""
    return np.full(len(rows.category_of), LATER, np.int64)


def left_over(rows: Rows, days: Sequence[tuple[tuple[Floats, ...], Codes]]) -> tuple[Floats, ...]:
    """The weights of a week without the pairs that got a form of a day: from weights and forms by day."""
    kept = [[each * (forms[rows.listings] == LATER) for each in by_model] for by_model, forms in days]
    return tuple(np.sum(same_model, axis=0) for same_model in zip(*kept, strict=True))


def safe_without_goods(rows: Rows, by_model: Sequence[Floats], bound: float) -> bool:
    """Whether a review that tells nothing of its goods may be shown: all orders of the week are its candidates."""
    one = np.zeros(len(rows.buyers), np.int64)
    return bool(_safe(one, 1, rows.buyers, by_model, bound)[0])


def likely(by_model: Sequence[Floats], mask: Flags, share: float) -> Flags:
    """The rows that hold more than `share` of the weight within `mask`, by any model."""
    found = np.zeros(len(mask), np.bool_)
    for each in by_model:
        whole = float(each[mask].sum())
        found |= mask & (each > share * whole)
    return found


def within(rows: Rows, forms: Codes, number: int, listing: int) -> Flags:
    """The rows of the cell that a review of `listing` in the form `number` is in."""
    found: Flags = forms[rows.listings] == number
    item = FORMS[number].item
    if item == "listing":
        found &= rows.listings == listing
    elif item == "category":
        found &= rows.categories == rows.category_of[listing]
    return found


def _dealt(rows: Rows, by_model: Sequence[Floats], items: Sequence[Item], first: int, bound: float) -> Codes:
    listings = len(rows.category_of)
    forms = none_safe(rows)
    for number, item in enumerate(items, first):
        open_ = forms == LATER
        kept = open_[rows.listings]
        weighed = [each * kept for each in by_model]
        if item == "listing":
            cells, of_listing = rows.listings, np.arange(listings)
        elif item == "category":
            cells, of_listing = rows.categories, rows.category_of
        else:
            cells, of_listing = np.zeros(len(rows.buyers), np.int64), np.zeros(listings, np.int64)
        safe = _safe(cells, int(of_listing.max(initial=0)) + 1, rows.buyers, weighed, bound)
        forms[open_ & safe[of_listing]] = number
    return forms


def _safe(cells: Codes, count: int, buyers: Codes, by_model: Sequence[Floats], bound: float) -> Flags:
    """Of each cell, whether no buyer holds more than `bound` of its weight, by any model; an empty one is not safe."""
    if too_few(int(np.bincount(cells).max(initial=0)), bound):
        return np.zeros(count, np.bool_)
    people = int(buyers.max(initial=0)) + 1
    pairs, place = np.unique(cells * people + buyers, return_inverse=True)
    cell_of = pairs // people
    safe = np.ones(count, np.bool_)
    for each in by_model:
        held = np.bincount(place, each, len(pairs))
        whole = np.bincount(cell_of, held, count)
        most = np.zeros(count)
        np.maximum.at(most, cell_of, held)
        safe &= (whole > 0.0) & (most <= bound * whole)
    return safe
