"""Verifying says what is wrong, whatever stands in the rows, and accuses nobody else."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
import sqlalchemy as sa
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from agoranomos.audit import queries
from agoranomos.audit.comparing import differences
from agoranomos.audit.merkle import leaf_hash
from agoranomos.audit.tables import audit_entries, audit_tiles
from agoranomos.kernel.errors import Conflict
from agoranomos.kernel.store import Store, open_store
from tests.audit.attacks import copy_of, lay_out, put_back
from tests.audit.log import FORGER, KEY, Log, codes, make_entry
from tests.audit.test_merkle import numbered
from tests.drawing import examples
from tests.stores import make_store


@pytest.mark.parametrize(
    ("statement", "code"),
    [
        ("UPDATE audit_entries SET leaf = x'00ff' WHERE leaf_index = 3", "entry_unreadable"),
        ("UPDATE audit_entries SET leaf = 7 WHERE leaf_index = 3", "entry_changed"),
        ("UPDATE audit_entries SET leaf_hash = 7 WHERE leaf_index = 3", "id_changed"),
        ("UPDATE audit_entries SET leaf_index = 4000000000000 WHERE leaf_index = 3", "entry_missing"),
        ("UPDATE audit_entries SET leaf_index = -1 WHERE leaf_index = 3", "entry_moved"),
        ("UPDATE audit_tiles SET hashes = 'text'", "tile_changed"),
        ("UPDATE audit_tiles SET level = 9", "tile_changed"),
        ("UPDATE audit_tiles SET tile_index = 4000000000000", "tile_changed"),
        ("UPDATE audit_tiles SET tile_index = -1", "tile_changed"),
        ("INSERT INTO audit_tiles VALUES (1, 0, x'00')", "tile_changed"),
        ("DELETE FROM audit_tiles", "tile_changed"),
        ("UPDATE audit_checkpoints SET note = 7 WHERE size = 5", "checkpoint_changed"),
        ("UPDATE audit_checkpoints SET size = 6 WHERE size = 5", "checkpoint_changed"),
        ("UPDATE audit_salts SET salt = 'text'", "salt_changed"),
        ("UPDATE audit_salts SET name = 'other'", "salt_unknown"),
    ],
)
def test_whatever_stands_in_the_rows(tmp_path: Path, statement: str, code: str) -> None:
    store = make_store(tmp_path)
    log = Log(store)
    lay_out(log)
    with store.transaction() as connection:
        connection.execute(sa.text(statement))
    assert code in codes(log.verify())
    store.close()


def test_an_empty_log_is_as_it_was_signed(store: Store) -> None:
    report = Log(store).verify()
    assert (report.ok, report.entries, report.sealed, report.checkpoints) == (True, 0, 0, 0)


def test_a_log_over_several_tiles(store: Store) -> None:
    log = Log(store)
    log.grow(200, 100, 1, 500)
    log.record(3)
    report = log.verify()
    assert (report.ok, report.entries, report.sealed, report.checkpoints) == (True, 804, 801, 4)
    with store.transaction() as connection:
        first = audit_tiles.c.level == 1
        hashes = connection.execute(sa.select(audit_tiles.c.hashes).where(first)).scalar_one()
        connection.execute(audit_tiles.update().where(first).values(hashes=hashes[:32] + bytes(64)))
    report = log.verify()
    assert [one.message for one in report.findings] == ["tile 1/0 is not what the tiles below it make"]


def test_the_keys_of_others_are_not_trusted(store: Store) -> None:
    log = Log(store)
    log.grow(3)
    assert codes(log.verify(trusted=[FORGER.verifier])) == {"checkpoint_forged"}
    assert log.verify(trusted=[FORGER.verifier, KEY.verifier]).ok


def test_entries_that_were_changed_are_not_shown_as_if_nothing_was(store: Store) -> None:
    log = Log(store)
    log.record(3)
    with store.transaction() as connection:
        connection.execute(audit_entries.update().where(audit_entries.c.leaf_index == 1).values(leaf="{}"))
        with pytest.raises(Conflict, match="agora audit verify"):
            queries.find(connection)


@settings(max_examples=examples(30), suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.data())
def test_every_change_of_signed_entries_is_found(attacked: Log, data: st.DataObject) -> None:
    """Any other sequence of entries than the signed one, whatever led to it."""
    order = data.draw(st.lists(st.integers(0, 14), max_size=12))  # 10 and above: entries of nobody
    leaves = [make_entry(number).leaf() for number in order]
    with attacked.store.transaction() as connection:
        before = copy_of(connection)
        rows = [
            {**before["audit_entries"][0], "leaf_index": index, "leaf": leaf.decode(), "leaf_hash": leaf_hash(leaf)}
            for index, leaf in enumerate(leaves)
        ]
        put_back(connection, {**before, "audit_entries": rows})
    try:
        report = attacked.verify()
        named = {one.index for one in report.findings if one.code.startswith("entry_")}
        if order[:10] == list(range(10)):
            assert codes(report) <= {"columns_changed"}  # the columns are those of the first everywhere
        else:
            assert named
    finally:
        with attacked.store.transaction() as connection:
            put_back(connection, before)


@pytest.fixture
def attacked(tmp_path: Path) -> Iterator[Log]:
    store = open_store(str(tmp_path / "attacked.db"))
    log = Log(store)
    log.grow(5, 5)
    yield log
    store.close()


def test_what_differs_is_told_apart() -> None:
    a, b, c, d, e, x = numbered(6)

    def told(signed: dict[int, bytes], found: dict[int, bytes]) -> list[tuple[str, int | None]]:
        return [(one.code, one.index) for one in differences(signed, found, "")]

    before = dict(enumerate((a, b, c, d, e)))
    assert told(before, before) == []
    assert told(before, {**before, 2: x}) == [("entry_changed", 2)]
    assert told(before, {0: a, 1: b, 3: d, 4: e}) == [("entry_removed", 2)]
    assert told(before, dict(enumerate((a, b, d, e)))) == [("entry_removed", 2)]
    assert told(before, dict(enumerate((a, x, b, c, d, e)))) == [("entry_inserted", 1)]
    assert told(before, dict(enumerate((a, d, c, b, e)))) == [("entry_moved", 1), ("entry_moved", 3)]
    assert told(before, dict(enumerate((e, a, b, c)))) == [("entry_removed", 3), ("entry_moved", 4)]
    assert told(before, dict(enumerate((x, c, a, b, d, e)))) == [("entry_inserted", 0), ("entry_moved", 2)]
    assert told(dict(enumerate((a, a, b))), dict(enumerate((a, b)))) == [("entry_removed", 1)]


def test_a_long_list_is_cut() -> None:
    signed = dict(enumerate(numbered(500)))
    told = differences(signed, {}, "by the tree")
    assert len(told) == 101
    assert told[-1].message == "and 400 more entries that differ (by the tree)"
