"""Which time a report is about, and which one it is held against. Pure."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from typing import Final

import msgspec

from agoranomos.kernel.calendar import begins, day_of
from agoranomos.kernel.errors import Invalid
from agoranomos.reports.model import Window

DAYS_MAX: Final = 1_100
"""Three years: a report by months must still be read by people."""
_FIRST: Final = date(1971, 1, 1)
_LAST: Final = date(9990, 12, 31)
_ONE: Final = timedelta(days=1)
_EPOCH: Final = date(1970, 1, 1)


class Part(msgspec.Struct, frozen=True):
    """A month of the period, or what of it is within; `whole` is false of the latter."""

    label: str
    begin: datetime
    end: datetime
    whole: bool


class Period(msgspec.Struct, frozen=True):
    """The days from `first` to `last`, both included, of the house's calendar (Asia/Shanghai)."""

    first: date
    last: date

    @property
    def days(self) -> int:
        """How many."""
        return (self.last - self.first).days + 1

    @property
    def window(self) -> Window:
        """From the first moment of the first day up to the first one after the last day."""
        return Window(_begin(self.first), _begin(self.last + _ONE))

    @property
    def before(self) -> Period:
        """As long a time just before: whole months before whole months (so a year before a year), else as many days."""
        end = self.first - _ONE
        if self.first.day == 1 and (self.last + _ONE).day == 1:
            after = self.last + _ONE
            months = (after.year - self.first.year) * 12 + after.month - self.first.month
            return Period(_months_back(self.first, months), end)
        return Period(self.first - timedelta(days=self.days), end)

    @property
    def parts(self) -> list[Part]:
        """The period by months of the calendar."""
        found, at = list[Part](), self.first
        while at <= self.last:
            after = _months_back(at.replace(day=1), -1)
            end = min(after - _ONE, self.last)
            found.append(
                Part(at.strftime("%Y-%m"), _begin(at), _begin(end + _ONE), at.day == 1 and end == after - _ONE)
            )
            at = end + _ONE
        return found


def period_of(first: date, last: date) -> Period:
    """Raises Invalid for what no report can be about."""
    if first > last:
        raise Invalid("the report ends before it begins; give an earlier first day", pointer="/first")
    if (last - first).days >= DAYS_MAX:
        raise Invalid(f"a report is over at most {DAYS_MAX} days; give a later first day", pointer="/first")
    if not _FIRST + timedelta(days=DAYS_MAX) <= first or last > _LAST:
        raise Invalid("there is no market to report on in such a year; give days of this century", pointer="/first")
    return Period(first, last)


def year_of(now: datetime) -> Period:
    """The year up to yesterday, as `now` has it on the house's calendar."""
    today = _EPOCH + timedelta(days=day_of(now))
    return Period(today - timedelta(days=365), today - _ONE)


def _begin(day: date) -> datetime:
    return begins((day - _EPOCH).days)


def _months_back(first: date, months: int) -> date:
    """The first of a month, so many months earlier."""
    number = first.year * 12 + first.month - 1 - months
    return date(number // 12, number % 12 + 1, 1)
