"""From hits to a report: counts by day and outcome, overlap, precision, load, and examples that stay the same."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import date
from typing import Any, Final, Protocol

import duckdb

from agoranomos.engine.rules.runtime import moment_text
from agoranomos.engine.rules.tree import Score
from agoranomos.kernel.findings import Subject
from agoranomos.rules.backtest.asking import DRAWN
from agoranomos.rules.backtest.report import Day, OutcomeDay, Overlap, QueueLoad, Read, Report, RuleReport, Sample
from agoranomos.rules.book import Book, Used
from agoranomos.rules.capacity import precision
from agoranomos.rules.policy import QueuePolicy, fits

_STRONGEST_FIRST: Final = ("decline", "hold", "review", "warn", "approve")
_VERDICTS: Final = """
    CREATE OR REPLACE TABLE verdicts AS
    WITH decided AS (
        SELECT data ->> '$.case_id' AS case_id, data ->> '$.subject.kind' AS kind, data ->> '$.subject.id' AS subject,
            data ->> '$.outcome' AS outcome, data ->> '$.overturns' AS overturns, time::TIMESTAMPTZ AS time, source, id
        FROM events WHERE type = 'case.decided'
    ), overturned AS (SELECT overturns AS case_id FROM decided WHERE outcome = 'overturned')
    SELECT kind, subject, outcome = 'upheld' AS upheld, time, source, id FROM decided
    WHERE outcome IN ('upheld', 'rejected')
        AND case_id NOT IN (SELECT case_id FROM overturned WHERE case_id IS NOT NULL)
"""


class Looked(Protocol):
    """What rules found in a history: on this machine (`looking.Looking`) or on a cluster (`away.Away`).

    `connection` has the tables `hits`, and `events` with at least those of the type `case.decided`.
    """

    connection: duckdb.DuckDBPyConnection
    seen: dict[str, int]
    unknown: dict[str, int]
    days: dict[str, int]

    def span(self) -> tuple[date | None, date | None]: ...

    def values(self, used: Used, events: Sequence[tuple[str, str]]) -> dict[tuple[str, str], dict[str, Any]]: ...


def report(looking: Looked, book: Book, *, read: Read, policy: QueuePolicy, samples: int) -> Report:
    """What the rules of `book` would have done; live ones are what the others are compared with."""
    connection = looking.connection
    connection.execute(_VERDICTS)
    first, last = looking.span()
    tally = _Tally(connection)
    rules = tuple(_rule(looking, book, used, tally, samples) for used in book.used)
    return Report(
        first=first,
        last=last,
        days=(last - first).days + 1 if first and last else 0,
        read=read,
        rules=rules,
        outcomes=_outcomes(connection, book),
        queues=tuple(_loads(looking, book, policy)),
        notes=tuple(_notes(book, rules)),
    )


class _Tally:
    """Counts of all hits, in few queries."""

    def __init__(self, connection: duckdb.DuckDBPyConnection) -> None:
        self.by_day: dict[str, list[Day]] = {}
        counts = "count(*), count(DISTINCT (kind, subject))"
        for rule, day, hits, subjects in connection.execute(
            f"SELECT rule, time::DATE AS day, {counts} FROM hits GROUP BY ALL ORDER BY rule, day"
        ).fetchall():
            self.by_day.setdefault(rule, []).append(Day(day, hits, subjects))
        totals = connection.execute(f"SELECT rule, {counts} FROM hits GROUP BY rule").fetchall()
        self.totals: dict[str, tuple[int, int]] = {rule: (hits, subjects) for rule, hits, subjects in totals}
        # Of several decisions about a subject after the first hit the latest is what it came to.
        rows = connection.execute(
            "WITH first AS (SELECT rule, kind, subject, min(time) AS time FROM hits GROUP BY ALL) "
            "SELECT rule, upheld FROM first JOIN verdicts AS v USING (kind, subject) WHERE v.time >= first.time "
            "QUALIFY row_number() OVER "
            "(PARTITION BY rule, kind, subject ORDER BY v.time DESC, v.source DESC, v.id DESC) = 1"
        ).fetchall()
        self.verdicts: dict[str, list[bool]] = {}
        for rule, upheld in rows:
            self.verdicts.setdefault(rule, []).append(upheld)
        pairs = connection.execute(
            "WITH about AS (SELECT DISTINCT rule, kind, subject FROM hits) "
            "SELECT a.rule, b.rule, count(*) FROM about AS a JOIN about AS b USING (kind, subject) "
            "WHERE a.rule <> b.rule GROUP BY ALL"
        ).fetchall()
        self.both: dict[tuple[str, str], int] = {(this, that): count for this, that, count in pairs}


def _rule(looking: Looked, book: Book, used: Used, tally: _Tally, samples: int) -> RuleReport:
    rule, key = used.written.rule, used.key
    hits, subjects = tally.totals.get(key, (0, 0))
    return RuleReport(
        rule_id=rule.id,
        version=used.version,
        standing=used.standing,
        listens=rule.listens,
        outcome=rule.outcome,
        score=rule.score,
        looked_at=looking.seen[key],
        unknown=looking.unknown[key],
        hits=hits,
        subjects=subjects,
        per_day=round(hits / looking.days[key], 3) if looking.days[key] else 0.0,
        days=tuple(tally.by_day.get(key, ())),
        precision=precision(subjects, tally.verdicts.get(key, [])),
        overlaps=tuple(_overlaps(book, used, tally)),
        samples=_samples(looking, used, samples),
    )


def _overlaps(book: Book, used: Used, tally: _Tally) -> Iterable[Overlap]:
    """With each live rule about the same kind of subject, but itself."""
    mine = tally.totals.get(used.key, (0, 0))[1]
    for other in book.used:
        same_kind = other.written.rule.subject.kind == used.written.rule.subject.kind
        if other.standing != "live" or other.key == used.key or not same_kind:
            continue
        both = tally.both.get((used.key, other.key), 0)
        theirs = tally.totals.get(other.key, (0, 0))[1]
        yield Overlap(
            rule_id=other.written.rule.id, version=other.version, both=both, only_this=mine - both,
            only_that=theirs - both,
        )  # fmt: skip


def _samples(looking: Looked, used: Used, count: int) -> tuple[Sample, ...]:
    """Hits drawn by a hash of their identity: as good as random, and the same every time."""
    rows = looking.connection.execute(
        f"SELECT source, id, epoch_us(time), kind, subject FROM hits WHERE rule = ? {DRAWN} LIMIT ?",
        [used.key, count],
    ).fetchall()
    values = looking.values(used, [(source, event_id) for source, event_id, *_ in rows])
    found = []
    for source, event_id, at, kind, subject in rows:
        seen = values[source, event_id]
        english, chinese = used.written.reason(seen)
        found.append(
            Sample(
                source=source,
                event_id=event_id,
                at=moment_text(at),
                subject=Subject(kind, subject),
                values=seen,
                reason_en=english,
                reason_zh=chinese,
            )
        )
    return tuple(found)


def _outcomes(connection: duckdb.DuckDBPyConnection, book: Book) -> tuple[OutcomeDay, ...]:
    """By day, the events that some rule hits, by the strongest outcome that they would have had."""
    strength = {used.key: _STRONGEST_FIRST.index(used.written.rule.outcome) for used in book.used}
    if not strength:
        return ()
    places = " ".join(f"WHEN '{key}' THEN {place}" for key, place in strength.items())
    rows = connection.execute(
        "WITH event AS ("
        f"SELECT time::DATE AS day, source, id, min(CASE rule {places} END) AS place FROM hits GROUP BY ALL) "
        "SELECT day, place, count(*) FROM event GROUP BY ALL ORDER BY day, place"
    ).fetchall()
    days: dict[date, dict[str, int]] = {}
    for day, place, count in rows:
        days.setdefault(day, {})[_STRONGEST_FIRST[place]] = count
    return tuple(OutcomeDay(day=day, **counts) for day, counts in days.items())


def _loads(looking: Looked, book: Book, policy: QueuePolicy) -> Iterable[QueueLoad]:
    for name, queue in sorted(policy.queues.items()):
        keys = [one.key for one in book.used if any(fits(one.written.rule.id, code) for code in queue.codes)]
        if not keys:
            continue
        days = max(looking.days[key] for key in keys)
        rows: Sequence[tuple[Any, ...]] = looking.connection.execute(
            "SELECT count(DISTINCT (kind, subject)) FROM hits WHERE list_contains(?, rule) GROUP BY time::DATE", [keys]
        ).fetchall()
        counts = [count for (count,) in rows]
        yield QueueLoad(
            queue=name, days=days, capacity=queue.per_day, mean=round(sum(counts) / days, 3) if days else 0.0,
            most=max(counts, default=0), days_over=sum(count > queue.per_day for count in counts),
        )  # fmt: skip


def _notes(book: Book, rules: Sequence[RuleReport]) -> Iterable[str]:
    by_key: Mapping[str, RuleReport] = {f"{each.rule_id}@{each.version}": each for each in rules}
    for used in book.used:
        told = by_key[used.key]
        if told.looked_at == 0:
            yield f"{used.written.rule.id}: the history has no event that it listens to ({used.written.rule.listens})"
        elif any(isinstance(leaf.source, Score) for leaf in used.written.condition.leaves):
            yield f"{used.written.rule.id}: scores are known of events that the store has findings on, and of no others"
