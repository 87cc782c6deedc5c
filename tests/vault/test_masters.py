"""Master keys come and go, and whatever they have wrapped stays readable at every step."""

from __future__ import annotations

import threading
from pathlib import Path

import pytest
import sqlalchemy as sa

from agoranomos.audit import queries as audit
from agoranomos.enforcement import endpoints
from agoranomos.enforcement.secrets import WebhookSecrets
from agoranomos.kernel.errors import Conflict, Invalid, NotFound
from agoranomos.kernel.files import replace_whole
from agoranomos.kernel.store import Store
from agoranomos.vault import masters
from agoranomos.vault.data_keys import DataKeys
from agoranomos.vault.keys import Vault, add_master, kept_ring, parse_ring, without_master
from agoranomos.vault.masters import Wrapped
from agoranomos.vault.tables import vault_keys
from tests.builders import NOW, make_vault
from tests.vault.test_vault import OFFICER, put, read

OLD, NEW = b"k" * 32, b"n" * 32
KINDS: tuple[Wrapped, ...] = (DataKeys(), WebhookSecrets())
A, B = make_vault(OLD).keys.current, make_vault(NEW).keys.current


def rewrap(store: Store, vault: Vault) -> int:
    """All steps; how many there were."""
    steps = 0
    for kind in KINDS:
        while True:
            with store.transaction() as connection:
                if not masters.rewrap(connection, vault, kind, by=OFFICER, now=NOW):
                    break
            steps += 1
    return steps


def retire(store: Store, vault: Vault, key_id: str) -> None:
    with store.transaction() as connection:
        masters.retire(connection, vault.keys, key_id, KINDS, by=OFFICER, now=NOW)


def listed(store: Store, vault: Vault) -> dict[str, tuple[tuple[str, ...], dict[str, int], bool]]:
    """id → uses, wraps, whether it is retired."""
    with store.reading() as connection:
        found = masters.listed(connection, vault.keys, KINDS)
    return {each.id: (each.uses, each.wraps, each.retired_at is not None) for each in found}


def trace(store: Store) -> list[tuple[str, str, dict[str, object]]]:
    with store.reading() as connection:
        found = audit.find(connection, subject_kind="vault_key")
    return [(each.entry.verb, each.entry.subject_id, dict(each.entry.params)) for each in found]


def filled(store: Store) -> list[str]:
    """Three people and an endpoint under the old key; the tokens of the three."""
    vault = make_vault(OLD)
    tokens = [put(store, vault, "name", f"Seller {number}", f"seller:{number}") for number in range(3)]
    with store.transaction() as connection:
        endpoints.add(connection, vault, "http://127.0.0.1:9/", allow_private=True, by=OFFICER, now=NOW)
    return tokens


def test_all_that_is_wrapped_moves_to_the_newest_key(store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    tokens = filled(store)
    both = make_vault(OLD, b"m" * 32, NEW)
    middle = both.keys.ids[1]
    with store.reading() as connection:
        secrets = endpoints.targets(connection, both, now=NOW)[0].secrets
    assert listed(store, both) == {
        A: (("tokens",), {"data_keys": 3, "webhook_secrets": 1}, False),
        middle: ((), {"data_keys": 0, "webhook_secrets": 0}, False),
        B: (("new",), {"data_keys": 0, "webhook_secrets": 0}, False),
    }
    monkeypatch.setattr(masters, "REWRAPPED_AT_A_TIME", 2)
    assert rewrap(store, both) == 3
    assert rewrap(store, both) == 0
    assert listed(store, both)[B][1] == {"data_keys": 3, "webhook_secrets": 1}
    assert [read(store, both, token) for token in tokens] == ["Seller 0", "Seller 1", "Seller 2"]
    assert [read(store, make_vault(NEW), token) for token in tokens] == ["Seller 0", "Seller 1", "Seller 2"]
    with store.reading() as connection:
        assert endpoints.targets(connection, both, now=NOW)[0].secrets == secrets
    assert trace(store) == [
        ("vault.rewrap", B, {"data_keys": 2}),
        ("vault.rewrap", B, {"data_keys": 1}),
        ("vault.rewrap", B, {"webhook_secrets": 1}),
    ]


def test_a_key_is_retired_when_it_opens_nothing(store: Store) -> None:
    first = make_vault(b"t" * 32)
    put(store, first, "name", "Z", "seller:z")
    filled(store)
    vault = make_vault(b"t" * 32, OLD, NEW)
    with pytest.raises(Conflict, match="tokens"):
        retire(store, vault, vault.keys.ids[0])
    with pytest.raises(Conflict, match="newest"):
        retire(store, vault, B)
    with pytest.raises(Conflict, match="4 are still wrapped"):
        retire(store, vault, A)
    assert not listed(store, vault)[A][2], "and it is as it was"
    with pytest.raises(NotFound):
        retire(store, vault, "m00000000")
    rewrap(store, vault)
    retire(store, vault, A)
    retire(store, vault, A)
    assert listed(store, vault)[A][2]
    assert [verb for verb, key_id, _ in trace(store) if key_id == A] == ["vault.retire_key"]


def test_nothing_is_wrapped_with_a_retired_key_by_a_process_that_has_no_newer_one(store: Store) -> None:
    vault = make_vault(b"t" * 32, OLD, NEW)
    retire(store, vault, A)
    behind = make_vault(b"t" * 32, OLD)
    with pytest.raises(Conflict, match="retired"):
        put(store, behind, "name", "A. Seller")
    with store.transaction() as connection, pytest.raises(Conflict, match="retired"):
        endpoints.add(connection, behind, "http://127.0.0.1:9/", allow_private=True, by=OFFICER, now=NOW)
    assert put(store, vault, "name", "A. Seller").startswith("nam_")


def test_who_retires_waits_for_who_wraps(store: Store) -> None:
    """Without that, a key that is just being used would be counted as unused."""
    vault, behind = make_vault(b"t" * 32, OLD, NEW), make_vault(b"t" * 32, OLD)
    refused: list[Exception] = []

    def retiring() -> None:
        try:
            retire(store, vault, A)
        except Conflict as error:
            refused.append(error)

    thread = threading.Thread(target=retiring)
    with store.transaction() as connection:
        assert masters.use_current(connection, behind, NOW) == A
        thread.start()
        row = {"subject": "seller:1", "master_id": A, "nonce": b"n", "wrapped": b"w", "made_at": NOW}
        connection.execute(vault_keys.insert(), row)
    thread.join()
    assert len(refused) == 1


def test_a_ring_is_read_anew_when_a_key_is_missing_or_retired(store: Store, tmp_path: Path) -> None:
    path = tmp_path / "vault.keys"
    random = make_vault().random
    serving = Vault(kept_ring(path, random), random)
    token = put(store, serving, "name", "A. Seller")
    text, key_id = add_master(path.read_text(), random)
    replace_whole(path, text)
    other = Vault(kept_ring(path, random), random)
    assert rewrap(store, other) == 1
    assert serving.keys.current != key_id
    assert read(store, serving, token) == "A. Seller"
    assert serving.keys.current == key_id
    again, third = add_master(text, random)
    replace_whole(path, again)
    other.keys.renew()
    rewrap(store, other)
    retire(store, other, key_id)
    replace_whole(path, without_master(again, key_id))
    put(store, serving, "name", "B. Seller", "seller:s-2")
    assert serving.keys.current == third
    with store.reading() as connection:
        assert set(connection.execute(sa.select(vault_keys.c.master_id)).scalars()) == {third}
    assert [each.name for each in tmp_path.iterdir() if "vault" in each.name] == ["vault.keys"]


def test_rings_are_lists_of_keys() -> None:
    random = make_vault().random
    text, first = add_master("a2tra2tra2tra2tra2tra2tra2tra2tra2tra2tra2s=", random)
    more, second = add_master(text, random)
    assert parse_ring(more).ids == (A, first, second)
    assert parse_ring(without_master(more, first)).ids == (A, second)
    assert parse_ring(without_master(more, "m00")).ids == (A, first, second)
    for wrong in ("", "short"):
        with pytest.raises(Invalid, match="32 bytes"):
            add_master(wrong, random)
