"""Days as numbers: those of the house's calendar, counted from 1970."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from functools import lru_cache
from typing import Final
from zoneinfo import ZoneInfo

ZONE: Final = ZoneInfo("Asia/Shanghai")
"""It has kept one offset since 1991, which lets days of many moments be divided at once."""
OFFSET: Final = timedelta(hours=8)
_EPOCH: Final = datetime.fromisoformat("1970-01-01T00:00:00+00:00")
_DAY: Final = timedelta(days=1)
_HOUR: Final = timedelta(hours=1)
_FIRST: Final = datetime(1, 1, 1, tzinfo=UTC)
LAST: Final = datetime(9999, 12, 31, 23, 59, 59, 999_999, tzinfo=UTC)


def day_of(moment: datetime) -> int:
    """The day of a moment."""
    return (moment - _EPOCH + OFFSET) // _DAY


def hour_of(moment: datetime) -> int:
    """The hour of a moment, of which a day has 24."""
    return (moment - _EPOCH + OFFSET) // _HOUR


@lru_cache(maxsize=1_024)  # who waits for the end of the day is asked for it after each event
def begins(day: int) -> datetime:
    """The first moment of a day; of one beyond the calendar its nearest end."""
    return after(_EPOCH - OFFSET, day * _DAY)


def after(moment: datetime, lasts: timedelta) -> datetime:
    """`moment` and so long; beyond the calendar its nearest end, so that no event of the year 9999 stops anything."""
    try:
        return moment + lasts
    except OverflowError:
        return LAST if lasts > timedelta() else _FIRST


def waking(moment: datetime, lasts: timedelta) -> datetime | None:
    """When so long will have passed, for who wants to be woken then; None when the calendar ends before that."""
    due = after(moment, lasts)
    return due if moment < due < LAST else None


def local(moment: datetime, zone: ZoneInfo) -> datetime:
    """`moment` on the clocks of `zone`; on the first and the last day of the calendar as it stands, if need be."""
    try:
        return moment.astimezone(zone)
    except OverflowError:
        return moment.replace(tzinfo=zone)
