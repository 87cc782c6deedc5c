"""What is counted by day is what the rows say, whatever is kept, kept again, or kept by two at once."""

from __future__ import annotations

import random
from collections import Counter
from datetime import UTC, datetime, timedelta
from importlib import import_module
from typing import Any

import pytest
import sqlalchemy as sa

from agoranomos.judgements import queries
from agoranomos.judgements.actions import keep_decisions, keep_findings
from agoranomos.judgements.counting import SLOTS
from agoranomos.judgements.retaining import KEPT
from agoranomos.judgements.tables import SURE, decision_days, decisions, finding_days, findings
from agoranomos.kernel.calendar import begins, day_of
from agoranomos.kernel.clock import rfc3339
from agoranomos.kernel.decisions import Decision, Outcome
from agoranomos.kernel.dialects import writer_number
from agoranomos.kernel.findings import Finding, Reason, Subject
from agoranomos.kernel.store import Store
from agoranomos.retention.queries import delete
from tests.builders import NOW

EDGE = datetime(2026, 4, 30, 16, tzinfo=UTC)
"""Midnight in Shanghai."""


def make(number: int, revision: int = 1, **fields: Any) -> Finding:
    plain: dict[str, Any] = {
        "at": rfc3339(EDGE), "code": "goods.x", "subject": Subject("listing", "l"), "score": 0.5,
        "reasons": (Reason("goods.x", "because"),), "detector": "d", "version": "1",
    }  # fmt: skip
    return Finding(id=f"f{number}", revision=revision, **{**plain, **fields})


def by_rows(connection: sa.Connection) -> Counter[tuple[int, str, str]]:
    """Day, code and which count, as the rows of live findings have them."""
    table, found = findings.c, Counter[tuple[int, str, str]]()
    for at, code, score in connection.execute(
        sa.select(table.at, table.code, table.score).where(table.status == "live")
    ):
        found[day_of(at), code, "found"] += 1
        if score >= SURE:
            found[day_of(at), code, "sure"] += 1
    return found


def by_days(connection: sa.Connection) -> Counter[tuple[int, str, str]]:
    """The same as it is kept."""
    found = Counter[tuple[int, str, str]]()
    for row in connection.execute(sa.select(finding_days)):
        found |= Counter({(row.day, row.code, "found"): row.found, (row.day, row.code, "sure"): row.sure})
        assert 0 <= row.sure <= row.found
    return found


def test_whatever_is_kept_the_days_say_what_the_rows_say(store: Store) -> None:
    draw = random.Random(7)
    for _ in range(40):
        batch = [
            make(
                draw.randrange(60), draw.randrange(1, 6), at=rfc3339(EDGE + timedelta(hours=draw.randrange(-30, 30))),
                code=draw.choice(("goods.x", "goods.y")), score=draw.choice((0.5, 0.8999999, 0.9, 1.0)),
                status=draw.choice(("live", "live", "shadow")),
            )
            for _ in range(draw.randrange(9))
        ]  # fmt: skip
        with store.transaction() as connection:
            keep_findings(connection, batch, now=NOW)
        with store.reading() as connection:
            assert by_days(connection) == by_rows(connection)
    with store.reading() as connection:
        assert len({day for day, _, _ in by_days(connection)}) > 2


def test_a_day_begins_at_midnight_of_the_calendar(store: Store) -> None:
    with store.transaction() as connection:
        early = make(2, at=rfc3339(EDGE - timedelta(microseconds=1)), score=0.95)
        assert keep_findings(connection, [make(1), early], now=NOW) == 2
        rows = connection.execute(sa.select(finding_days).order_by(finding_days.c.day)).all()
    assert [(begins(row.day) + timedelta(days=1) <= EDGE, row.found, row.sure) for row in rows] == [
        (True, 1, 1), (False, 1, 0),
    ]  # fmt: skip


def test_what_somebody_else_keeps_at_the_same_moment_is_counted_once(
    store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    with store.transaction() as connection:
        keep_findings(connection, [make(1, 3), make(2, 1)], now=NOW)
    looked: list[set[str]] = []
    really = queries.kept

    def too_early(connection: sa.Connection, ids: Any) -> dict[str, queries.KeptAs]:
        looked.append(set(ids))
        return {} if len(looked) == 1 else really(connection, ids)

    monkeypatch.setattr(queries, "kept", too_early)
    with store.transaction() as connection:
        ours = [make(1, 2, score=0.95), make(2, 2, score=0.95), make(3, 1)]
        assert keep_findings(connection, ours, now=NOW) == 2
    assert looked == [{"f1", "f2", "f3"}, {"f1", "f2"}]
    with store.reading() as connection:
        assert by_days(connection) == by_rows(connection)
        kept = dict(connection.execute(sa.select(findings.c.finding_id, findings.c.revision)).all())
    assert kept == {"f1": 3, "f2": 2, "f3": 1}


def test_what_an_older_version_has_kept_is_counted(store: Store) -> None:
    step = import_module("agoranomos.kernel.migrations.versions.0070_pages_of_the_console")
    moments = [EDGE, EDGE - timedelta(microseconds=1), *(datetime(1969, 12, 31, hour, tzinfo=UTC) for hour in (15, 16))]
    found = [make(n, at=rfc3339(at), score=0.5 + n / 10) for n, at in enumerate([*moments, EDGE])]
    with store.transaction() as connection:
        keep_findings(connection, [*found, make(9, status="shadow")], now=NOW)
        connection.execute(sa.delete(finding_days))
        connection.execute(sa.text(step.COUNT))
        assert by_days(connection) == by_rows(connection)
        assert connection.execute(sa.select(sa.func.count()).select_from(finding_days)).scalar_one() == 4


def decide(number: int, outcome: Outcome = Outcome.APPROVE, at: datetime = EDGE) -> Decision:
    return Decision(
        id=f"d{number}", at=rfc3339(at), check="listing", subject=Subject("listing", "l"), outcome=outcome, score=0.5,
        reasons=(), hits=(), policy_version="1",
    )  # fmt: skip


def decided_by_rows(connection: sa.Connection) -> Counter[tuple[int, str]]:
    """Day and which count, as the rows of decisions have them."""
    found = Counter[tuple[int, str]]()
    for at, outcome in connection.execute(sa.select(decisions.c.at, decisions.c.outcome)):
        found[day_of(at), "made"] += 1
        found[day_of(at), "stopped"] += outcome != "approve"
    return +found


def decided_by_days(connection: sa.Connection) -> Counter[tuple[int, str]]:
    """The same as it is kept: the sum of the slots of each day."""
    found = Counter[tuple[int, str]]()
    for row in connection.execute(sa.select(decision_days)):
        found.update({(row.day, "made"): row.made, (row.day, "stopped"): row.stopped})
    return +found


def test_decisions_are_counted_whether_they_come_again_or_go(store: Store) -> None:
    draw, of_approvals = random.Random(7), next(each for each in KEPT if each.kind == "judgements.approvals")
    for turn in range(40):
        batch = [
            decide(draw.randrange(90), draw.choice(list(Outcome)), EDGE + timedelta(hours=draw.randrange(-30, 30)))
            for _ in range(draw.randrange(6))
        ]
        with store.transaction() as connection:
            keep_decisions(connection, batch, now=NOW)
            if turn % 8 == 7:
                approved = sa.select(decisions.c.decision_id).where(decisions.c.outcome == "approve").limit(3)
                assert delete(connection, of_approvals, [(each,) for each in connection.execute(approved).scalars()])
            assert decided_by_days(connection) == decided_by_rows(connection)
    with store.reading() as connection:
        assert len({day for day, _ in decided_by_days(connection)}) > 2


def test_a_decision_that_fails_with_its_transaction_is_not_counted(store: Store) -> None:
    def fail() -> None:
        with store.transaction() as connection:
            keep_decisions(connection, [decide(1)], now=NOW)
            raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        fail()
    with store.transaction() as connection:
        assert decided_by_days(connection) == {}
        assert keep_decisions(connection, [decide(1), decide(1), decide(2)], now=NOW) == 2
        assert decided_by_days(connection) == decided_by_rows(connection)


def test_two_who_write_at_once_do_not_wait_for_each_other(store: Store) -> None:
    if store.embedded:
        pytest.skip("on SQLite writers take turns")
    with store.transaction() as one, store.transaction() as other:
        other.execute(sa.text("SET LOCAL lock_timeout = '2s'"))
        assert writer_number(one) % SLOTS != writer_number(other) % SLOTS
        keep_decisions(one, [decide(1)], now=NOW)
        keep_decisions(other, [decide(2, Outcome.WARN)], now=NOW)
    with store.reading() as connection:
        assert decided_by_days(connection) == decided_by_rows(connection)


def test_decisions_that_an_older_version_has_kept_are_counted(store: Store) -> None:
    step = import_module("agoranomos.kernel.migrations.versions.0071_decisions_counted_by_day")
    moments = [EDGE, EDGE - timedelta(microseconds=1), *(datetime(1969, 12, 31, hour, tzinfo=UTC) for hour in (15, 16))]
    with store.transaction() as connection:
        made = [decide(n, list(Outcome)[n % 5], at) for n, at in enumerate([*moments, EDGE])]
        keep_decisions(connection, made, now=NOW)
        connection.execute(sa.delete(decision_days))
        connection.execute(sa.text(step.COUNT))
        assert decided_by_days(connection) == decided_by_rows(connection)
        assert connection.execute(sa.select(sa.func.count()).select_from(decision_days)).scalar_one() == 4
