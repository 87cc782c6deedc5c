"""Each attack on a real database is found, by whom and with the words that the documentation promises."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from agoranomos.audit import exporting, witnessing
from agoranomos.audit.notes import Note
from agoranomos.audit.witness import Witness, as_request
from agoranomos.audit.witnessing import Seen
from agoranomos.kernel.store import Store
from tests.audit.attacks import ALONE, ATTACKS, NEVER, WITNESS, Attack, lay_out
from tests.audit.log import KEY, WITNESS_KEY, Log, codes
from tests.stores import make_store


@pytest.fixture
def log(store: Store) -> Log:
    made = Log(store)
    lay_out(made)
    return made


@pytest.fixture
def seen(log: Log, tmp_path: Path) -> Seen:
    """What a witness outside saw before the attack."""
    witness = Witness(KEY.verifier, WITNESS_KEY, tmp_path / "witness.json", lambda: 1_780_000_000)
    with log.store.reading() as connection:
        witness.add(as_request(witnessing.request(connection, 0)))
    return witnessing.last_seen(str(tmp_path / "witness.json"))


@pytest.mark.parametrize("attack", ATTACKS, ids=lambda one: one.what.replace(" ", "-"))
def test_who_finds_it_and_what_is_said(attack: Attack, log: Log, seen: Seen) -> None:
    assert log.verify(seen).ok
    attack.act(log)
    alone, together = log.verify(), log.verify(seen)
    assert alone.ok == (attack.found_by != ALONE)
    assert together.ok == (attack.found_by == NEVER)
    report = alone if attack.found_by == ALONE else together
    if attack.found_by != NEVER:
        assert attack.message in [one.message for one in report.findings if one.code == attack.code]
        # What is named is what was touched: no innocent entry is accused beside it.
        assert {one.index for one in report.findings if one.index is not None} == set(attack.accused)


def test_the_list_has_attacks_of_each_kind() -> None:
    assert {one.found_by for one in ATTACKS} == {ALONE, WITNESS, NEVER}


def test_an_exported_copy_names_the_entry_when_the_tree_was_changed_too(log: Log, tmp_path: Path) -> None:
    with log.store.reading() as connection:
        exporting.export(connection, tmp_path / "copy")
    next(one for one in ATTACKS if "the tile over it" in one.what).act(log)
    copy = exporting.read(tmp_path / "copy")
    assert copy.problems() == []
    report = log.verify(copy)
    assert {"history_rewritten", "two_histories", "entry_changed"} <= codes(report)
    assert [one.index for one in report.findings if one.code == "entry_changed"] == [3]


def test_an_earlier_copy_of_the_file_itself(tmp_path: Path) -> None:
    store = make_store(tmp_path)
    log = Log(store)
    log.grow(3)
    store.close()
    shutil.copy(tmp_path / "agora.db", tmp_path / "earlier.db")
    sealed = log.grow(4)
    store.close()
    for name in ("agora.db-wal", "agora.db-shm"):
        (tmp_path / name).unlink(missing_ok=True)
    shutil.copy(tmp_path / "earlier.db", tmp_path / "agora.db")
    assert log.verify().ok
    assert codes(log.verify(Seen("the witness", sealed.note))) == {"rolled_back"}
    log.count = 50
    log.grow(6)
    assert log.verify().ok
    assert codes(log.verify(Seen("the witness", sealed.note))) == {"two_histories"}
    store.close()


def test_a_witness_that_was_told_another_log_is_no_proof(log: Log) -> None:
    other = Note("example.com/other\n0\n47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU=\n", ())
    signed = other.with_signatures([WITNESS_KEY.cosign(other.text, 1)])
    assert codes(log.verify(Seen("the witness", signed))) == {"checkpoint_forged"}
