"""Recording, sealing and erasing, on both databases."""

from __future__ import annotations

import threading
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from typing import Any

import pytest
import sqlalchemy as sa

from agoranomos.audit import actions, queries
from agoranomos.audit.actions import checkpoint, erase_salt, opens, record, record_all
from agoranomos.audit.merkle import leaf_hash
from agoranomos.audit.notes import Checkpoint, Note
from agoranomos.audit.tables import audit_entries, audit_tiles
from agoranomos.kernel.actors import Actor
from agoranomos.kernel.errors import Conflict, Invalid, NotFound
from agoranomos.kernel.store import Store
from agoranomos.kernel.writer import GroupWriter
from tests.audit.log import FORGER, KEY, NEXT_KEY, REASON, WITNESS_KEY, Log, make_entry
from tests.audit.test_merkle import naive_root
from tests.builders import NOW

PERSON = Actor("person", "p-1")


@pytest.fixture
def log(store: Store) -> Log:
    return Log(store)


def test_entries_get_the_next_index_and_come_back(log: Log) -> None:
    with log.store.transaction() as connection:
        assert [record(connection, make_entry(number)) for number in range(3)] == [0, 1, 2]
        assert record_all(connection, map(make_entry, range(3, 6))) == range(3, 6)
        assert record_all(connection, []) == range(6, 6)
        assert record(connection, make_entry(6)) == 6
    with log.store.reading() as connection:
        for number in range(7):
            found = queries.get_entry(connection, number)
            assert found.entry == make_entry(number)
            assert found.id == leaf_hash(make_entry(number).leaf()).hex()
            assert queries.index_of(connection, found.id) == number
        with pytest.raises(NotFound, match="no entry 7"):
            queries.get_entry(connection, 7)
        for unknown in ("", "xyz", "00" * 32):
            with pytest.raises(NotFound):
                queries.index_of(connection, unknown)


def test_entries_are_found_by_subject_and_actor(log: Log) -> None:
    log.record(7)

    def find(**wanted: Any) -> list[int]:
        with log.store.reading() as connection:
            return [one.index for one in queries.find(connection, **wanted)]

    assert find(actor_id="p-1") == [1, 4]
    assert find(actor_kind="person", actor_id="p-1", after=1) == [4]
    assert find(actor_kind="key", actor_id="p-1") == []
    assert find(subject_kind="case", subject_id="c-5") == [5]
    assert find(limit=2) == [0, 1]
    assert find(subject_id="a\x00b") == []


def test_what_is_rolled_back_leaves_no_entry_and_no_gap(log: Log) -> None:
    log.record()
    with log.store.engine.connect() as connection, connection.begin() as transaction:
        assert record(connection, make_entry(1)) == 1
        transaction.rollback()
    with log.store.transaction() as connection:
        with connection.begin_nested() as savepoint:
            assert record(connection, make_entry(2)) == 1
            savepoint.rollback()
        assert record(connection, make_entry(3)) == 1


def test_many_writers_leave_no_gap(log: Log) -> None:
    def write(who: int) -> None:
        for number in range(10):
            with log.store.transaction() as connection:
                record(connection, make_entry(100 * who + number))

    with ThreadPoolExecutor(8) as pool:
        list(pool.map(write, range(8)))
    with log.store.reading() as connection:
        kept = [row.leaf_index for row in queries.entries(connection)]
    assert kept == list(range(80))
    log.sign()
    assert log.verify().ok


def test_group_commit_keeps_order_and_isolates_failures(log: Log) -> None:
    writer = GroupWriter(log.store)
    indexes: list[int] = []
    lock = threading.Lock()

    def fail(connection: sa.Connection) -> int:
        record(connection, make_entry(9999))
        raise LookupError

    def act(who: int) -> None:
        for number in range(20):
            entry = make_entry(1000 * who + number)
            if number == 7:
                with pytest.raises(LookupError):
                    writer.call(fail)
            index = writer.call(partial(record, entry=entry))
            with lock:
                indexes.append(index)

    with ThreadPoolExecutor(8) as pool:
        list(pool.map(act, range(8)))
    writer.close()
    assert sorted(indexes) == list(range(160))
    log.sign()
    assert log.verify().entries == 160
    assert log.verify().ok


def test_a_checkpoint_signs_the_root_of_the_entries(log: Log) -> None:
    assert log.sign().checkpoint.size == 0
    for count in (1, 255, 1, 300):
        sealed = log.grow(count)
        assert sealed.new
        assert sealed.note.signed_by(KEY.verifier) is not None
        assert sealed.checkpoint == Checkpoint(KEY.name, log.count, naive_root(log.leaves()))
    again = log.sign()
    assert not again.new
    assert str(again.note) == str(sealed.note)
    with log.store.reading() as connection:
        assert [one.size for one in queries.checkpoints(connection)] == [0, 1, 256, 257, 557]
    assert log.verify().ok


def test_a_restart_reads_a_few_tiles_and_no_old_entry(log: Log) -> None:
    log.grow(600)
    log.record(1)
    statements: list[str] = []
    sa.event.listen(log.store.engine, "before_cursor_execute", lambda *given: statements.append(given[2]))
    log.sign()
    # The tail of the log, the last tile of each level, and what the two roots need.
    assert len([one for one in statements if "audit_tiles" in one and one.startswith("SELECT")]) <= 8
    assert len([one for one in statements if "FROM audit_entries" in one]) <= 3


def test_two_sign_at_once_and_one_checkpoint_comes_of_it(log: Log) -> None:
    log.record(5)

    def sign(_: int) -> bool:
        with log.store.transaction() as connection:
            return checkpoint(connection, KEY, NOW).new

    with ThreadPoolExecutor(4) as pool:
        assert sorted(pool.map(sign, range(4))) == [False, False, False, True]


def test_nothing_is_signed_over_a_changed_past(log: Log) -> None:
    log.grow(3, 3)
    with log.store.transaction() as connection:
        connection.execute(audit_tiles.update().values(hashes=bytes(6 * 32)))
    log.record()
    with pytest.raises(Conflict, match="not the one that was signed"):
        log.sign()
    with log.store.transaction() as connection:
        connection.execute(audit_tiles.update().values(hashes=bytes(32)))
    with pytest.raises(Conflict, match="tiles are missing"):
        log.sign()


def test_nothing_is_signed_over_a_changed_present(log: Log) -> None:
    log.grow(3)
    log.record(2)
    with log.store.transaction() as connection:
        change = audit_entries.update().where(audit_entries.c.leaf_index == 4)
        connection.execute(change.values(leaf=make_entry(77).leaf().decode()))
    with pytest.raises(Conflict, match="entry 4 is not as it was recorded"):
        log.sign()
    with log.store.transaction() as connection:
        connection.execute(audit_entries.delete().where(audit_entries.c.leaf_index == 3))
    with pytest.raises(Conflict, match="entry 3 is not as it was recorded"):
        log.sign()
    with log.store.transaction() as connection:
        connection.execute(audit_entries.delete())
    with pytest.raises(Conflict, match="had 3 entries"):
        log.sign()


def test_another_key_does_not_go_on(log: Log) -> None:
    log.grow(1)
    log.record()
    log.key = FORGER
    with pytest.raises(Conflict, match="another key"):
        log.sign()


def test_a_commitment_opens_until_its_salt_is_erased(log: Log) -> None:
    index = log.record_sealed()
    sealed = log.sign()
    with log.store.transaction() as connection:
        leaf = queries.get_entry(connection, index).entry.leaf()
        assert REASON.encode() not in leaf
        assert opens(connection, index, "reason", REASON)
        assert not opens(connection, index, "reason", REASON + "!")
        with pytest.raises(NotFound):
            opens(connection, index, "remark", REASON)
        erased = erase_salt(connection, index, "reason", by=PERSON, now=NOW)
        with pytest.raises(NotFound, match="erased"):
            opens(connection, index, "reason", REASON)
        with pytest.raises(NotFound, match="erased already"):
            erase_salt(connection, index, "reason", by=PERSON, now=NOW)
        assert queries.get_entry(connection, erased).entry.verb == actions.ERASE
    log.count += 1
    log.sign()
    report = log.verify()
    assert report.ok, "an erasure that is recorded breaks nothing"
    assert report.checkpoints == 2
    assert sealed.checkpoint.root == naive_root(log.leaves()[:1])


def test_a_cosignature_is_kept_beside_the_checkpoint(log: Log) -> None:
    sealed = log.grow(2)
    line = str(WITNESS_KEY.cosign(sealed.note.text, 1_780_000_000))
    with log.store.transaction() as connection:
        for _ in range(2):
            actions.add_cosignatures(connection, 2, line, WITNESS_KEY.verifier)
        last = queries.last_checkpoint(connection)
        assert last is not None
        assert Note.parse(last.note).signed_by(WITNESS_KEY.verifier) is not None
        assert last.note.count("\n— ") == 2
        with pytest.raises(Conflict, match="not signed by the witness"):
            actions.add_cosignatures(connection, 2, str(KEY.sign(sealed.note.text)), WITNESS_KEY.verifier)
        wrong = str(WITNESS_KEY.cosign("another\n1\nx\n", 1))
        with pytest.raises(Conflict, match="not over this text"):
            actions.add_cosignatures(connection, 2, wrong, WITNESS_KEY.verifier)
        with pytest.raises(NotFound):
            actions.add_cosignatures(connection, 3, line, WITNESS_KEY.verifier)
    log.grow(1)
    assert log.verify().ok


def test_a_new_key_takes_over(log: Log) -> None:
    log.grow(3)
    log.record(2)
    with log.store.transaction() as connection:
        sealed = actions.rotate_key(connection, KEY, NEXT_KEY, by=PERSON, now=NOW)
    log.count += 1
    assert sealed.checkpoint.size == 6
    assert sealed.note.signed_by(KEY.verifier) is not None
    assert sealed.note.signed_by(NEXT_KEY.verifier) is not None
    log.record()
    with pytest.raises(Conflict, match="another key"):
        log.sign()
    log.key = NEXT_KEY
    log.sign()
    for key in (KEY, NEXT_KEY):
        assert log.verify(trusted=[key.verifier]).ok, "whoever knows one of the keys can follow to the other"
    assert not log.verify(trusted=[FORGER.verifier]).ok
    with log.store.transaction() as connection:
        for other in (NEXT_KEY, WITNESS_KEY):
            with pytest.raises(Invalid, match="same name"):
                actions.rotate_key(connection, NEXT_KEY, other, by=PERSON, now=NOW)
