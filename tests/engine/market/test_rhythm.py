from __future__ import annotations

from datetime import date, datetime, timedelta, timezone

from hypothesis import given
from hypothesis import strategies as st

from agoranomos.engine.market.rhythm import DAY, HOUR, at_work, day_of, demand, demand_of, hour_of, midnight, rfc3339

_SHANGHAI = timezone(timedelta(hours=8))
_MOMENTS = st.integers(0, 4_000_000_000_000)


@given(_MOMENTS)
def test_times_are_written_for_shanghai(at: int) -> None:
    same = datetime.fromtimestamp(at // 1000, _SHANGHAI) + timedelta(milliseconds=at % 1000)
    assert rfc3339(at) == same.isoformat(timespec="milliseconds")
    assert (day_of(at), hour_of(at)) == (same.date(), same.hour)
    assert midnight(same.date()) <= at < midnight(same.date()) + DAY


@given(_MOMENTS)
def test_what_waits_for_office_hours_happens_in_them_and_soon(at: int) -> None:
    then = at_work(at)
    assert at <= then < at + DAY
    assert 9 <= hour_of(then) < 18
    assert at_work(then) == then


def test_the_year_has_its_festivals() -> None:
    assert demand_of(date(2026, 11, 11)) > 6 * demand_of(date(2026, 10, 14))
    assert demand_of(date(2026, 6, 18)) > 4 * demand_of(date(2026, 5, 14))
    assert demand_of(date(2026, 11, 8)) < demand_of(date(2026, 11, 1)), "buyers wait"
    assert demand_of(date(2026, 2, 18)) < 0.6, "nobody ships at Spring Festival"


def test_a_usual_day_is_one_and_its_evening_is_busiest() -> None:
    start = midnight(date(2026, 4, 15))
    hours = [demand(start + hour * HOUR) for hour in range(24)]
    assert abs(sum(hours) - 1.0) < 0.03
    assert max(range(24), key=hours.__getitem__) == 21
    assert min(range(24), key=hours.__getitem__) == 4


def test_on_a_festival_midnight_is_busiest() -> None:
    start = midnight(date(2026, 11, 11))
    assert demand(start) > demand(start + 21 * HOUR)
