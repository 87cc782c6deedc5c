"""What only the store can promise: nothing is rewritten, many may write at once, and the books are balanced."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import threading
import time
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from pathlib import Path

import pytest
import sqlalchemy as sa

from agoranomos.kernel import dialects
from agoranomos.kernel.errors import AgoranomosError, Conflict, NotFound
from agoranomos.kernel.ledger import posting, queries
from agoranomos.kernel.ledger.clerk import Clerk
from agoranomos.kernel.ledger.model import Balance, Transfer
from agoranomos.kernel.ledger.tables import ledger_accounts, ledger_reservations, ledger_transfers
from agoranomos.kernel.ledger.trial import trial_balance
from agoranomos.kernel.store import Store, open_store
from agoranomos.kernel.writer import GroupWriter
from tests.builders import NOW
from tests.kernel.ledger.builders import (
    InStore,
    make_account,
    make_release,
    make_reservation,
    make_settlement,
    make_transfer,
    minute,
    open_three,
)

ROOT = Path(__file__).parents[3]


@pytest.fixture
def ledger(store: Store) -> InStore:
    made = InStore(store)
    open_three(made)
    return made


def balanced(store: Store) -> bool:
    with store.reading() as connection:
        return trial_balance(connection) == []


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE ledger_transfers SET amount = 1",
        "UPDATE ledger_transfers SET recorded_at = 0",
        "DELETE FROM ledger_transfers",
        "UPDATE ledger_accounts SET floor = NULL",
        "UPDATE ledger_accounts SET unit = 'points'",
        "DELETE FROM ledger_accounts WHERE id = 'buyer'",
    ],
)
def test_the_database_refuses_to_rewrite(ledger: InStore, statement: str) -> None:
    ledger.post(make_transfer())
    with pytest.raises(sa.exc.DBAPIError, match="append-only"), ledger.store.transaction() as connection:
        connection.exec_driver_sql(statement)
    assert ledger.balance("budget").posted == 100


def test_the_database_refuses_to_replace_or_truncate(ledger: InStore) -> None:
    ledger.post(make_transfer())
    columns = "id, kind, debit, credit, amount, held, at, recorded_at, reason, because"
    statement = (
        f"INSERT OR REPLACE INTO ledger_transfers ({columns}) "
        f"SELECT id, kind, debit, credit, 1, held, at, recorded_at, reason, because FROM ledger_transfers"
        if ledger.store.embedded
        else "TRUNCATE ledger_transfers CASCADE"
    )
    with pytest.raises(sa.exc.DBAPIError, match="append-only"), ledger.store.transaction() as connection:
        connection.exec_driver_sql(statement)
    assert ledger.balance("budget").posted == 100


@pytest.mark.parametrize(
    "wrong",
    [
        {"amount": 0},
        {"amount": -5},
        {"credit": "world"},
        {"kind": "gift"},
        {"held": 5},
        {"refers_to": "t1"},
        {"kind": "reverse"},
        {"kind": "release", "refers_to": "t1"},
        {"kind": "reverse", "refers_to": "nothing"},
        {"debit": "nobody"},
        {"id": "t1"},
    ],
    ids=str,
)
@pytest.mark.slow
def test_the_database_refuses_what_cannot_be(ledger: InStore, wrong: dict[str, object]) -> None:
    ledger.post(make_transfer())
    row: dict[str, object] = {"id": "t9", "kind": "transfer", "debit": "world", "credit": "budget", "amount": 1}
    row |= {"held": 0, "at": NOW, "recorded_at": NOW, "reason": "r", "because": (), "refers_to": None}
    with ledger.store.transaction() as connection:
        connection.execute(ledger_transfers.insert(), row)  # the row as it stands is fine
    with pytest.raises(sa.exc.IntegrityError), ledger.store.transaction() as connection:
        connection.execute(ledger_transfers.insert(), {**row, "id": "t10", **wrong})


def test_the_database_has_the_last_word_on_limits(ledger: InStore) -> None:
    ledger.open(make_account("capped", ceiling=0))
    for name in ("budget", "capped"):
        column = "debits_pending" if name == "budget" else "credits_pending"
        update = ledger_accounts.update().where(ledger_accounts.c.id == name).values({column: 1})
        with pytest.raises(sa.exc.IntegrityError), ledger.store.transaction() as connection:
            connection.execute(update)


def test_fresh_tables_have_the_same_triggers(empty_store_url: str, store: Store) -> None:
    fresh = Store(dialects.make_engine(dialects.parse_url(empty_store_url + ("2" if store.embedded else ""))))
    with fresh.transaction() as connection:
        ledger_accounts.metadata.create_all(connection, [ledger_accounts, ledger_transfers, ledger_reservations])
    query = (
        "SELECT name, sql FROM sqlite_master WHERE type = 'trigger' ORDER BY name"
        if store.embedded
        else "SELECT tgname, pg_get_triggerdef(oid) FROM pg_trigger ORDER BY tgname"
    )
    found = []
    for each in (fresh, store):
        with each.reading() as connection:
            found.append([row for row in connection.execute(sa.text(query)).all() if row[0].startswith("ledger")])
    assert found[0] == found[1]
    assert len(found[0]) == 4
    fresh.close()


def test_a_batch_costs_a_fixed_number_of_statements(ledger: InStore) -> None:
    """Also on PostgreSQL, whose driver pipelines what has many rows."""
    counts = []
    for size in (1, 200):
        seen: list[str] = []
        with ledger.store.transaction() as connection:
            sa.event.listen(connection, "before_cursor_execute", lambda *a: seen.append(a[2]))  # noqa: B023
            posting.post(connection, [make_transfer(f"{size}:{n}") for n in range(size)], now=NOW)
        counts.append(len(seen))
    assert counts == [4, 4]


def test_recorded_time_is_kept_beside_event_time(ledger: InStore) -> None:
    ledger.now = minute(10)
    ledger.post(make_transfer(at=minute(1)))
    ledger.now = minute(20)
    ledger.post(make_transfer("late", at=minute(2), amount=7))
    assert ledger.balance_as_of("budget", minute(2)).posted == 107
    assert ledger.balance_as_of("budget", minute(2), known_by=minute(19)).posted == 100
    assert ledger.balance_as_of("budget", minute(2), known_by=minute(9)).posted == 0


def test_reading_what_happened(ledger: InStore) -> None:
    ledger.post(make_transfer(because=("a", "b")), make_reservation(at=minute(1)), make_settlement(at=minute(1)))
    ledger.post(make_transfer("early", at=minute(-1), amount=1))
    with ledger.store.reading() as connection:
        pages, after = [], None
        while page := queries.history(connection, "budget", after=after, limit=1):
            pages += page
            after = (page[-1].at, page[-1].id)
        assert [record.id for record in pages] == ["early", "t1", "r1", "s1"]
        assert queries.history(connection, "budget") == pages
        assert queries.record(connection, "t1") == pages[1]
        assert pages[1].because == ("a", "b")
        assert queries.follower(connection, "r1") == pages[3]
        assert queries.follower(connection, "t1") is None
        assert queries.account(connection, "world").floor is None
        for unknown in ("t9", "\x00"):
            with pytest.raises(NotFound):
                queries.record(connection, unknown)
            with pytest.raises(NotFound):
                queries.balance(connection, unknown)


def test_expiry_in_portions(ledger: InStore) -> None:
    ledger.post(make_transfer(), *(make_reservation(f"r{n}", amount=1, expires_at=minute(9 - n)) for n in range(5)))
    with ledger.store.transaction() as connection:
        first = posting.expire_due(connection, minute(60), limit=2)
        rest = posting.expire_due(connection, minute(60))
    assert [record.refers_to for record in (*first, *rest)] == ["r4", "r3", "r2", "r1", "r0"]
    assert balanced(ledger.store)


def test_the_trial_balance_finds_what_is_wrong(ledger: InStore) -> None:
    ledger.post(make_transfer(), make_reservation(), make_reservation("r2"))
    assert balanced(ledger.store)
    with ledger.store.transaction() as connection:
        connection.execute(ledger_accounts.update().where(ledger_accounts.c.id == "buyer").values(credits_posted=1))
        connection.execute(ledger_reservations.delete().where(ledger_reservations.c.transfer_id == "r2"))
        found = {(one.what, one.id) for one in trial_balance(connection)}
    assert found == {
        ("the totals of the account are not those of its records", "buyer"),
        ("debits and credits of the unit are not equal", "CNY"),
        ("the list of open reservations is wrong about it", "r2"),
    }


def test_the_trial_balance_finds_mixed_units(ledger: InStore) -> None:
    ledger.open(make_account("points", unit="points"))
    with ledger.store.transaction() as connection:
        row = {"id": "t", "kind": "transfer", "debit": "world", "credit": "points", "amount": 1, "held": 0}
        row |= {"at": NOW, "recorded_at": NOW, "reason": "r", "because": ()}
        connection.execute(ledger_transfers.insert(), row)
        assert "the record moves between two units" in {one.what for one in trial_balance(connection)}


def test_one_id_used_by_two_at_once_is_a_conflict(ledger: InStore) -> None:
    """The two share no account, so that no lock makes one wait for the other; only the key does."""
    if ledger.store.embedded:
        pytest.skip("SQLite lets one writer in at a time")
    ledger.open(make_account("a", floor=None), make_account("b", floor=None))
    with ledger.store.transaction() as connection:
        posting.post(connection, [make_transfer()], now=NOW)
        with ThreadPoolExecutor(1) as pool:
            second = pool.submit(ledger.post, make_transfer(debit="a", credit="b"))
            time.sleep(0.3)  # it waits for the key; were it not yet there, it would be refused all the same
            connection.commit()
            with pytest.raises(Conflict):
                second.result()
    assert balanced(ledger.store)


@pytest.mark.slow
def test_many_threads_on_few_accounts(ledger: InStore) -> None:
    """Each of 12 threads tries the same 60 claims of 3, in another order: a budget of 100 serves exactly 33."""
    ledger.post(make_transfer())
    claims = [make_reservation(f"r{n}", amount=3) for n in range(60)]

    def claim(seed: int) -> None:
        for reservation in claims[seed * 5 :] + claims[: seed * 5]:
            for entry in (reservation, make_settlement(f"s-{reservation.id}", reservation.id)):
                with suppress(AgoranomosError):  # the budget is spent
                    ledger.post(entry)

    with ThreadPoolExecutor(12) as pool:
        list(pool.map(claim, range(12)))
    assert balanced(ledger.store)
    assert ledger.balance("budget") == Balance(credits_posted=100, debits_posted=99)
    assert ledger.balance("buyer").posted == 99


@pytest.mark.slow
def test_transfers_in_both_directions_do_not_deadlock(ledger: InStore) -> None:
    ledger.post(make_transfer(amount=1_000), make_transfer("t2", credit="buyer", amount=1_000))

    def swap(seed: int) -> None:
        for n in range(40):
            there, back = ("budget", "buyer") if (seed + n) % 2 else ("buyer", "budget")
            ledger.post(make_transfer(f"{seed}:{n}", debit=there, credit=back, amount=1))

    with ThreadPoolExecutor(8) as pool:
        list(pool.map(swap, range(8)))
    assert balanced(ledger.store)
    assert ledger.balance("budget").posted + ledger.balance("buyer").posted == 2_000


@pytest.mark.slow
def test_a_kill_in_the_middle_leaves_whole_transfers(ledger: InStore) -> None:
    """Eight processes post the same 300 chains in different orders; one is killed, and is not missed."""
    ledger.post(make_transfer(amount=100_000))
    url = ledger.store.engine.url.render_as_string(hide_password=False)
    command = [sys.executable, "-m", "tests.kernel.ledger.hammer", url]
    running = [subprocess.Popen([*command, str(seed)], cwd=ROOT, stdout=subprocess.PIPE) for seed in range(8)]
    victim = running[0]
    assert victim.stdout is not None
    victim.stdout.readline()  # it has posted some
    os.kill(victim.pid, signal.SIGKILL)
    assert victim.wait() == -signal.SIGKILL
    for process in running[1:]:
        assert process.wait(timeout=300) == 0
    for process in running:
        assert process.stdout is not None
        process.stdout.close()
    assert balanced(ledger.store)
    assert ledger.balance("buyer").posted == 300 * 4
    with ledger.store.reading() as connection:
        assert connection.execute(sa.select(sa.func.count()).select_from(ledger_transfers)).scalar_one() == 1 + 900


def test_the_clerk_gathers_and_tells_each_its_own(ledger: InStore) -> None:
    writer = GroupWriter(ledger.store)
    clerk = Clerk(writer, lambda: NOW)
    blocked = threading.Event()
    writer.submit(lambda _: blocked.wait(10))  # so that the others gather behind it
    funding = clerk.submit([make_transfer()])
    chain = clerk.submit([make_reservation(), make_settlement(amount=1)])
    greedy = clerk.submit([make_transfer("t2"), make_reservation("r2", amount=1_000)])
    again = clerk.submit([make_transfer()])
    blocked.set()
    assert [outcome.status for outcome in funding.result()] == ["written"]
    assert [outcome.status for outcome in chain.result()] == ["written", "written"]
    with pytest.raises(Conflict, match="not enough"):
        greedy.result()
    assert [outcome.status for outcome in again.result()] == ["repeated"]
    assert ledger.balance("budget").posted == 99, "the first half of the greedy chain was not kept"
    writer.close()
    with pytest.raises(Conflict, match="closed"):
        clerk.post([make_transfer("t3")])
    with pytest.raises(Conflict, match="closed"):
        clerk.post([make_transfer("t3")])


def test_the_clerk_saves_the_innocent_when_a_batch_breaks(ledger: InStore, monkeypatch: pytest.MonkeyPatch) -> None:
    def break_on_poison(connection: sa.Connection, chains: list[tuple[Transfer, ...]], *, now: object) -> object:
        if any(entry.id == "poison" for chain in chains for entry in chain):
            raise OSError("the disk is full")
        return posting.post_chains(connection, chains, now=NOW)

    monkeypatch.setattr("agoranomos.kernel.ledger.clerk.post_chains", break_on_poison)
    writer = GroupWriter(ledger.store)
    clerk = Clerk(writer, lambda: NOW)
    blocked = threading.Event()
    writer.submit(lambda _: blocked.wait(10))
    good, bad = clerk.submit([make_transfer()]), clerk.submit([make_transfer("poison")])
    blocked.set()
    assert [outcome.status for outcome in good.result(30)] == ["written"]
    with pytest.raises(OSError, match="disk"):
        bad.result(30)
    writer.close()
    assert ledger.balance("budget").posted == 100


@pytest.mark.slow
def test_many_threads_through_one_clerk(ledger: InStore) -> None:
    ledger.post(make_transfer(amount=500))
    writer = GroupWriter(ledger.store)
    clerk = Clerk(writer, lambda: NOW)

    def spend(n: int) -> bool:
        try:
            clerk.post([make_transfer(f"c{n}", debit="budget", credit="buyer", amount=1)])
        except Conflict:
            return False
        return True

    with ThreadPoolExecutor(16) as pool:
        assert sum(pool.map(spend, range(800))) == 500
    writer.close()
    assert ledger.balance("budget").available == 0
    assert balanced(ledger.store)


def test_everything_survives_reopening(ledger: InStore) -> None:
    ledger.post(make_transfer(), make_reservation(), make_reservation("r2"), make_release("s2", "r2"))
    url = ledger.store.engine.url.render_as_string(hide_password=False)
    ledger.store.close()
    again = open_store(url)
    assert InStore(again).post(make_transfer())[0].status == "repeated"
    assert balanced(again)
    again.close()
