"""The page of a queue with a million findings in a hundred thousand cases, on SQLite.

    python -m benchmarks.case_queue [CASES] [FINDINGS]

prints the CPU milliseconds of what people open (a page of 100, the next case, a case, the queues in numbers), each
beside a floor in the same run: a hundred documents read by their ids. Exits with 1 when a page takes 50 ms or more, or
when a query does without an index.
"""

from __future__ import annotations

import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any, Final

import msgspec
import sqlalchemy as sa

from agoranomos.cases.calibration import tables as _curves  # noqa: F401 - its table is among those that are made
from agoranomos.cases.desk import queries
from agoranomos.cases.desk.model import Case, Decided, Harm, State, case_id
from agoranomos.cases.desk.tables import case_findings, cases
from agoranomos.cases.queue import queries as queue
from agoranomos.kernel.findings import Subject
from agoranomos.kernel.store import Store, open_store

NOW: Final = datetime(2026, 5, 1, 8, 0, tzinfo=UTC)
QUEUES: Final = ("goods", "sellers", "promotions", "reviews", "access")
GOAL_MS: Final = 50.0
AT_A_TIME: Final = 20_000
TIMES: Final = 20


def made(number: int) -> Case:
    """A case: one in five is open, of a hundred of those one is held and two are escalated."""
    state: State = "open" if number % 5 == 0 else "decided"
    subject, at = Subject("listing", f"l{number}"), NOW - timedelta(minutes=number % 500_000)
    harm = Harm(harm=(number * 7_919) % 5_000_000, code="goods.counterfeit_suspected", probability=0.8)
    held = state == "open" and number % 100 == 0
    key = f"listing:l{number}"
    return Case(
        case_id=case_id(key, 1), kind="finding", queue=QUEUES[number // 5 % 5], state=state, priority=harm.harm,
        level=1 if state == "open" and number % 250 == 0 else 0, currency="CNY", harm=harm, subject=subject,
        seller_id=f"u{number % 20_000}", gather_key=key, findings=10, codes=("goods.counterfeit_suspected",),
        members=(subject,), opened_at=at, changed_at=at, due_at=at + timedelta(hours=72) if state == "open" else None,
        holder="person:p1" if held else None, claim_until=NOW + timedelta(minutes=9) if held else None, steps=1,
        decision=None if state == "open" else Decided(outcome="upheld", clause="counterfeit", by="person:p1", at=at),
    )  # fmt: skip


def fill(store: Store, count: int, findings: int) -> None:
    """Makes so many cases and findings, without the verbs: they are measured elsewhere."""
    each = max(1, findings // count)
    for start in range(0, count, AT_A_TIME):
        part = [made(number) for number in range(start, min(count, start + AT_A_TIME))]
        with store.transaction() as connection:
            connection.execute(cases.insert(), [queries.row_of(case) for case in part])
            connection.execute(case_findings.insert(), list(rows_of(part, each)))


def rows_of(part: list[Case], each: int) -> Iterator[dict[str, Any]]:
    """`each` findings of every case."""
    for case in part:
        for place in range(each):
            yield {
                "case_id": case.case_id, "finding_id": f"f{case.case_id[2:]}{place}", "code": case.codes[0],
                "revision": 1, "score": 0.8, "subject_kind": "listing", "subject_id": case.subject.id,
                "harm": case.priority, "added_at": case.opened_at,
            }  # fmt: skip


def cpu_ms(work: Callable[[], object]) -> float:
    """The least CPU time of several runs, in milliseconds."""
    best = float("inf")
    for _ in range(TIMES):
        began = time.process_time()
        work()
        best = min(best, time.process_time() - began)
    return best * 1_000


def plans(connection: sa.Connection, work: Callable[[], object]) -> list[str]:
    """How SQLite answers the queries of `work`: one line of EXPLAIN QUERY PLAN for each step."""
    said: list[tuple[str, Any]] = []

    def note(_: Any, __: Any, statement: str, parameters: Any, ___: Any, ____: Any) -> None:
        said.append((statement, parameters))

    sa.event.listen(connection, "before_cursor_execute", note)
    work()
    sa.event.remove(connection, "before_cursor_execute", note)
    return [
        row[3]
        for statement, parameters in said
        if statement.startswith("SELECT")
        for row in connection.exec_driver_sql(f"EXPLAIN QUERY PLAN {statement}", parameters)
    ]


def main(count: int = 100_000, findings: int = 1_000_000) -> int:
    """Prints the figures."""
    with tempfile.TemporaryDirectory() as folder:
        store = open_store(str(Path(folder) / "bench.db"))
        began = time.process_time()
        fill(store, count, findings)
        print(f"{count:,} cases with {findings:,} findings made in {time.process_time() - began:.0f} CPU seconds")
        wrong = 0
        with store.reading() as connection:
            ids = [made(number).case_id for number in range(0, count, max(1, count // 100))][:100]
            one = queries.get(connection, ids[0])
            by_id = sa.select(cases.c.document).where(cases.c.case_id.in_(ids))
            floor = cpu_ms(lambda: msgspec.convert(connection.execute(by_id).scalars().all(), list[Case]))
            print(f"{'a hundred cases by id (the floor)':38} {floor:8.2f} ms")
            deep = queue.page(connection, "goods", after=(0, 2_500_000, "c_"), limit=1)[0]
            works: dict[str, Callable[[], object]] = {
                "page of a queue": lambda: queue.page(connection, "goods", after=None, limit=101),
                "page deep in a queue": lambda: queue.page(
                    connection, "goods", after=(deep.level, deep.priority, deep.case_id), limit=101
                ),
                "what is due first": lambda: queue.due_page(connection, "goods", after=None, limit=101),
                "the next case by harm": lambda: queue.next_by_harm(connection, "goods", 0, "person:p2", NOW),
                "the next case by due time": lambda: queue.next_by_due(connection, "goods", "person:p2", NOW, NOW),
                "findings of a case": lambda: queries.joined(connection, one.case_id, 100),
                "history of a case": lambda: queries.history(connection, one, sa.select(sa.null()).where(sa.false())),
                "a queue in numbers": lambda: queue.counts(connection, "goods", NOW, NOW - timedelta(hours=8)),
            }
            for name, work in works.items():
                spent, plan = cpu_ms(work), plans(connection, work)
                scans = [step for step in plan if step.startswith("SCAN") and "INDEX" not in step]
                print(f"{name:38} {spent:8.2f} ms  {spent / floor:6.2f} × the floor  {'; '.join(plan[:2])}")
                wrong += bool(scans) or (spent >= GOAL_MS)
        store.close()
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main(*map(int, sys.argv[1:3])))
