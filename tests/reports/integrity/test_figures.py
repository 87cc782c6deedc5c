"""Every figure of the report is what its rows come to, worked out in another way; on both databases."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from agoranomos.kernel.errors import Invalid
from agoranomos.kernel.store import Store
from agoranomos.reports.integrity.figures import CHAPTERS, FIGURES
from agoranomos.reports.integrity.making import Report, make
from agoranomos.reports.integrity.measures import Reading
from agoranomos.reports.integrity.period import Period, period_of, year_of
from agoranomos.reports.integrity.wording import CHAPTERS as CHAPTER_WORDS
from agoranomos.reports.integrity.wording import MEANINGS, NAMES
from tests.builders import NOW
from tests.reports.integrity.plainly import PLAINLY, Plainly
from tests.reports.integrity.year import Rows, Year, raw

SHANGHAI = ZoneInfo("Asia/Shanghai")
PERIODS = [
    Period(date(2025, 1, 1), date(2025, 12, 31)),
    Period(date(2025, 6, 1), date(2025, 6, 30)),
    Period(date(2025, 3, 17), date(2026, 2, 3)),
    Period(date(2025, 7, 4), date(2025, 7, 4)),
    Period(date(2019, 1, 1), date(2019, 3, 31)),
]


@pytest.fixture
def year(store: Store) -> tuple[Store, Rows]:
    Year(seed=11, count=120).fill(store)
    return store, raw(store)


def made(store: Store, period: Period) -> Report:
    with store.reading() as connection:
        return make(connection, period, "1")


def shown(reading: Reading, unit: str) -> tuple[Any, ...]:
    """As the plain figures are written."""
    third: Any = reading.slow if unit == "hours" else reading.of
    return (reading.money if unit == "money" else reading.value, reading.count, third)


def require_same(found: tuple[Any, ...], expected: tuple[Any, ...], name: str) -> None:
    for one, other in zip(found, expected, strict=True):
        if isinstance(other, float):
            assert one == pytest.approx(other, rel=1e-9), name
        else:
            assert one == other, name


def begin_of(day: date) -> datetime:
    return datetime(day.year, day.month, day.day, tzinfo=SHANGHAI)


@pytest.mark.slow
def test_every_figure_is_worked_out_again_from_raw_rows(year: tuple[Store, Rows]) -> None:
    store, rows = year
    for period in PERIODS:
        report = made(store, period)
        before = period.before
        for figure in report.figures:
            if figure.name == "missed":
                continue
            plain = PLAINLY[figure.name]
            spans = [
                (figure.now, period.first, period.last), (figure.before, before.first, before.last),
                *((month.reading, *_month(month.label, period)) for month in figure.months),
            ]  # fmt: skip
            for reading, first, last in spans:
                expected = plain(Plainly(rows, begin_of(first), begin_of(last + timedelta(days=1))))
                require_same(shown(reading, figure.unit), expected, f"{figure.name} {first} {last}")
    assert len(PLAINLY) == len(FIGURES) - 1


def _month(label: str, period: Period) -> tuple[date, date]:
    """The days of a month of the period, worked out from its label."""
    first = date.fromisoformat(f"{label}-01")
    after = (first + timedelta(days=32)).replace(day=1)
    return max(first, period.first), min(after - timedelta(days=1), period.last)


def test_the_rows_of_a_figure_are_what_it_counts(store: Store) -> None:
    Year(seed=12, count=60).fill(store)
    period = Period(date(2025, 1, 1), date(2025, 12, 31))
    with store.reading() as connection:
        report = make(connection, period, "1")
        for figure in FIGURES:
            now = report.figure(figure.name).now
            rows = list(figure.measure.all_rows(connection, period.window))
            assert all(period.window.begin <= row.at < period.window.end for row in rows), figure.name
            amounts = sum(row.amount or 0 for row in rows)
            if figure.name in ("authorities_cases", "suspects", "convicted"):
                assert now.count == amounts, figure.name
                continue
            assert now.count == sum(row.counted for row in rows), figure.name
            assert now.of in (None, len(rows)), figure.name
            if figure.unit == "money":
                assert sum(now.money.values()) == amounts, figure.name


def test_a_store_with_one_row_and_with_none(store: Store) -> None:
    period = Period(date(2025, 5, 1), date(2025, 5, 31))
    for figure in made(store, period).figures:
        assert figure.now.count == figure.before.count == 0
        assert figure.now.value in (None, 0), figure.name
        assert figure.now.money == {}
    Year(seed=1, count=1).fill(store)
    (case,) = (each for each in raw(store)["cases"] if each["decided_at"])
    day = case["decided_at"].astimezone(SHANGHAI).date()
    found = made(store, Period(day, day)).figure("decision_time")
    hours = (case["decided_at"] - case["opened_at"]).total_seconds() / 3600
    assert found.now.value == found.now.slow == pytest.approx(hours)
    assert found.now.count == 1
    assert [month.reading for month in found.months] == [found.now]
    assert found.before.count == 0


def test_words_for_everything_and_nothing_else() -> None:
    assert tuple(NAMES) == tuple(MEANINGS) == tuple(figure.name for figure in FIGURES)
    assert tuple(CHAPTER_WORDS) == CHAPTERS
    assert tuple(dict.fromkeys(figure.chapter for figure in FIGURES)) == CHAPTERS


@pytest.mark.parametrize(
    ("first", "last", "before"),
    [
        ((2025, 1, 1), (2025, 12, 31), ((2024, 1, 1), (2024, 12, 31))),
        ((2024, 2, 1), (2024, 2, 29), ((2024, 1, 1), (2024, 1, 31))),
        ((2025, 10, 1), (2026, 3, 31), ((2025, 4, 1), (2025, 9, 30))),
        ((2025, 3, 2), (2025, 3, 31), ((2025, 1, 31), (2025, 3, 1))),
        ((2025, 3, 10), (2025, 3, 10), ((2025, 3, 9), (2025, 3, 9))),
    ],
)
def test_the_time_before(first: Any, last: Any, before: Any) -> None:
    found = Period(date(*first), date(*last)).before
    assert (found.first, found.last) == (date(*before[0]), date(*before[1]))


def test_days_are_those_of_shanghai() -> None:
    period = Period(date(2025, 1, 1), date(2025, 1, 31))
    assert period.window.begin == datetime(2025, 1, 1, tzinfo=SHANGHAI)
    assert period.window.end == datetime(2025, 2, 1, tzinfo=SHANGHAI)
    parts = Period(date(2025, 1, 20), date(2025, 3, 31)).parts
    assert [(part.label, part.whole) for part in parts] == [("2025-01", False), ("2025-02", True), ("2025-03", True)]
    assert [part.end for part in parts[:-1]] == [part.begin for part in parts[1:]]
    assert year_of(NOW).days == 365


@pytest.mark.parametrize(
    ("first", "last"),
    [
        ("2025-02-01", "2025-01-31"), ("2020-01-01", "2025-01-01"), ("1900-01-01", "1900-02-01"),
        ("9999-12-01", "9999-12-31"),
    ],
)  # fmt: skip
def test_no_report_is_about_such_a_time(first: str, last: str) -> None:
    with pytest.raises(Invalid):
        period_of(date.fromisoformat(first), date.fromisoformat(last))
