"""A process' book of a rush: the names as of all segments so far, and claims decided by them and fenced by the next.

What a transaction has put into the book holds only if the transaction does. So each segment that the book has taken in
is remembered, with what it changed, until a later transaction finds it in the store; one that is not there is undone.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import datetime
from typing import Final

import msgspec
import sqlalchemy as sa

from agoranomos.promotions.budgets.model import CapKind, Coupon
from agoranomos.promotions.budgets.rush import segments
from agoranomos.promotions.budgets.rush.names import GIVEN, STANDS, Before, Keys, Names
from agoranomos.promotions.budgets.rush.segments import Segment
from agoranomos.promotions.budgets.terms import Terms

TRIES_MAX: Final = 50
"""How often claims are decided anew, as others were there before."""


class _Taken(msgspec.Struct, frozen=True, eq=False):
    """A segment in the book: in which transaction it was taken in, and what it changed (None: all from the start)."""

    segment: Segment
    changed: Sequence[Before] | None
    within: object


class Book:
    """Of one rush, for terms with caps of these kinds; not for several threads at once."""

    def __init__(self, rush_id: str, campaign_id: str, kinds: tuple[CapKind, ...], holder: str) -> None:
        """`holder` tells apart what different processes write."""
        self.rush_id, self.campaign_id, self.kinds = rush_id, campaign_id, kinds
        self._holder, self._written = holder, 0
        self._names, self._number, self._whole = Names(), 0, False
        self._unsure: list[_Taken] = []

    def __len__(self) -> int:
        """How many names it has."""
        return len(self._names)

    def claim(
        self, connection: sa.Connection, terms: Terms, coupons: Sequence[Coupon], now: datetime
    ) -> list[int] | None:
        """Answers for new coupons (GIVEN, STANDS, or which of the caps is full), in their order; those given are a
        segment. None: others were there before, again and again.
        """
        names, keys = [each.coupon_id for each in coupons], list(self._keys(coupons))
        caps = [cap.count for cap in terms.caps]
        for _ in range(TRIES_MAX):
            self.sync(connection)
            answers = self._names.decide(names, keys, caps)
            rows = [row for row, answer in enumerate(answers) if answer == GIVEN]
            if not rows:
                return answers
            self._written += 1
            segment = Segment(self._number, "claims", f"{self._holder}/{self._written}")
            given = coupons if len(rows) == len(coupons) else [coupons[row] for row in rows]
            changed: list[Before] = [(each.coupon_id, False) for each in given]
            try:
                written = segments.put(connection, self.rush_id, segment, segments.packed(given), len(given), now)
            except BaseException:
                self._names.undo(changed)
                raise
            if written:
                self._take(connection, segment, changed)
                return answers
            self._names.undo(changed)
        return None

    def sync(self, connection: sa.Connection) -> None:
        """Takes in what has happened, and back what did not."""
        if not self._whole:
            self._load(connection)
            return
        start = self._unsure[0].segment.number if self._unsure else self._number
        there = {each.number: each for each in segments.since(connection, self.rush_id, start)}
        for place, each in enumerate(self._unsure):
            if there.get(each.segment.number) != each.segment:
                if self._undo(place):
                    break
                self._load(connection)
                return
        else:
            here = connection.get_transaction()
            self._unsure = [each for each in self._unsure if each.within is here]
        if there and max(there) >= self._number:
            self._read(connection)

    def _load(self, connection: sa.Connection) -> None:
        """Rows first, then all segments: what became a row, or went, in between is in both, and the segments' order
        says how it ended.
        """
        self._names, self._number, self._unsure, self._whole = Names(), 0, [], False
        for coupon_id, account_id, device_id, void in segments.holders(connection, self.campaign_id):
            if void:
                self._names.void([coupon_id])
            else:
                self._names.hold([coupon_id], [self._keys_of(account_id, device_id)])
        self._read(connection)
        # What was read may be of this very transaction, and go with it.
        self._unsure = [msgspec.structs.replace(each, changed=None) for each in self._unsure[-1:]]
        self._whole = True  # only now: a book of which a part is missing would give that part again

    def _read(self, connection: sa.Connection) -> None:
        for segment, body in segments.bodies(connection, self.rush_id, self._number):
            assert segment.number == self._number, "numbers have no gaps"
            match segment.kind:
                case "claims":
                    claims = segments.claims_of(body)
                    none: list[str | None] = [None] * len(claims.coupons)
                    each = zip(claims.accounts, claims.devices or none, strict=True)
                    changed = self._names.hold(claims.coupons, (self._keys_of(*both) for both in each))
                case "gone":
                    changed = self._names.drop(segments.names_of(body))
                case _:
                    changed = self._names.void(segments.names_of(body))
            self._take(connection, segment, changed)

    def _take(self, connection: sa.Connection, segment: Segment, changed: Sequence[Before]) -> None:
        self._unsure.append(_Taken(segment, changed, connection.get_transaction()))
        self._number = segment.number + 1

    def _undo(self, place: int) -> bool:
        """Takes back what the book has from there on; False where it cannot."""
        while len(self._unsure) > place:
            last = self._unsure.pop()
            if last.changed is None:
                return False
            self._names.undo(last.changed)
            self._number = last.segment.number
        return True

    def _keys(self, coupons: Sequence[Coupon]) -> Iterator[Keys]:
        for each in coupons:
            yield self._keys_of(each.account_id, each.device_id)

    def _keys_of(self, account_id: str, device_id: str | None) -> Keys:
        if self.kinds == ("account",):
            return (account_id,)
        return tuple(
            account_id if kind == "account" else None if device_id is None else f"\x1f{device_id}"
            for kind in self.kinds
        )


__all__ = ["GIVEN", "STANDS", "Book"]
