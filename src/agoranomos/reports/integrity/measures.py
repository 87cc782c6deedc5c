"""What stands behind a figure of the report: something that can be measured, by months, with the rows it rests on.

A figure is a `Number`, or two of them, or a length of time, or an estimate (`prevalence`). All answer alike.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import pairwise
from typing import Any, Literal, Protocol

import msgspec
import sqlalchemy as sa

from agoranomos.reports.model import Better, Number, Row, Value, Window, together

Unit = Literal["count", "share", "per_10k", "money", "hours", "estimate"]
"""`share`: between 0 and 1. `per_10k`: of ten thousand. `estimate`: a share that is known by a sample."""


class Reading(msgspec.Struct, frozen=True, kw_only=True):
    """What a figure comes to in some time.

    `value` is what people are shown, in the unit of the figure; None of nothing, and of money, which stands in `money`
    by currency in minor units. `count` are the rows that count, `of` all rows where only some do. `low` and `high` are
    the 95 % interval of what is known by a sample. `slow`: nine of ten took no longer.
    """

    value: float | None
    count: int
    of: int | None = None
    money: dict[str, int] = {}
    low: float | None = None
    high: float | None = None
    slow: float | None = None


class Measure(Protocol):
    """Something that can be measured between moments, and says on what rows that rests."""

    def readings(self, connection: sa.Connection, edges: Sequence[datetime]) -> tuple[Reading, list[Reading]]:
        """Over all of the time, and between each two of `edges`."""

    def before_and(
        self, connection: sa.Connection, before: datetime, edges: Sequence[datetime]
    ) -> tuple[Reading, Reading, list[Reading]]:
        """From `before` up to the first of `edges`; then as `readings`."""

    def all_rows(self, connection: sa.Connection, window: Window) -> Iterator[Row]:
        """The rows, oldest first."""


def one_after_the_other(
    measure: Measure, connection: sa.Connection, before: datetime, edges: Sequence[datetime]
) -> tuple[Reading, Reading, list[Reading]]:
    """`before_and` of what has to look at each time by itself."""
    earlier, _ = measure.readings(connection, [before, edges[0]])
    return earlier, *measure.readings(connection, edges)


@dataclass(frozen=True)
class Figure:
    """A figure of the report. `chapter` is where it stands; its words are under its name in `wording`."""

    name: str
    chapter: str
    unit: Unit
    measure: Measure
    better: Better = ""


@dataclass(frozen=True)
class Counted:
    """A number: rows that are counted or added up. `per`: of how many a share is."""

    number: Number
    per: int = 1

    def readings(self, connection: sa.Connection, edges: Sequence[datetime]) -> tuple[Reading, list[Reading]]:
        """One pass over the rows."""
        spans = self.number.by_span(connection, edges)
        return self._reading(together(spans)), [self._reading(each) for each in spans]

    def before_and(
        self, connection: sa.Connection, before: datetime, edges: Sequence[datetime]
    ) -> tuple[Reading, Reading, list[Reading]]:
        """One pass over the rows of both times."""
        earlier, *spans = self.number.by_span(connection, [before, *edges])
        return self._reading(earlier), self._reading(together(spans)), [self._reading(each) for each in spans]

    def all_rows(self, connection: sa.Connection, window: Window) -> Iterator[Row]:
        """Those of the number."""
        return self.number.all_rows(connection, window)

    def _reading(self, value: Value) -> Reading:
        shown: float | None = value.count
        if self.number.unit == "share":
            shown = None if value.share is None else value.share * self.per
        elif self.number.unit == "money":
            shown = None
        return Reading(value=shown, count=value.count, of=value.of, money=value.money)


@dataclass(frozen=True)
class Against:
    """The share of `one` in `one` and `other` together."""

    one: Number
    other: Number

    def readings(self, connection: sa.Connection, edges: Sequence[datetime]) -> tuple[Reading, list[Reading]]:
        """Each number by its own pass."""
        spans = self._counts(connection, edges)
        return _share_of(spans), [_share_of([each]) for each in spans]

    def before_and(
        self, connection: sa.Connection, before: datetime, edges: Sequence[datetime]
    ) -> tuple[Reading, Reading, list[Reading]]:
        """Each number by one pass over both times."""
        earlier, *spans = self._counts(connection, [before, *edges])
        return _share_of([earlier]), _share_of(spans), [_share_of([each]) for each in spans]

    def _counts(self, connection: sa.Connection, edges: Sequence[datetime]) -> list[tuple[int, int]]:
        ours, theirs = self.one.by_span(connection, edges), self.other.by_span(connection, edges)
        return [(mine.count, other.count) for mine, other in zip(ours, theirs, strict=True)]

    def all_rows(self, connection: sa.Connection, window: Window) -> Iterator[Row]:
        """Those of `one`, which count, then those of `other`."""
        yield from self.one.all_rows(connection, window)
        for row in self.other.all_rows(connection, window):
            yield msgspec.structs.replace(row, counted=False)


def _share_of(spans: Sequence[tuple[int, int]]) -> Reading:
    count = sum(each[0] for each in spans)
    of = count + sum(each[1] for each in spans)
    return Reading(value=count / of if of else None, count=count, of=of)


@dataclass(frozen=True)
class Lasted:
    """How long it took from `begun` to the `at` of a number: the median, in hours, and what nine of ten stayed within.

    By nearest rank, so that each is the time of a row (Hyndman and Fan 1996, definition 1).
    """

    number: Number
    begun: sa.ColumnElement[datetime]

    def readings(self, connection: sa.Connection, edges: Sequence[datetime]) -> tuple[Reading, list[Reading]]:
        """A median is not the sum of medians: each time is looked at by itself."""
        spans = [self._reading(connection, begin, end) for begin, end in pairwise(edges)]
        return self._reading(connection, edges[0], edges[-1]), spans

    def before_and(
        self, connection: sa.Connection, before: datetime, edges: Sequence[datetime]
    ) -> tuple[Reading, Reading, list[Reading]]:
        """Each time by itself."""
        return one_after_the_other(self, connection, before, edges)

    def all_rows(self, connection: sa.Connection, window: Window) -> Iterator[Row]:
        """Those of the number; the amount of each is its time in seconds."""
        return self.number.all_rows(connection, window)

    def _reading(self, connection: sa.Connection, begin: datetime, end: datetime) -> Reading:
        value = self.number.measure(connection, Window(begin, end))
        if not value.count:
            return Reading(value=None, count=0)
        return Reading(
            value=self._nth(connection, begin, end, -(-value.count // 2)), count=value.count,
            slow=self._nth(connection, begin, end, -(-value.count * 9 // 10)),
        )  # fmt: skip

    def _nth(self, connection: sa.Connection, begin: datetime, end: datetime, place: int) -> float:
        at = self.number.at
        took = microseconds(at) - microseconds(self.begun)
        query: sa.Select[Any] = sa.select(took).select_from(self.number.source)
        query = query.where(*self.number.where, at >= begin, at < end).order_by(took).limit(1).offset(place - 1)
        return int(connection.execute(query).scalar_one()) / 3_600_000_000


def microseconds(moment: sa.ColumnElement[datetime]) -> sa.ColumnElement[int]:
    """A stored moment as the number that it is stored as."""
    return sa.type_coerce(moment, sa.BigInteger)
