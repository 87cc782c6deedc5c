"""That somebody was erased can be shown: by the audit log, to whoever has its key, and by what is left."""

from __future__ import annotations

from datetime import timedelta

import pytest

from agoranomos.audit import actions as audit
from agoranomos.audit import proving
from agoranomos.audit.verifying import verify
from agoranomos.kernel.errors import Conflict, NotFound
from agoranomos.kernel.store import Store
from agoranomos.vault import erasing, masters, proving_erasure
from agoranomos.vault.data_keys import DataKeys
from agoranomos.vault.subjects import Whom
from agoranomos.vault.tables import vault_values
from tests.audit.log import KEY
from tests.builders import NOW, make_vault
from tests.vault.test_erasing import agree, ask, erase
from tests.vault.test_vault import OFFICER, count, put, read

ONE = Whom("seller", "s-1")


def shown(store: Store, about: Whom = ONE) -> proving_erasure.Shown:
    with store.reading() as connection:
        return proving_erasure.shown(connection, about)


def sign(store: Store) -> None:
    with store.transaction() as connection:
        audit.checkpoint(connection, KEY, NOW)


def test_an_erasure_is_proven_to_whoever_has_the_key_of_the_log(store: Store) -> None:
    vault = make_vault()
    put(store, vault, "name", "A. Seller")
    for subject in ("seller:s-1", "seller:s-2"):
        put(store, vault, "phone", "13800001111", subject)
    sign(store)
    with pytest.raises(NotFound):
        shown(store)
    approval = ask(store)
    agree(store, approval)
    gone = erase(store, approval.approval_id)
    assert shown(store).erasures[0].proof is None, "no checkpoint holds it yet"
    sign(store)
    found = shown(store)
    assert (found.left.data_keys, found.left.values, found.left.shared_with_others) == (0, 0, 1)
    one = found.erasures[0]
    assert (one.kinds, one.actor, one.at) == ({"name": 1, "phone": 1}, str(OFFICER), NOW)
    assert one.backups_closed_at is None
    assert one.proof is not None
    entry = proving.check(one.proof.json(), KEY.verifier).recorded.entry
    assert (entry.verb, entry.subject_id) == ("vault.erase", found.subject)
    assert dict(entry.params) == {
        "approval_id": approval.approval_id, "values": 2, "erasure_id": gone.erasure_id, "key": one.key_digest,
    }  # fmt: skip
    with store.reading() as connection:
        assert verify(connection, [KEY.verifier]).ok


def test_who_comes_back_is_kept_again_and_the_proof_says_so(store: Store) -> None:
    vault = make_vault()
    put(store, vault, "name", "A. Seller")
    with store.transaction() as connection:
        assert erasing.erase_now(connection, ONE, because="retention.closed", by=OFFICER, now=NOW) is not None
        assert erasing.erase_now(connection, ONE, because="retention.closed", by=OFFICER, now=NOW) is None
    put(store, vault, "name", "A. Seller")
    assert (shown(store).left.data_keys, shown(store).left.values) == (1, 1)


def test_backups_are_closed_with_the_master_key_of_then(store: Store) -> None:
    old = make_vault(b"t" * 32, b"k" * 32)
    put(store, old, "name", "A. Seller")
    with store.transaction() as connection:
        erasing.erase_now(connection, ONE, because="request", by=OFFICER, now=NOW)
    both = make_vault(b"t" * 32, b"k" * 32, b"n" * 32)
    with store.transaction() as connection:
        masters.retire(connection, both.keys, old.keys.current, [DataKeys()], by=OFFICER, now=NOW + timedelta(days=1))
    assert shown(store).erasures[0].backups_closed_at == NOW + timedelta(days=1)


def test_what_is_held_stays(store: Store) -> None:
    put(store, make_vault(), "name", "A. Seller")
    approval = ask(store)
    agree(store, approval)
    with store.transaction() as connection, pytest.raises(Conflict, match="case 7"):
        erasing.request(connection, "seller", "s-1", by=OFFICER, now=NOW, held=lambda *_: "case 7")
    with store.transaction() as connection, pytest.raises(Conflict, match="case 7"):
        erasing.erase(connection, approval.approval_id, by=OFFICER, now=NOW, held=lambda *_: "case 7")
    assert count(store, vault_values) == 1
    erase(store, approval.approval_id)
    assert count(store, vault_values) == 0, "the approval was not used up by the attempt"


def test_a_schedule_deletes_kinds_and_leaves_people(store: Store) -> None:
    vault = make_vault()
    kept = [put(store, vault, "name", f"Seller {n}", f"seller:{n}") for n in range(4)]
    photos = [put(store, vault, "photo", f"{n}.jpg", f"seller:{n}") for n in range(4)]

    def due(before: timedelta, limit: int = 2) -> int:
        with store.transaction() as connection:
            return erasing.erase_kinds(
                connection, ["photo", "birth_date"], NOW + before, because="retention.photos", by=OFFICER, now=NOW,
                except_of=["seller:3"], limit=limit,
            )  # fmt: skip

    assert due(timedelta(0)) == 0, "too young"
    assert [due(timedelta(days=1)) for _ in range(3)] == [2, 1, 0]
    assert [read(store, vault, token) for token in kept] == [f"Seller {n}" for n in range(4)]
    assert read(store, vault, photos[3]) == "3.jpg", "held"
    with pytest.raises(NotFound):
        read(store, vault, photos[0])
