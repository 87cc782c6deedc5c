"""What the overview shows: numbers now and before, findings by day and by code, what waits."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from typing import Final

import msgspec
import sqlalchemy as sa

from agoranomos.judgements import queries as judgements
from agoranomos.judgements.tables import SURE, finding_days
from agoranomos.kernel.calendar import ZONE, begins, day_of
from agoranomos.kernel.findings import Finding
from agoranomos.reports.model import Number, Value, Window, together
from agoranomos.reports.numbers import NUMBERS
from agoranomos.web.auth import Caller

DAYS: Final = (7, 30, 90)
"""How long a time may be looked at."""
_CODES_MAX: Final = 8
_LATEST_MAX: Final = 8


class Shown(msgspec.Struct, frozen=True):
    """A number: in this time, in the time before, and by day (None of what is so at this moment)."""

    number: Number
    value: Value
    before: Value | None
    by_day: list[Value] | None


class Overview(msgspec.Struct, frozen=True):
    """All of it, for one time."""

    window: Window
    numbers: list[Shown]
    codes: list[tuple[str, int]]
    latest: list[Finding]

    @property
    def days(self) -> list[str]:
        """The days of the window, as labels."""
        first = day_of(self.window.begin)
        return [day_label(first + each) for each in range(self.window.days)]

    @property
    def last_day(self) -> date:
        """The last day of the window."""
        return (self.window.end.astimezone(ZONE) - timedelta(days=1)).date()

    def of(self, name: str) -> Shown | None:
        """The number called `name`, when the reader may see it."""
        return next((each for each in self.numbers if each.number.name == name), None)


def day_label(day: int) -> str:
    """`11-22` for a day of the calendar."""
    return (begins(day) + timedelta(hours=12)).strftime("%m-%d")


def window_of(now: datetime, days: int) -> Window:
    """The last `days` days of the calendar, today included."""
    today = day_of(now)
    return Window(begins(today - days + 1), begins(today + 1))


def look(connection: sa.Connection, caller: Caller, now: datetime, days: int) -> Overview:
    """The overview for what `caller` may see."""
    window = window_of(now, days)
    numbers = [shown(connection, number, window) for number in NUMBERS if caller.may(number.permission)]
    about = judgements.About(status="live", score_min=SURE)
    latest = judgements.list_findings(connection, about, after=None, limit=_LATEST_MAX)
    return Overview(window, numbers, _codes(connection, window), latest)


def shown(connection: sa.Connection, number: Number, window: Window) -> Shown:
    """One number with what it was before: one look at the rows of both times, as there may be a million."""
    if number.now:
        return Shown(number, number.measure(connection, window), None, None)
    both = Window(window.before.begin, window.end)
    if number.unit in ("money", "sum"):
        before, value = number.by_span(connection, (both.begin, window.begin, both.end))
        return Shown(number, value, before, None)
    days = number.by_day(connection, both)
    earlier, later = days[: -window.days], days[-window.days :]
    return Shown(number, together(later), together(earlier), later)


def _codes(connection: sa.Connection, window: Window) -> list[tuple[str, int]]:
    first, days = day_of(window.begin), finding_days.c
    count = sa.func.sum(days.found)
    query = (
        sa.select(days.code, count)
        .where(days.day >= first, days.day < first + window.days)
        .group_by(days.code)
        .having(count > 0)
        .order_by(count.desc(), days.code)
        .limit(_CODES_MAX)
    )
    return [(row[0], int(row[1])) for row in connection.execute(query)]
