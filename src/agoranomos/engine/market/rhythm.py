"""When a Chinese marketplace is busy: the hour, the day of the week, the festivals.

Times are whole milliseconds since 1970 in UTC; days and hours are those of Asia/Shanghai, which is UTC+8 without
summer time since 1991. The shape (quiet at four, a noon peak, the highest one at nine in the evening; 11.11 and 6.18
many times a usual day, with slack days before; hardly any parcels at Spring Festival) is public knowledge, the
figures are rounded to one digit.
"""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from functools import lru_cache
from typing import Final

SECOND: Final = 1_000
MINUTE: Final = 60 * SECOND
HOUR: Final = 60 * MINUTE
DAY: Final = 24 * HOUR
_OFFSET: Final = 8 * HOUR

HOURS: Final = (
    0.7, 0.4, 0.2, 0.15, 0.1, 0.15, 0.3, 0.6, 0.9, 1.2, 1.4, 1.3,
    1.4, 1.3, 1.2, 1.2, 1.2, 1.1, 1.1, 1.4, 1.8, 2.0, 1.8, 1.2,
)  # fmt: skip
"""Relative demand by hour of the day; on average 1."""
_FESTIVAL_HOURS: Final = (5.0, 2.0, *HOURS[2:])
"""On 11.11 and 6.18 buyers wait for midnight."""
WEEKDAYS: Final = (1.0, 1.0, 0.98, 0.98, 0.95, 1.03, 1.06)
"""Monday to Sunday."""
_FESTIVALS: Final = {(11, 11): 8.0, (6, 18): 5.0, (12, 12): 3.0, (3, 8): 1.6, (9, 9): 1.4}
_SLACK: Final = 0.75
"""On two to five days before the three great festivals, while buyers fill their carts."""
# First day of the lunar year; outside of these years no dip is made.
_SPRING_FESTIVALS: Final = (
    date(2024, 2, 10), date(2025, 1, 29), date(2026, 2, 17), date(2027, 2, 6),
    date(2028, 1, 26), date(2029, 2, 13), date(2030, 2, 3),
)  # fmt: skip


def midnight(day: date) -> int:
    """The first moment of `day` in Shanghai."""
    return int(datetime(day.year, day.month, day.day, tzinfo=UTC).timestamp()) * SECOND - _OFFSET


def day_of(at: int) -> date:
    """The day in Shanghai that holds `at`."""
    return _date((at + _OFFSET) // DAY)


def hour_of(at: int) -> int:
    """The hour of the day in Shanghai, 0 to 23."""
    return (at + _OFFSET) % DAY // HOUR


@lru_cache(maxsize=1024)
def _date(number: int) -> date:
    return date(1970, 1, 1) + timedelta(days=number)


@lru_cache(maxsize=64)
def _minute_text(number: int) -> str:
    days, minutes = divmod(number, DAY // MINUTE)
    return f"{_date(days).isoformat()}T{minutes // 60:02d}:{minutes % 60:02d}:"


def rfc3339(at: int) -> str:
    """`at` as RFC 3339 with milliseconds and the offset of Shanghai."""
    minutes, rest = divmod(at + _OFFSET, MINUTE)
    return f"{_minute_text(minutes)}{rest // SECOND:02d}.{rest % SECOND:03d}+08:00"


@lru_cache(maxsize=1024)
def demand_of(day: date) -> float:
    """How many times as much as on a usual day is bought."""
    return WEEKDAYS[day.weekday()] * _festival(day) * _spring(day)


def _festival(day: date) -> float:
    if (factor := _FESTIVALS.get((day.month, day.day))) is not None:
        return factor
    for ahead in range(2, 6):
        later = day + timedelta(days=ahead)
        if _FESTIVALS.get((later.month, later.day), 0.0) >= 3.0:
            return _SLACK
    return 1.0


def _spring(day: date) -> float:
    for first in _SPRING_FESTIVALS:
        distance = (day - first).days
        if -2 <= distance <= 5:
            return 0.45
        if -15 <= distance < -4:
            return 1.25
    return 1.0


def demand(at: int) -> float:
    """Demand in the hour that begins at `at`, as a share of a usual day's; the hours of a usual day
    sum to 1.
    """
    day = day_of(at)
    hours = _FESTIVAL_HOURS if _FESTIVALS.get((day.month, day.day), 0.0) >= 5.0 else HOURS
    return demand_of(day) * hours[hour_of(at)] / 24.0


def at_work(at: int, opens: int = 9, closes: int = 18) -> int:
    """`at` when it lies in the working hours of its day, else the next opening plus the minutes
    past the hour, so that what waited does not happen all at once.
    """
    hour = hour_of(at)
    if opens <= hour < closes:
        return at
    start = at - (at + _OFFSET) % DAY + opens * HOUR
    return start + (DAY if hour >= closes else 0) + at % HOUR
