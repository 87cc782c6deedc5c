"""What a process knows of a campaign in a rush: which coupons are held, and how many each person holds."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Final, Literal

Keys = tuple[str | None, ...]
"""Whom a coupon counts for: one key for each cap, None where the cap does not apply to it."""
STANDS: Final = -1
"""Somebody holds the coupon, or it is void: what stands of it is to be looked up."""
GIVEN: Final = -2
Absent = Literal[False]
Before = tuple[str, Keys | Absent | None]
"""A coupon, and what was known of it before it was changed; False: nothing."""


class Names:
    """Coupons with whom they count for (None: void, they count for nobody), and the counts."""

    def __init__(self) -> None:
        self._held: dict[str, Keys | None] = {}
        self._counts: dict[str, int] = {}

    def __len__(self) -> int:
        """How many coupons are known."""
        return len(self._held)

    def decide(self, coupons: Sequence[str], keys: Sequence[Keys], caps: Sequence[int]) -> list[int]:
        """Answers claims in their order: GIVEN, STANDS, or which of the `caps` is full. What is given is held."""
        held, counts = self._held, self._counts
        answers: list[int] = []
        for coupon, mine in zip(coupons, keys, strict=True):
            if coupon in held:
                answers.append(STANDS)
                continue
            for place, key in enumerate(mine):
                if key is not None and counts.get(key, 0) >= caps[place]:
                    answers.append(place)
                    break
            else:
                held[coupon] = mine
                for key in mine:
                    if key is not None:
                        counts[key] = counts.get(key, 0) + 1
                answers.append(GIVEN)
        return answers

    def hold(self, coupons: Iterable[str], keys: Iterable[Keys]) -> list[Before]:
        """Those were given; what is known of a coupon already stays. Returns what was changed."""
        changed: list[Before] = []
        for coupon, mine in zip(coupons, keys, strict=True):
            if coupon not in self._held:
                self._set(coupon, mine)
                changed.append((coupon, False))
        return changed

    def drop(self, coupons: Iterable[str]) -> list[Before]:
        """Those were given back: anybody may claim them. What is void stays so."""
        changed: list[Before] = []
        for coupon in coupons:
            before = self._held.get(coupon)
            if before is not None:
                self._set(coupon, False)
                changed.append((coupon, before))
        return changed

    def void(self, coupons: Iterable[str]) -> list[Before]:
        """Those are void for good."""
        changed: list[Before] = []
        for coupon in coupons:
            changed.append((coupon, self._held.get(coupon, False)))
            self._set(coupon, None)
        return changed

    def undo(self, changed: Sequence[Before]) -> None:
        """As if that had not been changed, or given."""
        for coupon, before in reversed(changed):
            self._set(coupon, before)

    def _set(self, coupon: str, to: Keys | Absent | None) -> None:
        for key in self._held.get(coupon) or ():
            if key is not None:
                left = self._counts[key] - 1
                if left:
                    self._counts[key] = left
                else:
                    del self._counts[key]
        if to is False:
            self._held.pop(coupon, None)
            return
        self._held[coupon] = to
        for key in to or ():
            if key is not None:
                self._counts[key] = self._counts.get(key, 0) + 1
