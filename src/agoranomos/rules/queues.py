"""Queues over the store: today's list, the threshold that fits, and precision at capacity."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import date, datetime, timedelta
from typing import Final
from zoneinfo import ZoneInfo

import msgspec
import sqlalchemy as sa

from agoranomos.judgements.queries import Scored, scored
from agoranomos.kernel.dialects import upsert
from agoranomos.kernel.findings import Finding, Subject
from agoranomos.rules.capacity import Candidate, Place, Precision, Threshold, precision, ranked, threshold
from agoranomos.rules.model import EXPOSURE
from agoranomos.rules.policy import QueuePolicy
from agoranomos.rules.tables import decided_cases, finding_exposures

CALENDAR: Final = ZoneInfo("Asia/Shanghai")
"""Whose days the capacity of a day is about."""
_IDS_AT_A_TIME: Final = 5_000
_WRONG: Final = ("rejected", "overturned")


class Today(msgspec.Struct, frozen=True, kw_only=True):
    """A queue as it is now. `places` fit into what is left of the day; `waiting` counts all subjects that wait."""

    queue: str
    day: date
    per_day: int
    decided_today: int
    waiting: int
    places: list[Place]
    threshold: Threshold
    precision: Precision
    measured_from: date
    currency: str


class _Case(msgspec.Struct, frozen=True):
    at: datetime
    upheld: bool


_Cases = dict[Subject, list[_Case]]


def today(connection: sa.Connection, policy: QueuePolicy, name: str, now: datetime) -> Today:
    """The queue `name` at `now`. Raises NotFound."""
    queue = policy.queue(name)
    day = now.astimezone(CALENDAR).date()
    measured_from = day - timedelta(days=policy.measured_days)
    since = _start(min(measured_from, day - timedelta(days=policy.window_days)))
    found = _candidates(connection, scored(connection, queue.codes, since=since), policy)
    cases = _decided(connection, since)
    window = _start(day - timedelta(days=policy.window_days))
    waiting = ranked(each for each in found if each.at >= window and _first_case(cases, each) is None)
    seen_today = {each.subject for each in found if _decided_on(cases, each, day)}
    measured = [each for each in found if measured_from <= _day(each) < day]
    return Today(
        queue=name,
        day=day,
        per_day=queue.per_day,
        decided_today=len(seen_today),
        waiting=len(waiting),
        places=waiting[: max(0, queue.per_day - len(seen_today))],
        threshold=threshold(_best_scores(measured), policy.measured_days, queue.per_day),
        precision=_measure(measured, cases, queue.per_day),
        measured_from=measured_from,
        currency=policy.currency,
    )


def keep_exposures(connection: sa.Connection, found: Iterable[Finding]) -> None:
    """Keeps how much money each finding is about, where its evidence says so ({amount, currency}); the latest word
    stands.
    """
    rows = {}
    for finding in found:
        for reason in finding.reasons:
            money = reason.evidence.get(EXPOSURE)
            if money is not None:
                rows[finding.id] = {"finding_id": finding.id, **money}
    upsert(connection, finding_exposures, [rows[each] for each in sorted(rows)], ["finding_id"])


def exposures(connection: sa.Connection, ids: Sequence[str], currency: str) -> dict[str, int]:
    """What is at stake in those findings that say so in `currency`; amounts are never added up across currencies."""
    table, found = finding_exposures.c, dict[str, int]()
    for start in range(0, len(ids), _IDS_AT_A_TIME):
        part = table.finding_id.in_(ids[start : start + _IDS_AT_A_TIME])
        query = sa.select(table.finding_id, table.amount).where(part, table.currency == currency)
        found.update((row.finding_id, row.amount) for row in connection.execute(query))
    return found


def _candidates(connection: sa.Connection, found: Sequence[Scored], policy: QueuePolicy) -> list[Candidate]:
    known = exposures(connection, [each.finding_id for each in found], policy.currency)
    return [
        Candidate(
            finding_id=each.finding_id, code=each.code, subject=each.subject, score=each.score, at=each.at,
            exposure=known.get(each.finding_id, policy.exposure_of(each.code)),
            exposure_known=each.finding_id in known,
        )
        for each in found
    ]  # fmt: skip


def _decided(connection: sa.Connection, since: datetime) -> _Cases:
    """The cases decided since then, by subject, in order; one that was overturned was wrong."""
    table = decided_cases.c
    rows = connection.execute(sa.select(decided_cases).where(table.at >= since).order_by(table.at, table.case_id)).all()
    overturned = {row.overturns for row in rows if row.overturns is not None and row.outcome == "overturned"}
    cases: _Cases = {}
    for row in rows:
        upheld = row.outcome not in _WRONG and row.case_id not in overturned
        cases.setdefault(Subject(row.subject_kind, row.subject_id), []).append(_Case(row.at, upheld))
    return cases


def _first_case(cases: _Cases, candidate: Candidate) -> _Case | None:
    """The first case about the subject that was decided at the finding or later."""
    return next((case for case in cases.get(candidate.subject, ()) if case.at >= candidate.at), None)


def _decided_on(cases: _Cases, candidate: Candidate, day: date) -> bool:
    case = _first_case(cases, candidate)
    return case is not None and case.at.astimezone(CALENDAR).date() == day


def _best_scores(measured: Iterable[Candidate]) -> dict[tuple[date, Subject], float]:
    best: dict[tuple[date, Subject], float] = {}
    for each in measured:
        key = (_day(each), each.subject)
        best[key] = max(best.get(key, 0.0), each.score)
    return best


def _measure(measured: Iterable[Candidate], cases: _Cases, per_day: int) -> Precision:
    """Of each day the subjects that fitted its capacity, and what became of them."""
    by_day: dict[date, list[Candidate]] = {}
    for each in measured:
        by_day.setdefault(_day(each), []).append(each)
    shown, verdicts = 0, list[bool]()
    for _, found in sorted(by_day.items()):
        for place in ranked(found)[:per_day]:
            shown += 1
            case = _first_case(cases, place.findings[0])
            if case is not None:
                verdicts.append(case.upheld)
    return precision(shown, verdicts)


def _day(candidate: Candidate) -> date:
    return candidate.at.astimezone(CALENDAR).date()


def _start(day: date) -> datetime:
    return datetime(day.year, day.month, day.day, tzinfo=CALENDAR)
