"""Proofs that stand alone: what they show, and that none can be bent."""

from __future__ import annotations

import base64
from typing import Any

import msgspec
import pytest

from agoranomos.audit import actions, proving
from agoranomos.audit.merkle import leaf_hash, verify_inclusion
from agoranomos.audit.notes import Checkpoint, Note
from agoranomos.audit.proving import Proof
from agoranomos.kernel.errors import Conflict, Invalid, NotFound
from agoranomos.kernel.store import Store
from tests.audit.log import FORGER, KEY, WITNESS_KEY, Log, make_entry


@pytest.fixture
def log(store: Store) -> Log:
    made = Log(store)
    made.grow(300, 7)
    return made


def prove(log: Log, index: int) -> Proof:
    with log.store.reading() as connection:
        return proving.prove(connection, index)


def encoded(proof: Proof, **changes: Any) -> bytes:
    return msgspec.json.encode(msgspec.structs.replace(proof, **changes))


@pytest.mark.parametrize("index", [0, 255, 256, 306])
def test_a_proof_shows_the_entry_and_who_signed(log: Log, index: int) -> None:
    shows = proving.check(encoded(prove(log, index)), KEY.verifier)
    assert shows.recorded.index == index
    assert shows.recorded.entry == make_entry(index)
    assert (shows.size, shows.signed_by, shows.cosigned_by) == (307, KEY.name, ())


def test_a_proof_with_a_witness(log: Log) -> None:
    with pytest.raises(Conflict, match=r"not signed by witness\.example/w1"):
        proving.check(encoded(prove(log, 3)), KEY.verifier, [WITNESS_KEY.verifier])
    line = str(WITNESS_KEY.cosign(log.sign().note.text, 1))
    with log.store.transaction() as connection:
        actions.add_cosignatures(connection, 307, line, WITNESS_KEY.verifier)
    shows = proving.check(encoded(prove(log, 3)), KEY.verifier, [WITNESS_KEY.verifier])
    assert shows.cosigned_by == (WITNESS_KEY.name,)


def test_what_is_not_there_or_not_signed_has_no_proof(log: Log) -> None:
    with pytest.raises(NotFound):
        prove(log, 307)
    log.record()
    with pytest.raises(Conflict, match="under no checkpoint yet"):
        prove(log, 307)


def test_no_bent_proof_holds(log: Log) -> None:
    proof = prove(log, 5)
    forged = Note.parse(proof.checkpoint)
    forged = Note(forged.text, (FORGER.sign(forged.text),))
    other_root = Checkpoint(KEY.name, proof.size, bytes(32))
    for changes in (
        {"index": 6},
        {"size": 306},
        {"leaf": make_entry(6).leaf().decode()},
        {"path": proof.path[:-1]},
        {"path": (proof.path[1], proof.path[0], *proof.path[2:])},
        {"checkpoint": str(forged)},
        {"checkpoint": proof.checkpoint.replace("307", "308")},
        {"checkpoint": str(Note(other_root.text, (KEY.sign(other_root.text),)))},
        {"checkpoint": ""},
    ):
        with pytest.raises(Conflict):
            proving.check(encoded(proof, **changes), KEY.verifier)
    for no_proof in (b"", b"{}", b"\xff", encoded(proof, form="other/1"), encoded(proof, path=("AAAA",))):
        with pytest.raises(Invalid, match="no proof"):
            proving.check(no_proof, KEY.verifier)


def test_the_form_of_tlog_proof(log: Log) -> None:
    proof = prove(log, 300)
    head, _, checkpoint = proof.tlog_proof().partition("\n\n")
    first, index, *path = head.split("\n")
    assert first == "c2sp.org/tlog-proof@v1"
    assert index == "index 300"
    tree = Checkpoint.parse(Note.parse(checkpoint).text)
    siblings = [base64.b64decode(one) for one in path]
    assert verify_inclusion(300, tree.size, leaf_hash(make_entry(300).leaf()), siblings, tree.root)
