"""Days and hours of the house's calendar, and what there is at its ends."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from agoranomos.kernel.calendar import LAST, ZONE, after, begins, day_of, hour_of, local, waking

FIRST = datetime(1, 1, 1, tzinfo=UTC)
DAY = timedelta(days=1)


@pytest.mark.parametrize("moment", [FIRST, datetime(2026, 5, 1, 15, 59, 59, tzinfo=UTC), LAST])
def test_a_day_has_24_hours_and_begins_in_shanghai(moment: datetime) -> None:
    assert day_of(moment) == hour_of(moment) // 24
    assert begins(day_of(moment)) <= moment
    assert after(moment, DAY) >= moment >= after(moment, -DAY)


def test_nobody_is_woken_when_the_calendar_has_ended() -> None:
    assert waking(LAST - 2 * DAY, DAY) == LAST - DAY
    assert waking(LAST - DAY, DAY) is None
    assert waking(LAST, DAY) is None
    assert waking(FIRST, DAY) == FIRST + DAY


def test_the_clocks_of_a_zone_go_as_far_as_the_calendar() -> None:
    assert local(datetime(2026, 5, 1, 17, tzinfo=UTC), ZONE).day == 2
    assert local(LAST, ZONE).year == 9999
    assert local(FIRST, ZoneInfo("America/New_York")).year == 1
