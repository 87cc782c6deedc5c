"""What readers looked at who need no business for it: kept for a week, judged at the end of each day.

When there are more pairs than may be kept, people are sampled by the hash of their id, the same people for all readers:
how seldom somebody is read, and who reads the same, is the same in such a sample.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import datetime
from typing import TYPE_CHECKING, Any, Final

import msgspec
import numpy as np
import xxhash

from agoranomos.kernel.calendar import day_of

if TYPE_CHECKING:
    from agoranomos.access.reach.windows import Windows

DAYS: Final = 7
_MICROS: Final = 86_400_000_000
_OFFSET: Final = 8 * 3_600_000_000
Pairs = tuple[list[int], list[int], list[int]]
"""Numbers of readers, hashes of people, hashes of clients."""


class _State(msgspec.Struct):
    readers: list[str]
    days: dict[int, Pairs]
    writes: dict[int, list[int]]
    sampled: int
    clients: dict[int, str]


class Visits:
    """Reads of the last days. `pairs_max`: how many are kept."""

    def __init__(self, pairs_max: int) -> None:
        self._max = pairs_max
        self._numbers: dict[str, int] = {}
        self._known = _State([], {}, {}, 0, {})
        self._held = 0

    def __len__(self) -> int:
        return self._held

    def note(self, principal_id: str, subject_ids: tuple[str, ...], client: str, at: datetime) -> None:
        """That a reader with this client looked at people."""
        principals, subjects, clients = self._known.days.setdefault(day_of(at), ([], [], []))
        number, hashed = self._number(principal_id), _hashed(client)
        self._known.clients[hashed] = client
        mask = (1 << self._known.sampled) - 1
        for subject_id in subject_ids:
            subject = _hashed(subject_id)
            if not subject & mask:
                principals.append(number)
                subjects.append(subject)
                clients.append(hashed)
                self._held += 1
        if self._held > self._max:
            self._sample()

    def wrote(self, principal_id: str, at: datetime) -> None:
        """That a reader did something, where it is known as one."""
        number = self._numbers.get(principal_id)
        if number is not None:
            self._known.writes.setdefault(day_of(at), []).append(number)

    def fellows(self, principal_id: str, client: str, today: int, days: int) -> list[str]:
        """Other readers with the same client within so many days."""
        hashed, number = _hashed(client), self._numbers.get(principal_id, -1)
        found = {
            principal
            for day, (principals, _, clients) in self._known.days.items() if day > today - days
            for principal, each in zip(principals, clients, strict=True) if each == hashed and principal != number
        }  # fmt: skip
        return sorted(self._known.readers[each] for each in found)

    def judged(self, today: int, readers_min: int) -> Iterator[tuple[str, str, Mapping[str, Any]]]:
        """(reader, client, features) of those who read anybody on the last day, when there are enough readers."""
        self._forget(today)
        names = np.array(self._known.readers, dtype=object)
        day = self._known.days.get(today)
        if day is None or len({each for pairs in self._known.days.values() for each in pairs[0]}) < readers_min:
            return
        # Compiled, and half a second until it answers: most histories have too few such readers.
        from agoranomos.access.reach.windows import Windows  # noqa: PLC0415

        windows = Windows()
        for when, (principals, subjects, clients) in sorted(self._known.days.items()):
            self._add(windows, when, principals, subjects, clients)
        columns = windows.columns(today, (1, DAYS))  # not as a table: making one imports pandas
        active = set(day[0])
        for values in zip(*(each.tolist() for each in columns.values()), strict=True):
            row: dict[str, Any] = {
                name: None if value != value else value  # noqa: PLR0124
                for name, value in zip(columns, values, strict=True)
            }
            number = row["principal"] - 1
            if number in active:
                yield names[number], self._known.clients.get(row["group"], ""), row

    def _add(self, windows: Windows, when: int, principals: list[int], subjects: list[int], clients: list[int]) -> None:
        wrote = self._known.writes.get(when, [])
        nobody = [0] * len(wrote)
        windows.add_pairs(
            np.array([*wrote, *principals], np.uint64) + np.uint64(1),
            np.array([*nobody, *subjects], np.uint64),
            np.full(len(wrote) + len(principals), when * _MICROS - _OFFSET, np.int64),
            np.array([*nobody, *clients], np.uint64),
            np.arange(len(wrote) + len(principals)) < len(wrote),
        )

    def _number(self, principal_id: str) -> int:
        number = self._numbers.get(principal_id)
        if number is None:
            number = self._numbers[principal_id] = len(self._known.readers)
            self._known.readers.append(principal_id)
        return number

    def _forget(self, today: int) -> None:
        oldest = today - DAYS + 1
        self._known.writes = {day: each for day, each in self._known.writes.items() if day >= oldest}
        if any(day < oldest for day in self._known.days):
            self._known.days = {day: each for day, each in self._known.days.items() if day >= oldest}
            self._renumber()

    def _renumber(self) -> None:
        """Gives numbers to those only who are still there."""
        there = sorted({each for pairs in self._known.days.values() for each in pairs[0]})
        moved = {number: place for place, number in enumerate(there)}
        self._known.readers = [self._known.readers[number] for number in there]
        self._numbers = {name: place for place, name in enumerate(self._known.readers)}
        for day, (principals, subjects, clients) in self._known.days.items():
            self._known.days[day] = ([moved[each] for each in principals], subjects, clients)
        self._known.writes = {
            day: [moved[each] for each in numbers if each in moved] for day, numbers in self._known.writes.items()
        }
        used = {each for pairs in self._known.days.values() for each in pairs[2]}
        self._known.clients = {each: name for each, name in self._known.clients.items() if each in used}
        self._held = sum(len(pairs[0]) for pairs in self._known.days.values())

    def _sample(self) -> None:
        self._known.sampled += 1
        mask = (1 << self._known.sampled) - 1
        for day, pairs in self._known.days.items():
            kept = [each for each in zip(*pairs, strict=True) if not each[1] & mask]
            principals, subjects, clients = (list(each) for each in zip(*kept, strict=True)) if kept else ([], [], [])
            self._known.days[day] = (principals, subjects, clients)
        self._held = sum(len(pairs[0]) for pairs in self._known.days.values())

    def state(self) -> bytes:
        """All of it."""
        return msgspec.msgpack.encode(self._known)

    def resume(self, state: bytes) -> None:
        """See `state`."""
        self._known = msgspec.msgpack.decode(state, type=_State)
        self._numbers = {name: place for place, name in enumerate(self._known.readers)}
        self._held = sum(len(pairs[0]) for pairs in self._known.days.values())


def _hashed(text: str) -> int:
    return xxhash.xxh3_64_intdigest(text.encode("utf-8", "surrogatepass")) | 1 << 63
