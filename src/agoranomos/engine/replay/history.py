"""The events of a history in order, without the repeats, a stretch at a time."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Final

import msgspec

from agoranomos.engine.replay.desks import View, as_it_is
from agoranomos.engine.replay.sorting import merged
from agoranomos.engine.replay.work import Taken, Work, repeated
from agoranomos.kernel.events import Event, parse_again

_EPOCH: Final = datetime(1970, 1, 1, tzinfo=UTC)
_MICROSECOND: Final = timedelta(microseconds=1)
_STRETCH_MAX: Final = 8_192
"""Events in a stretch, of whatever type."""
_WANTED_MAX: Final = 2_048
"""Of them parsed: some megabytes, for bulk work and for seats that hear them one after the other."""


class Stretch(msgspec.Struct):
    """Events next to each other. `first` is the number of the first one in the history, `times_us` are the times of
    all, `wanted` are those that somebody hears, each with its number.
    """

    first: int
    times_us: list[int]
    wanted: list[tuple[int, Event]]


class Told(msgspec.Struct):
    """What a history was, once it is over: how many events were heard and left out as repeats, how many of each type,
    the first and the last time in microseconds since 1970.
    """

    heard: int = 0
    repeated: int = 0
    types: dict[str, int] = {}
    first_us: int | None = None
    last_us: int | None = None


class History:
    """What was `taken` from the files of `work`; `told` is whole after the last stretch."""

    def __init__(self, work: Work, taken: Taken) -> None:
        self.told = Told()
        self._entries = merged(taken.runs)
        self._repeated = repeated(work)

    def stretches(self, wanted: frozenset[str], view: View = as_it_is) -> Iterator[Stretch]:
        """The events, some at a time, those of the `wanted` types through `view`. Of others only the time counts: they
        need not be parsed again.
        """
        told, types, skip = self.told, Counter[str](), self._repeated.tolist()
        last_us, last = None, ("", "")
        stretch, kinds = Stretch(0, [], []), list[str]()
        number = 0
        # Calls and lists that are spared here are spared once for each event, in each process.
        for time_us, source, identity, line, order, kind in self._entries:
            if skip[order] or (time_us == last_us and (source, identity) == last):
                told.repeated += 1
                continue
            last_us, last = time_us, (source, identity)
            kinds.append(kind)
            stretch.times_us.append(time_us)
            if kind in wanted:
                event = parse_again(line, identity, source, kind, _EPOCH + timedelta(microseconds=time_us))
                stretch.wanted.append((number, view(event)))
            number += 1
            if len(kinds) == _STRETCH_MAX or len(stretch.wanted) == _WANTED_MAX:
                told.heard = number
                told.first_us = stretch.times_us[0] if told.first_us is None else told.first_us
                types.update(kinds)
                yield stretch
                stretch, kinds = Stretch(number, [], []), []
        if kinds:
            told.first_us = stretch.times_us[0] if told.first_us is None else told.first_us
            types.update(kinds)
            yield stretch
        told.heard, told.types, told.last_us = number, dict(types), last_us


def moment(time_us: int) -> datetime:
    """The time of so many microseconds since 1970."""
    return _EPOCH + timedelta(microseconds=time_us)


def microseconds(time: datetime) -> int:
    """The reverse of `moment`."""
    return (time - _EPOCH) // _MICROSECOND
