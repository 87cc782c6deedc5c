"""What comes up most, in bounded memory: Misra and Gries, "Finding repeated elements" (1982).

Of n values, whatever made up more than n / (places + 1) is among those kept, whatever the order.
"""

from __future__ import annotations

from typing import Final

import msgspec

PLACES: Final = 128


class Place(msgspec.Struct):
    """A value that came up often, and who brought it first (an account; "" where that does not matter)."""

    count: int
    by: str = ""


class Crowd(msgspec.Struct):
    """The values that came up most; `top` is the first of them."""

    places: dict[str, Place] = {}
    top: str = ""

    def see(self, value: str, by: str = "") -> None:
        """One more."""
        known = self.places.get(value)
        if known is not None:
            known.count += 1
            if known.count > self.places[self.top].count:
                self.top = value
        elif len(self.places) < PLACES:
            self.places[value] = Place(1, by)
            self.top = self.top or value
        else:
            self._fade()

    def leads(self, value: str) -> bool:
        """Whether `value` is what came up most, and more than once."""
        return value == self.top and self.places[value].count > 1

    def brought_by_another(self, value: str, by: str) -> bool:
        """Whether somebody else than `by` brought `value` before, as far as it is remembered."""
        known = self.places.get(value)
        return known is not None and known.by != by

    def _fade(self) -> None:
        """One less of each; what came up no more often than that is forgotten."""
        for key in [key for key, place in self.places.items() if place.count == 1]:
            del self.places[key]
        for place in self.places.values():
            place.count -= 1
        if self.top not in self.places:
            self.top = ""
