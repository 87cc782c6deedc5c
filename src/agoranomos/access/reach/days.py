"""Days as numbers: those of the house's calendar, counted from 1970."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Final
from zoneinfo import ZoneInfo

import numpy as np
import numpy.typing as npt

ZONE: Final = ZoneInfo("Asia/Shanghai")
"""It has kept one offset since 1991, which lets days of many moments be divided at once."""
_OFFSET: Final = timedelta(hours=8)
_EPOCH: Final = datetime.fromisoformat("1970-01-01T00:00:00+00:00")
_DAY: Final = timedelta(days=1)
_FIRST: Final = datetime(1, 1, 1, tzinfo=UTC)
_LAST: Final = datetime(9999, 12, 31, 23, 59, 59, 999_999, tzinfo=UTC)


def day_of(moment: datetime) -> int:
    """The day of a moment."""
    return (moment - _EPOCH + _OFFSET) // _DAY


def days_of(micros: npt.NDArray[np.int64]) -> npt.NDArray[np.int64]:
    """The days of moments in microseconds since 1970 (UTC)."""
    shifted: npt.NDArray[np.int64] = (micros + _OFFSET // timedelta(microseconds=1)) // 86_400_000_000
    return shifted


def begins(day: int) -> datetime:
    """The first moment of a day; of one beyond the calendar its nearest end."""
    return after(_EPOCH - _OFFSET, day * _DAY)


def after(moment: datetime, lasts: timedelta) -> datetime:
    """`moment` and so long; beyond the calendar its nearest end, so that no event of the year 9999 stops anything."""
    try:
        return moment + lasts
    except OverflowError:
        return _LAST if lasts > timedelta() else _FIRST
