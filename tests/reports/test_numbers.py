"""Numbers and the rows behind them agree, on both databases."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from agoranomos.judgements.actions import keep_decisions, keep_findings
from agoranomos.kernel.clock import rfc3339
from agoranomos.kernel.decisions import Decision, Outcome
from agoranomos.kernel.errors import NotFound
from agoranomos.kernel.findings import Finding, Reason, Subject
from agoranomos.kernel.store import Store
from agoranomos.reports.model import Value, Window, together
from agoranomos.reports.numbers import NUMBERS, number_of

BEGIN = datetime(2026, 4, 30, 16, tzinfo=UTC)
WINDOW = Window(BEGIN, BEGIN + timedelta(days=3))
STEP = timedelta(hours=5)


def fill(store: Store) -> None:
    """Findings and decisions, one every five hours, from before the window to after it."""
    moments = [BEGIN - timedelta(days=2) + each * STEP for each in range(40)]
    reasons, subject = (Reason("c", "because"),), Subject("listing", "l")
    found = [
        Finding(
            id=f"f_{n:02}", at=rfc3339(at), code="goods.x", subject=subject, score=(n % 10) / 10, reasons=reasons,
            detector="d", version="1", status="shadow" if n % 4 == 0 else "live",
        )
        for n, at in enumerate(moments)
    ]  # fmt: skip
    outcomes = list(Outcome)
    made = [
        Decision(
            id=f"d_{n:02}", at=rfc3339(at), check="listing", subject=subject, outcome=outcomes[n % 5], score=0.5,
            reasons=(), hits=(), policy_version="1",
        )
        for n, at in enumerate(moments)
    ]  # fmt: skip
    with store.transaction() as connection:
        keep_findings(connection, found, now=BEGIN)
        keep_decisions(connection, made, now=BEGIN)


def test_a_number_is_its_rows(store: Store) -> None:
    fill(store)
    with store.reading() as connection:
        for number in NUMBERS:
            value = number.measure(connection, WINDOW)
            rows = number.rows(connection, WINDOW, after=None, limit=500)
            assert value.count == sum(row.counted for row in rows), number.name
            assert value.of in (None, len(rows)), number.name
            assert sum(value.money.values()) == sum(row.amount or 0 for row in rows), number.name
            assert rows == sorted(rows, key=lambda row: (row.at, row.id), reverse=True), number.name


def test_days_add_up_to_the_whole(store: Store) -> None:
    fill(store)
    with store.reading() as connection:
        for number in NUMBERS:
            if number.now or number.unit == "money":
                continue
            days = number.by_day(connection, WINDOW)
            assert len(days) == WINDOW.days == 3
            whole = number.measure(connection, WINDOW)
            assert sum(day.count for day in days) == whole.count, number.name
            edges = [WINDOW.begin, WINDOW.begin + timedelta(days=1), WINDOW.end]
            if number.unit in ("share", "count"):
                assert number.by_span(connection, edges) == [days[0], together(days[1:])], number.name
            assert whole.of is None or sum(day.of or 0 for day in days) == whole.of, number.name
        findings = number_of("findings")
        for place, day in enumerate(findings.by_day(connection, WINDOW)):
            alone = Window(BEGIN + timedelta(days=place), BEGIN + timedelta(days=place + 1))
            assert day == findings.measure(connection, alone)
            assert day.count > 0


def test_the_window_holds_its_begin_and_not_its_end(store: Store) -> None:
    fill(store)
    edge = BEGIN - timedelta(days=2) + 9 * STEP  # of f_09
    with store.reading() as connection:
        number = number_of("findings")
        assert number.measure(connection, Window(edge, edge + timedelta(seconds=1))) == Value(count=1)
        assert number.measure(connection, Window(edge - timedelta(seconds=1), edge)) == Value(count=0)
    assert WINDOW.before == Window(BEGIN - timedelta(days=3), BEGIN)


def test_shares_know_their_whole(store: Store) -> None:
    fill(store)
    with store.reading() as connection:
        value = number_of("checks_stopped").measure(connection, WINDOW)
    assert value.of == 14
    assert value.count == 12
    assert value.share == pytest.approx(6 / 7)
    assert Value(count=0, of=0).share is None


def test_an_unknown_number_is_not_found() -> None:
    with pytest.raises(NotFound, match="findings"):
        number_of("nonsense")
