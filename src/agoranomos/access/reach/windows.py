"""The features of all readers over 1, 7 and 30 days, exactly, from all pairs at once.

One sort of 64-bit rows (subject, principal, age in days) and passes over them: no sketch is needed, since a row is
all that a pair takes. What is usual is taken from the readers themselves (`usual`). A first guess at who is unusual is
left out of what is usual the second time.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Final

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from agoranomos.access.reach import kernels
from agoranomos.access.reach.days import days_of
from agoranomos.access.reach.usual import RARITY, Ints, Outside, excess_of, groups_of, pace_of, together, writers_of

WINDOWS: Final = (1, 7, 30)
_AGE_BITS: Final = 5
_ROUNDS: Final = 3
_UNUSUAL: Final = 3.5
"""Deviations from what is usual above which a reader does not stand for it."""


class Numbering:
    """Small numbers for 64-bit values, in the order in which they come."""

    def __init__(self) -> None:
        self._keys, self._values = np.zeros(1 << 12, np.uint64), np.zeros(1 << 12, np.int64)
        self.count = 0

    def of(self, wanted: npt.NDArray[np.uint64]) -> Ints:
        """The numbers of `wanted`, none of which is 0; new ones are given."""
        while (self.count + len(wanted)) * 5 > len(self._keys) * 3:
            keys, values = np.zeros(len(self._keys) * 2, np.uint64), np.zeros(len(self._keys) * 2, np.int64)
            kernels.grown(self._keys, self._values, keys, values)
            self._keys, self._values = keys, values
        out = np.empty(len(wanted), np.int64)
        self.count = kernels.numbered(self._keys, self._values, wanted, out, self.count)
        return out

    def values(self) -> npt.NDArray[np.uint64]:
        """The values by their numbers."""
        there = self._keys != 0
        values = np.zeros(self.count, np.uint64)
        values[self._values[there]] = self._keys[there]
        return values


class Windows:
    """Collects pairs; `features` tells what they come to. The latest client of a reader is its group."""

    def __init__(self) -> None:
        self._principals, self._subjects, self._groups = Numbering(), Numbering(), Numbering()
        self._rows: list[tuple[Ints, Ints, Ints]] = []
        self._writes: list[tuple[Ints, Ints]] = []
        self._last: dict[str, Ints] = {"group": np.zeros(0, np.int64), "at": np.zeros(0, np.int64)}

    @property
    def last_day(self) -> int:
        """The newest day on which anybody was shown."""
        return max((int(days.max()) for _, _, days in self._rows if len(days)), default=0)

    def add(self, batch: pa.RecordBatch) -> None:
        """Takes a batch of `logs.reading.SCHEMA`."""
        principals = batch.column("principal").to_numpy()
        micros = batch.column("time").cast(pa.int64()).to_numpy()
        subjects = batch.column("subject").fill_null(0).to_numpy()
        agents = batch.column("agent").to_numpy()
        self.add_pairs(principals, subjects, micros, agents, batch.column("writes").to_numpy(zero_copy_only=False))

    def add_pairs(
        self, principals: npt.NDArray[np.uint64], subjects: npt.NDArray[np.uint64], micros: Ints,
        groups: npt.NDArray[np.uint64], writes: npt.NDArray[np.bool_],
    ) -> None:  # fmt: skip
        """Takes pairs as columns; `subjects` are 0 where nobody was shown, `groups` where the client is not known."""
        who, days = self._principals.of(principals), days_of(micros)
        known = groups != 0
        self._note_groups(who[known], self._groups.of(groups[known]), micros[known])
        shown = subjects != 0
        self._rows.append((who[shown], self._subjects.of(subjects[shown]), days[shown]))
        self._writes.append((who[writes], days[writes]))

    def _note_groups(self, who: Ints, groups: Ints, micros: Ints) -> None:
        more = self._principals.count - len(self._last["at"])
        if more > 0:
            self._last = {name: np.concatenate([each, np.full(more, -1)]) for name, each in self._last.items()}
        order = np.argsort(micros, kind="stable")
        late = order[micros[order] >= self._last["at"][who[order]]]
        self._last["group"][who[late]], self._last["at"][who[late]] = groups[late], micros[late]

    def features(self, today: int | None = None, windows: Sequence[int] = WINDOWS) -> pa.Table:
        """`columns` as a table, with nulls for NaN."""
        columns = self.columns(today, windows)
        return pa.table({name: pa.array(values, from_pandas=True) for name, values in columns.items()})

    def columns(self, today: int | None = None, windows: Sequence[int] = WINDOWS) -> dict[str, npt.NDArray[Any]]:
        """A row for each principal: `principal`, `group` (the values given), and for each window of days up to `today`
        (None: the last day) `reads_7`, `people_7`, `coverage_7`, `alone_7`, `excess_7`, `writes_7`, and of its group
        `group_readers_7` and `group_overlap_7`.

        `coverage` is people over reads. `alone` counts people whom nobody usual of another group has read; `excess` is
        by how many deviations the people are more seldom read than those of others. `group_overlap` is how far the
        group's readers read the same as each other: 1 as strangers would, 0 not at all, as if they shared the work;
        NaN where it cannot be told.
        """
        last = self.last_day if today is None else today
        self._note_groups(np.zeros(0, np.int64), np.zeros(0, np.int64), np.zeros(0, np.int64))
        unknown = self._last["group"] < 0
        if unknown.any():
            self._last["group"][unknown] = self._groups.of(np.ones(1, np.uint64))[0]
        order = np.argsort(self._last["group"], kind="stable")
        place = np.empty_like(order)
        place[order] = np.arange(len(order))
        bits = max(1, len(order).bit_length())
        rows = self._sorted(place, last, bits, max(windows))
        shape = (len(windows), len(order))
        reads, people = np.zeros(shape, np.int64), np.zeros(shape, np.int64)
        kernels.reads_and_people(rows, np.array(windows, np.int64), bits, reads, people)
        group_of = self._last["group"][order]
        columns: dict[str, Any] = {
            "principal": self._principals.values()[order], "group": self._groups.values()[group_of],
        }  # fmt: skip
        for w, window in enumerate(windows):
            columns |= {f"reads_{window}": reads[w], f"people_{window}": people[w]}
            columns[f"coverage_{window}"] = people[w] / np.maximum(reads[w], 1)
            for name, values in self._company(rows, window, bits, group_of, reads[w], people[w]).items():
                columns[f"{name}_{window}"] = values
            columns[f"writes_{window}"] = wrote = self._written(place, last, window)
            for name, values in writers_of(wrote, people[w], group_of).items():
                columns[f"{name}_{window}"] = values
        return columns

    def _sorted(self, place: Ints, last: int, bits: int, longest: int) -> npt.NDArray[np.uint64]:
        subject_bits = 64 - _AGE_BITS - bits
        assert self._subjects.count < 1 << subject_bits, "more readers and people than 59 bits tell apart"
        parts = [np.zeros(0, np.uint64)]
        for who, subjects, days in self._rows:
            age = last - days
            inside = (age >= 0) & (age < longest)
            row = subjects[inside].astype(np.uint64) << np.uint64(bits)
            row = (row | place[who[inside]].astype(np.uint64)) << np.uint64(_AGE_BITS)
            parts.append(row | age[inside].astype(np.uint64))
        rows = np.concatenate(parts)
        rows.sort()
        return rows

    def _written(self, place: Ints, last: int, window: int) -> Ints:
        total = np.zeros(len(place), np.int64)
        for who, days in self._writes:
            inside = (days > last - window) & (days <= last)
            total += np.bincount(place[who[inside]], minlength=len(place))
        return total

    def _company(
        self, rows: npt.NDArray[np.uint64], window: int, bits: int, group_of: Ints, reads: Ints, people: Ints
    ) -> dict[str, Any]:
        trusted = np.ones(len(group_of), np.int64)
        found: dict[str, Any] = {}
        for _ in range(_ROUNDS):
            alone, rare = np.zeros(len(group_of), np.int64), np.zeros(len(group_of))
            readers = np.zeros(kernels.KINDS_MAX + 1, np.int64)
            changes = np.zeros((self._groups.count, kernels.KINDS_MAX + 1), np.int64)
            own, union = np.zeros(self._groups.count, np.int64), np.zeros(self._groups.count, np.int64)
            pairs = kernels.company(
                rows, window, bits, group_of, trusted, RARITY, alone, rare, readers, changes, own, union
            )
            outside = Outside(readers + changes, pairs - own)
            everybody = Outside(readers[np.newaxis], np.array([pairs]))
            pace = pace_of(everybody, reads, people, trusted)
            excess = excess_of(rare, people, group_of, outside, trusted, pace)
            groups = groups_of(people, group_of, outside, union) | together(excess, people, group_of)
            found = {"alone": alone, "excess": excess, **groups}
            usual = (excess <= _UNUSUAL).astype(np.int64)
            if (trusted == usual).all():
                break
            trusted = usual
        return found
