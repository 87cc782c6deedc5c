"""A retention run and an erasure, on SQLite and PostgreSQL: how long, and how many rows a second.

    python -m benchmarks.retention [EVENTS]

A third of the events are sessions that are due to go, a third complaints whose words are due to go, the rest is young.
The floor beside the run deletes as many rows of the same table in one statement, which no hold could stop and no kill
would leave half done.
"""

from __future__ import annotations

import os
import sys
import tempfile
import time
from collections.abc import Iterator, Mapping
from contextlib import closing
from datetime import UTC, datetime, timedelta
from typing import Final

import sqlalchemy as sa

from agoranomos.intake.actions import accept
from agoranomos.intake.tables import intake_events
from agoranomos.kernel.actors import Actor
from agoranomos.kernel.clock import rfc3339
from agoranomos.kernel.events import Event, parse_event
from agoranomos.kernel.store import Store, open_store
from agoranomos.retained import FORGETS, KEPT, covers, stands
from agoranomos.retention.actions import Tools
from agoranomos.retention.policy import load_policy
from agoranomos.retention.service import RetentionService
from agoranomos.staff import approving
from agoranomos.vault import erasing
from agoranomos.vault.actions import tokenise
from agoranomos.vault.keys import KeyRing, Vault
from benchmarks.ledger import _postgresql as postgresql

NOW: Final = datetime(2026, 11, 1, tzinfo=UTC)
OLD: Final = timedelta(days=2_000)
VALUES: Final = 50
ADA, BOB = Actor("person", "ada"), Actor("person", "bob")
_AT_A_TIME: Final = 2_000


def main(count: int) -> None:
    """Prints a line for each database."""
    with tempfile.TemporaryDirectory(prefix="agora-retention-") as folder, postgresql() as url:
        for name, address in (("SQLite", f"sqlite:///{folder}/agora.db"), ("PostgreSQL", url)):
            if address is not None:
                with closing(open_store(address)) as store:
                    store.upgrade()
                    sys.stdout.write(f"{name:10}  {_measured(store, count)}\n")


def _measured(store: Store, count: int) -> str:
    vault = Vault(KeyRing([b"k" * 32]), os.urandom)
    _fill(store, vault, _events(count))
    service = RetentionService(store, Tools(KEPT, load_policy(KEPT), covers, stands, FORGETS, os.urandom), lambda: NOW)
    cpu, wall = time.process_time(), time.perf_counter()
    run = service.run(by=ADA)
    cpu, wall = time.process_time() - cpu, time.perf_counter() - wall
    gone = sum(each.gone for each in run.parts)
    assert gone == 2 * (count // 3), gone
    erasing_took = _erased(store, service)
    floor = _floor(store, vault, count // 3)
    return (
        f"{gone:,} of {count:,} rows in {wall:.1f} s ({gone / wall:,.0f}/s, {cpu:.1f} CPU-s); floor {floor:,.0f}/s; "
        f"somebody with {VALUES} values erased in {erasing_took * 1e3:.0f} ms"
    )


def _events(count: int) -> Iterator[Event]:
    for number in range(count):
        old, words = number % 3 != 2, number % 3 == 1
        data = (
            {"complaint_id": f"k{number}", "channel": "text", "text": "It is a fake.", "store_id": f"s{number % 99}"}
            if words
            else {"account_id": f"a{number}", "principal_kind": "buyer", "device_id": f"d{number}"}
        )
        yield _event(number, "complaint.filed" if words else "session.started", data, NOW - OLD if old else NOW)


def _event(number: int, kind: str, data: Mapping[str, object], at: datetime) -> Event:
    return parse_event({"id": f"e{number:08}", "source": "b", "type": kind, "time": rfc3339(at), "data": data})


def _fill(store: Store, vault: Vault, events: Iterator[Event]) -> None:
    part: list[Event] = []
    for event in events:
        part.append(event)
        if len(part) == _AT_A_TIME:
            _take(store, vault, part)
            part = []
    _take(store, vault, part)
    with store.transaction() as connection:
        for number in range(VALUES):
            tokenise(connection, vault, "phone", f"1380013{number:04}", subject="seller:s-1", now=NOW)


def _take(store: Store, vault: Vault, events: list[Event]) -> None:
    with store.transaction() as connection:
        accept(connection, vault, events, now=NOW)


def _erased(store: Store, service: RetentionService) -> float:
    with store.transaction() as connection:
        asked = erasing.request(connection, "seller", "s-1", by=ADA, now=NOW, held=service.held)
        approving.approve(connection, asked.approval_id, by=BOB, now=NOW)
    began = time.perf_counter()
    with store.transaction() as connection:
        erasing.erase(connection, asked.approval_id, by=ADA, now=NOW, held=service.held, forget=service.forget)
    return time.perf_counter() - began


def _floor(store: Store, vault: Vault, count: int) -> float:
    data = {"account_id": "a", "principal_kind": "buyer"}
    for start in range(0, count, _AT_A_TIME):
        numbers = range(10_000_000 + start, 10_000_000 + min(start + _AT_A_TIME, count))
        _take(store, vault, [_event(number, "session.started", data, NOW - OLD) for number in numbers])
    began = time.perf_counter()
    with store.transaction() as connection:
        table = intake_events.c
        connection.execute(sa.delete(intake_events).where(table.type == "session.started", table.time < NOW - OLD / 2))
    return count / (time.perf_counter() - began)


if __name__ == "__main__":
    main(int(sys.argv[1]) if len(sys.argv) > 1 else 90_000)
