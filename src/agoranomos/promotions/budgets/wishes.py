"""Claims that wait for their answers, and how many of them are written as new coupons at once: in columns, and in the
order of their places, so that the index of places is walked through once and no two processes wait in a ring.
"""

from __future__ import annotations

import hashlib
from binascii import b2a_base64
from collections.abc import Iterator, Sequence
from datetime import UTC, datetime, timedelta
from typing import Any, Final
from zlib import crc32

import msgspec
import sqlalchemy as sa

from agoranomos.kernel.dialect_lists import insert_new
from agoranomos.promotions.budgets.model import Asked, Coupon, Verdict
from agoranomos.promotions.budgets.places import COLUMNS, PLACE_BYTES, UNTIL, Held, held_by, period_of, scope_of
from agoranomos.promotions.budgets.tables import promo_coupons
from agoranomos.promotions.budgets.terms import Cap, Terms

_EPOCH: Final = datetime(1970, 1, 1, tzinfo=UTC)
_MICROSECOND: Final = timedelta(microseconds=1)
_MOMENTS: Final = frozenset(("claimed_at", "reserved_until", *UNTIL.values()))


class Wish(msgspec.Struct, eq=False, gc=False):
    """A claim that waits for its answer. `reserved_until` None: for good. `held`: its caps, and `places` the number to
    try in each; filled in when its first places were taken.
    """

    asked: Asked
    reserved_until: datetime | None
    amount: int = 0
    answer: Verdict | None = None
    held: tuple[Held, ...] = ()
    places: tuple[int, ...] = ()

    def look_at(self, terms: Terms) -> None:
        """Fills in the caps that hold for it."""
        if not self.held:
            self.held = tuple(held_by(terms, self.asked))
            self.places = (first_number(self.asked),) * len(self.held)

    def given(self) -> Verdict:
        """Yes, and the coupon."""
        asked, until = self.asked, self.reserved_until
        return Verdict(
            coupon=Coupon(
                campaign_id=asked.campaign_id, coupon_id=asked.coupon_id, account_id=asked.account_id,
                state="claimed" if until is None else "reserved", claimed_at=asked.at, amount=self.amount,
                reserved_until=until, device_id=asked.device_id, payee_id=asked.payee_id,
            )
        )  # fmt: skip


def first_number(asked: Asked) -> int:
    """Where the coupon begins to look for a place: coupons of one person begin at different ones."""
    return crc32(asked.coupon_id.encode())


def insert(connection: sa.Connection, terms: Terms, wishes: Sequence[Wish], *, chosen: bool) -> set[str]:
    """Writes those whose coupons are new and whose places are all free; their coupons. `chosen`: in the places that
    they have looked for, not in the first that come to mind.
    """
    lists: dict[str, list[Any]] = {
        "coupon_id": [wish.asked.coupon_id for wish in wishes],
        "account_id": [wish.asked.account_id for wish in wishes],
    }
    lists |= _chosen_places(terms, wishes) if chosen else _first_places(terms, wishes)
    order = _in_order(lists)
    lists["device_id"] = [wish.asked.device_id for wish in wishes]
    lists["payee_id"] = [wish.asked.payee_id for wish in wishes]
    lists["claimed_at"] = [wish.asked.at for wish in wishes]
    lists["reserved_until"] = [wish.reserved_until for wish in wishes]
    lists["state"] = ["claimed" if wish.reserved_until is None else "reserved" for wish in wishes]
    lists["amount"] = [wish.amount for wish in wishes]
    same: dict[str, Any] = {"campaign_id": terms.campaign_id}
    for column, values in list(lists.items()):
        # Most batches ask at one moment, with one end of their reservations, and so on: said once, not in each row.
        if column != "coupon_id" and values.count(values[0]) == len(values):
            same[column] = values[0]
            del lists[column]
        elif column in _MOMENTS:
            lists[column] = [None if values[row] is None else _micros(values[row]) for row in order]
        else:
            lists[column] = [values[row] for row in order]
    return set(insert_new(connection, promo_coupons, same, lists, "coupon_id"))


def _in_order(lists: dict[str, list[Any]]) -> list[int]:
    """The rows in the order of their places, else of their coupons: every process goes the same way."""
    whole = (values for column, values in lists.items() if column in COLUMNS.values() and None not in values)
    values = next(whole, lists["coupon_id"])
    return sorted(range(len(values)), key=values.__getitem__)


def _chosen_places(terms: Terms, wishes: Sequence[Wish]) -> dict[str, list[Any]]:
    """Those that each claim has chosen."""
    lists: dict[str, list[Any]] = {}
    for kind in dict.fromkeys(cap.kind for cap in terms.caps):
        lists[COLUMNS[kind]] = places = [None] * len(wishes)
        untils: list[Any] = [None] * len(wishes)
        for row, wish in enumerate(wishes):
            for held, number in zip(wish.held, wish.places, strict=True):
                if held.cap.kind == kind:
                    places[row] = held.place(number)  # type: ignore[call-overload] # a list of texts and None
                    untils[row] = held.until
        if kind in UNTIL:
            lists[UNTIL[kind]] = untils
    return lists


def _first_places(terms: Terms, wishes: Sequence[Wish]) -> dict[str, list[Any]]:
    """The same as `_chosen_places` of claims that begin to look, without a thought for each."""
    lists: dict[str, list[Any]] = {}
    moments = [wish.asked.at for wish in wishes]
    ends = (min(moments), max(moments))
    one_day = terms.period_key("day", ends[0]) == terms.period_key("day", ends[1])
    numbers = [first_number(wish.asked) for wish in wishes] if terms.caps else []
    for cap in terms.caps:
        who = [cap.whose(wish.asked) for wish in wishes]
        periods: Sequence[str] | str = period_of(terms, cap, ends[0])
        if periods and not one_day:
            periods = [period_of(terms, cap, at) for at in moments]
        lists[COLUMNS[cap.kind]] = list(_names(scope_of(terms, cap), cap, who, periods, numbers))
        if cap.kind in UNTIL and not periods and cap.days is not None:
            whole = one_day and cap.days == int(cap.days)
            until = terms.counts_until(cap, ends[0]) if whole else None
            lists[UNTIL[cap.kind]] = [
                None if one is None else until if whole else terms.counts_until(cap, at)
                for one, at in zip(who, moments, strict=True)
            ]
    return lists


def _names(
    scope: str, cap: Cap, who: Sequence[str | None], periods: Sequence[str] | str, numbers: Sequence[int]
) -> Iterator[str | None]:
    """As `Held.place`: one of the places of each; None for those to whom the cap does not apply."""
    count, blake = cap.count, hashlib.blake2b
    begins = f"{scope}\x1f{cap.kind}\x1f"
    each = [periods] * len(who) if isinstance(periods, str) else periods
    for one, period, number in zip(who, each, numbers, strict=True):
        if one is None:
            yield None
        else:
            raw = f"{begins}{one}\x1f{period}\x1f{number % count}".encode("utf-8", "surrogatepass")
            yield b2a_base64(blake(raw, digest_size=PLACE_BYTES).digest(), newline=False).decode("ascii")


def _micros(moment: datetime) -> int:
    return (moment - _EPOCH) // _MICROSECOND
