"""A number that people are shown: what it counts, over which time, and the rows that it counts.

A number and its rows come from one description, so that they cannot disagree: whoever doubts a number opens its rows.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any, Final, Literal

import msgspec
import sqlalchemy as sa

from agoranomos.kernel.calendar import begins, day_of
from agoranomos.kernel.lists import Place, newest_first

Unit = Literal["count", "share", "money", "sum"]
Better = Literal["more", "less", ""]
DAY_US: Final = 86_400_000_000
_EPOCH: Final = datetime(1970, 1, 1, tzinfo=UTC)
_COUNTED: Final = sa.func.count()
_AT_A_TIME: Final = 2_000
_HIGH: Final = 2**40
"""More rows than a day has."""


class Window(msgspec.Struct, frozen=True):
    """From `begin` up to, and without, `end`."""

    begin: datetime
    end: datetime

    @property
    def before(self) -> Window:
        """As long a time, just before."""
        return Window(self.begin - (self.end - self.begin), self.begin)

    @property
    def edges(self) -> tuple[datetime, datetime]:
        """Begin and end."""
        return self.begin, self.end

    @property
    def days(self) -> int:
        """Begun days."""
        return -((self.begin - self.end) // timedelta(days=1))


class Value(msgspec.Struct, frozen=True, kw_only=True):
    """What a number comes to: `count` rows, of `of` when it is a share, with `money` by currency in minor units."""

    count: int
    of: int | None = None
    money: dict[str, int] = {}

    @property
    def share(self) -> float | None:
        """`count` of `of`; None of nothing."""
        return self.count / self.of if self.of else None


class Row(msgspec.Struct, frozen=True, kw_only=True):
    """One of the rows that were counted. `counted` is false for those that only the whole of a share has."""

    at: datetime
    id: str
    subject_kind: str
    subject_id: str
    what: str
    counted: bool = True
    amount: int | None = None
    currency: str | None = None


@dataclass(frozen=True)
class Tally:
    """How many rows of a number each day of the house's calendar has, as whoever writes the rows keeps it with them, in
    the same transaction: it says what counting them would. Of a share, `of` is its whole.
    """

    day: sa.ColumnElement[int]
    count: sa.ColumnElement[int]
    of: sa.ColumnElement[int] | None = None


@dataclass(frozen=True)
class Number:
    """Rows of `source` that fulfil `where`, at `at`, known by `key`; `what` says which kind of row it is.

    `now`: it has no time but this moment (what waits, what is held), and is over at `until`. A share counts those rows
    that fulfil `counts`. Money adds up `amount` by `currency`, a sum `amount` alone. `subject` are kind and id of what
    a row is about. `tally` spares counting whole days of what may be millions.
    """

    name: str
    unit: Unit
    permission: str
    source: sa.FromClause
    at: sa.ColumnElement[datetime]
    key: sa.ColumnElement[str]
    subject: tuple[sa.ColumnElement[str], sa.ColumnElement[str]]
    what: sa.ColumnElement[str]
    where: tuple[sa.ColumnElement[bool], ...] = ()
    counts: sa.ColumnElement[bool] | None = None
    amount: sa.ColumnElement[int] | None = None
    currency: sa.ColumnElement[str] | None = None
    now: bool = False
    until: sa.Column[datetime] | None = None
    better: Better = ""
    tally: Tally | None = None

    def measure(self, connection: sa.Connection, window: Window) -> Value:
        """What it comes to in `window`."""
        where = self._where(window)
        if self.unit == "money":
            money = sa.select(self._currency, _COUNTED, sa.func.sum(self._amount)).select_from(self.source)
            rows = connection.execute(money.where(*where).group_by(self._currency).order_by(self._currency)).all()
            return Value(count=sum(row[1] for row in rows), money={row[0]: int(row[2]) for row in rows})
        if self.unit == "sum":
            total = sa.select(sa.func.coalesce(sa.func.sum(self._amount), 0)).select_from(self.source)
            return Value(count=int(connection.execute(total.where(*where)).scalar_one()))
        if self.counts is None:
            query = sa.select(_COUNTED).select_from(self.source).where(*where)
            return Value(count=connection.execute(query).scalar_one())
        counted = sa.func.coalesce(sa.func.sum(_one(self.counts)), 0)
        row = connection.execute(sa.select(_COUNTED, counted).select_from(self.source).where(*where)).one()
        return Value(count=int(row[1]), of=int(row[0]))

    def by_day(self, connection: sa.Connection, window: Window) -> list[Value]:
        """What it comes to on each day of `window`, counted from its begin; for numbers that have a time."""
        first = day_of(window.begin)
        if self.tally is not None and begins(first) == window.begin and begins(first + window.days) == window.end:
            found = self._tallied(connection, self.tally, first, first + window.days)
            return [found.get(day, self._nothing) for day in range(first, first + window.days)]
        # Each day is a range of the index on its own: dividing each moment would sort all of them once more.
        begin, end = (sa.literal((edge - _EPOCH) // timedelta(microseconds=1), sa.BigInteger) for edge in window.edges)
        days = sa.select(sa.cast(begin, sa.BigInteger).label("day_begin")).cte("days", recursive=True)
        following = days.c.day_begin + DAY_US
        days = days.union_all(sa.select(following).where(following < end))
        till = sa.case((days.c.day_begin + DAY_US < end, days.c.day_begin + DAY_US), else_=end)
        at = sa.type_coerce(self.at, sa.BigInteger)
        # Both sums of a share in one number, so that each row is looked at once.
        one, counted = (sa.literal(each, sa.BigInteger) for each in (1, _HIGH + 1))
        both: sa.ColumnElement[Any] = _COUNTED
        if self.counts is not None:
            both = sa.func.coalesce(sa.func.sum(sa.case((self.counts, counted), else_=one)), 0)
        within = sa.select(both).select_from(self.source).where(*self.where, at >= days.c.day_begin, at < till)
        each = within.correlate(days).scalar_subquery()
        rows = connection.execute(sa.select(each).select_from(days).order_by(days.c.day_begin)).scalars()
        return [self._of_day(int(row) % _HIGH, int(row) // _HIGH) for row in rows]

    @property
    def _nothing(self) -> Value:
        return self._of_day(0, 0)

    def _tallied(self, connection: sa.Connection, tally: Tally, first: int, end: int) -> dict[int, Value]:
        """What the days from `first` up to, and without, `end` come to; of others there is nothing."""
        sums = [sa.func.sum(each) for each in (tally.count, tally.of) if each is not None]
        query = sa.select(tally.day, *sums).where(tally.day >= first, tally.day < end).group_by(tally.day)
        # Of a share the whole comes last; else there is but one count.
        return {row[0]: self._of_day(int(row[-1]), int(row[1])) for row in connection.execute(query)}

    def by_span(self, connection: sa.Connection, edges: Sequence[datetime]) -> list[Value]:
        """What it comes to between each two of `edges`, in one pass; for numbers that have a time.

        A value of several spans is the sum of theirs: see `together`.
        """
        assert len(edges) > 1, "a span has two ends"
        assert not self.now, f"the number {self.name} has no time"
        inner = [(self.at < edge, place) for place, edge in enumerate(edges[1:-1])]
        span = sa.case(*inner, else_=len(inner)) if inner else sa.literal(0)
        counted = sa.literal(0) if self.counts is None else sa.func.sum(_one(self.counts))
        columns: list[sa.ColumnElement[Any]] = [span.label("span_number"), _COUNTED, counted]
        group: list[sa.ColumnElement[Any]] = [sa.literal_column("span_number")]
        if self.unit in ("money", "sum"):
            columns.append(sa.func.coalesce(sa.func.sum(self._amount), 0))
        if self.unit == "money":
            columns.append(self._currency)
            group.append(self._currency)
        query = sa.select(*columns).select_from(self.source).where(*self._where(Window(edges[0], edges[-1])))
        found = [self._nothing] * (len(edges) - 1)
        for row in connection.execute(query.group_by(*group)):
            found[int(row[0])] = together([found[int(row[0])], self._of_span(row)])
        return found

    def rows(self, connection: sa.Connection, window: Window, *, after: Place | None, limit: int) -> list[Row]:
        """At most `limit` of what was counted behind `after`, newest first; of a share, its whole."""
        query = newest_first(self._chosen(window), self.at, self.key, after=after, limit=limit)
        return [_row(row) for row in connection.execute(query)]

    def all_rows(self, connection: sa.Connection, window: Window) -> Iterator[Row]:
        """All of them, oldest first, as they come from the store: there may be millions."""
        query = self._chosen(window).order_by(self.at, self.key)
        for row in connection.execute(query.execution_options(yield_per=_AT_A_TIME)):
            yield _row(row)

    def _chosen(self, window: Window) -> sa.Select[Any]:
        money: list[sa.ColumnElement[Any]] = [sa.null(), sa.null()]
        if self.amount is not None:
            money = [self.amount, sa.null() if self.currency is None else self.currency]
        counted = sa.literal(1) if self.counts is None else _one(self.counts)
        columns: list[sa.ColumnElement[Any]] = [self.at, self.key, *self.subject, self.what, counted, *money]
        return sa.select(*columns).select_from(self.source).where(*self._where(window))

    @property
    def _amount(self) -> sa.ColumnElement[int]:
        assert self.amount is not None, f"the number {self.name} adds up no money"
        return self.amount

    @property
    def _currency(self) -> sa.ColumnElement[str]:
        assert self.currency is not None, f"the number {self.name} adds up money of no currency"
        return self.currency

    def _of_span(self, row: sa.Row[*tuple[Any, ...]]) -> Value:
        if self.unit == "money":
            return Value(count=row[1], money={row[4]: int(row[3])})
        if self.unit == "sum":
            return Value(count=int(row[3]))
        return self._of_day(row[1], int(row[2]))

    def _of_day(self, all_of_it: int, counted: int) -> Value:
        return Value(count=all_of_it) if self.counts is None else Value(count=counted, of=all_of_it)

    def _where(self, window: Window) -> list[sa.ColumnElement[bool]]:
        lasting = [] if self.until is None else [self.until > window.end]
        within = [] if self.now else [self.at >= window.begin, self.at < window.end]
        return [*self.where, *lasting, *within]


def together(values: Sequence[Value]) -> Value:
    """What several times, one after the other, come to."""
    money: dict[str, int] = {}
    for value in values:
        for currency, amount in value.money.items():
            money[currency] = money.get(currency, 0) + amount
    of = None if all(value.of is None for value in values) else sum(value.of or 0 for value in values)
    return Value(count=sum(value.count for value in values), of=of, money=dict(sorted(money.items())))


def _row(row: sa.Row[*tuple[Any, ...]]) -> Row:
    return Row(
        at=row[0], id=row[1], subject_kind=row[2], subject_id=row[3], what=row[4], counted=bool(row[5]),
        amount=row[6], currency=row[7],
    )  # fmt: skip


def _one(condition: sa.ColumnElement[bool]) -> sa.ColumnElement[int]:
    return sa.case((condition, 1), else_=0)


def require_distinct(numbers: Sequence[Number]) -> tuple[Number, ...]:
    """`numbers`, none of which has the name of another."""
    names = [each.name for each in numbers]
    assert len(set(names)) == len(names), "two numbers have one name"
    return tuple(numbers)
