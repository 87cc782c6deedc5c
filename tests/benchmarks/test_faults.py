"""The harness of faults: that it sees what must not be, and a short run of it."""

from __future__ import annotations

import uuid
from pathlib import Path

import pytest
import sqlalchemy as sa

from agoranomos.audit import actions as audit
from agoranomos.audit.model import Entry
from agoranomos.kernel.actors import SYSTEM
from agoranomos.kernel.ledger import posting
from agoranomos.kernel.ledger.model import Transfer
from agoranomos.kernel.store import Store, open_store
from benchmarks.faults import tormenting
from benchmarks.faults.__main__ import beside, relayed
from benchmarks.faults.member import AMOUNT, CREDIT, DEBIT, VERB
from tests.builders import NOW
from tests.stores import make_store


def paid(store: Store, job: str, lease: int) -> None:
    """A job is done."""
    with store.transaction() as connection:
        transfer = Transfer(id=f"{job}#{lease}", debit=DEBIT, credit=CREDIT, amount=AMOUNT, at=NOW, reason="paid")
        posting.post(connection, [transfer], now=NOW)
        entry = Entry(at=NOW, actor=SYSTEM, verb=VERB, subject_kind="job", subject_id=job, params={})
        audit.record(connection, entry)


def test_what_must_not_be_is_seen(tmp_path: Path) -> None:
    store = make_store(tmp_path)
    tormenting._asked(store, 2)
    paid(store, "job-0", 1)
    lost = tormenting._held_against(store, "killed", 2, 1, 0.0)
    assert (lost.lost, lost.doubled, lost.holds) == (1, 0, False)
    paid(store, "job-1", 1)
    assert tormenting._held_against(store, "killed", 2, 1, 0.0).holds
    paid(store, "job-1", 2)
    twice = tormenting._held_against(store, "killed", 2, 1, 0.0)
    assert (twice.lost, twice.doubled, twice.holds) == (0, 1, False)
    store.close()


@pytest.mark.slow
def test_processes_that_are_killed_lose_and_double_nothing(tmp_path: Path) -> None:
    make_store(tmp_path).close()
    url = f"sqlite:///{tmp_path / 'agora.db'}"
    store = open_store(url)
    try:
        result = tormenting.torment(store, url, "killed", jobs=40, faults=1)
    finally:
        store.close()
    assert result.holds, result
    assert result.faults == 1


@pytest.mark.slow
@pytest.mark.xdist_group("postgresql")
def test_a_database_that_goes_away_loses_and_doubles_nothing(postgresql_url: str, postgresql_template: str) -> None:
    """Two processes on one PostgreSQL, which hangs up in the midst of their work and comes back."""
    name = f"faults_{uuid.uuid4().hex[:8]}"
    engine = sa.create_engine(
        sa.make_url(postgresql_url).set(drivername="postgresql+psycopg"), isolation_level="AUTOCOMMIT"
    )
    with relayed(postgresql_url) as proxy, engine.connect() as server:
        server.exec_driver_sql(f"CREATE DATABASE {name} TEMPLATE {postgresql_template} STRATEGY file_copy")
        straight, by_proxy = beside(postgresql_url, proxy, name)
        store = open_store(straight)
        try:
            result = tormenting.torment(store, by_proxy, "database away", jobs=40, faults=1, proxy=proxy)
        finally:
            store.close()
            server.exec_driver_sql(f"DROP DATABASE {name} WITH (FORCE)")
    engine.dispose()
    assert result.holds, result
    assert result.faults == 1
