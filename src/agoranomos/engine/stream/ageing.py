"""What grows old, by the day from which it counts: for monitors that forget.

Who looks through all that it knows each day, to forget what is old, looks at everything as often as it is kept days.
"""

from __future__ import annotations

from collections.abc import Hashable, Iterator
from typing import Generic, TypeVar

Key = TypeVar("Key", bound=Hashable)


class Ageing(Generic[Key]):
    """Keys by day. It is an index of what its owner knows, made anew from that, and no part of any state."""

    def __init__(self) -> None:
        self._by_day: dict[int, list[Key]] = {}

    def note(self, key: Key, day: int) -> None:
        """`key` may be forgotten when `day` is old; it may be noted for several days."""
        noted = self._by_day.get(day)
        if noted is None:
            self._by_day[day] = [key]
        else:
            noted.append(key)

    def until(self, day: int) -> Iterator[Key]:
        """The keys noted for `day` or before, in no order that means anything. They are noted no longer; who finds that
        one is to be kept notes it again.
        """
        for old in [each for each in self._by_day if each <= day]:
            yield from self._by_day.pop(old)
