"""What a merchant sees of his orders, and the forms in which an anonymous review may be shown."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Final, Literal

import msgspec

from agoranomos.kernel.calendar import OFFSET, ZONE, after, begins

DAY_S: Final = 86_400
OFFSET_S: Final = OFFSET.total_seconds()
_MONDAY: Final = 3
"""1970-01-01 was a Thursday."""

Item = Literal["listing", "category", "none"]
Period = Literal["day", "week"]
UNKNOWN: Final = ""
"""The listing of a review that names none, and the category of a listing that has none."""


class Form(msgspec.Struct, frozen=True):
    """What of a review is shown besides its text: its goods as exactly as `item` says, its day as `time`."""

    item: Item
    time: Period


FORMS: Final = (
    Form("listing", "day"), Form("category", "day"), Form("listing", "week"), Form("category", "week"),
    Form("none", "week"),
)  # fmt: skip
"""From the finest on: a review gets the first that is safe. All of a day come before all of a week, for a day is over
sooner, and nothing of it is known any more when the week is over.
"""
DAILY: Final = tuple(form for form in FORMS if form.time == "day")
WEEKLY: Final = tuple(form for form in FORMS if form.time == "week")


def seconds(moment: datetime) -> float:
    """Since 1970."""
    return moment.timestamp()


def day_of(at: float) -> int:
    """The day in Shanghai, counted from 1970-01-01."""
    return int((at + OFFSET_S) // DAY_S)


def week_of(day: int) -> int:
    """The week, Monday to Sunday, that a day belongs to."""
    return (day + _MONDAY) // 7


def days_of(week: int) -> range:
    """The days of a week."""
    first = week * 7 - _MONDAY
    return range(first, first + 7)


def starts(day: int, hour: int = 0) -> datetime:
    """The moment at which `hour` of a day begins in Shanghai."""
    return after(begins(day), timedelta(hours=hour))


def date_of(day: int) -> str:
    """Such as 2026-05-01."""
    return starts(day).astimezone(ZONE).date().isoformat()


def week_name(week: int) -> str:
    """Such as 2026-W18 (ISO 8601)."""
    year, number, _ = starts(days_of(week)[0]).astimezone(ZONE).date().isocalendar()
    return f"{year}-W{number:02}"
