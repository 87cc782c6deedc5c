"""Tokens stand in for personal data, and only the key brings it back."""

from __future__ import annotations

import base64
import stat
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
import sqlalchemy as sa
from hypothesis import given
from hypothesis import strategies as st

from agoranomos.kernel.actors import Actor
from agoranomos.kernel.errors import Conflict, Invalid, NotFound
from agoranomos.kernel.store import Store
from agoranomos.vault.actions import keep, reveal, tokenise
from agoranomos.vault.keys import Vault, kept_ring, parse_ring
from agoranomos.vault.tables import vault_keys, vault_reveals, vault_values
from agoranomos.vault.tokens import PREFIXES, Kind, Personal, normalised, token_of
from tests.builders import NOW, make_vault

OFFICER = Actor("person", "p-7")
SELLER = "seller:s-1"


def read(store: Store, vault: Vault, token: str) -> str:
    with store.transaction() as connection:
        return reveal(connection, vault, token, purpose="appeal a-1", actor=OFFICER, now=NOW)


def put(store: Store, vault: Vault, kind: Kind, value: str, subject: str = SELLER) -> str:
    with store.transaction() as connection:
        return tokenise(connection, vault, kind, value, subject=subject, now=NOW)


def count(store: Store, table: sa.Table) -> int:
    with store.reading() as connection:
        return int(connection.execute(sa.select(sa.func.count()).select_from(table)).scalar_one())


def test_what_is_put_away_comes_back_and_who_read_it_is_known(store: Store) -> None:
    vault = make_vault()
    token = put(store, vault, "name", "王小明 \ud800")
    assert read(store, vault, token) == "王小明 \ud800"
    with store.reading() as connection:
        row = connection.execute(sa.select(vault_reveals)).one()
    assert (row.token, row.actor, row.purpose, row.at) == (token, "person:p-7", "appeal a-1", NOW)


def test_a_value_is_sealed_once_for_each_subject(store: Store) -> None:
    vault = make_vault()
    tokens = [put(store, vault, "phone", phone, subject) for phone in ("138 0000 1111", "+86-13800001111")
              for subject in (SELLER, SELLER, "seller:s-2")]  # fmt: skip
    assert len(set(tokens)) == 1
    assert count(store, vault_values) == 2
    assert count(store, vault_keys) == 2
    assert read(store, vault, tokens[0]) == "138 0000 1111"


def test_without_its_data_key_a_value_is_gone_and_others_stay(store: Store) -> None:
    vault = make_vault()
    token = put(store, vault, "email", "a@example.com")
    put(store, vault, "email", "a@example.com", "seller:s-2")
    only_his = put(store, vault, "name", "A. Seller")
    with store.transaction() as connection:
        connection.execute(vault_keys.delete().where(vault_keys.c.subject == SELLER))
    assert read(store, vault, token) == "a@example.com"
    with pytest.raises(NotFound):
        read(store, vault, only_his)
    assert count(store, vault_values) == 1


@pytest.mark.parametrize("token", ["nam_unknown", "", "x" * 300, "nam_\0"])
def test_unknown_tokens_are_not_found(store: Store, token: str) -> None:
    with pytest.raises(NotFound):
        read(store, make_vault(), token)


def test_a_purpose_is_required(store: Store) -> None:
    vault = make_vault()
    token = put(store, vault, "name", "A. Seller")
    with store.transaction() as connection, pytest.raises(Invalid, match="needed for"):
        reveal(connection, vault, token, purpose=" ", actor=OFFICER, now=NOW)


def test_other_keys_do_not_open_it(store: Store) -> None:
    token = put(store, make_vault(), "name", "A. Seller")
    with pytest.raises(Invalid, match="no master key m"):
        read(store, make_vault(b"o" * 32), token)


def test_a_new_master_key_wraps_new_data_keys_and_old_values_stay_readable(store: Store) -> None:
    old, new = b"k" * 32, b"n" * 32
    first = put(store, make_vault(old), "name", "A. Seller")
    both = make_vault(old, new)
    assert put(store, both, "name", "A. Seller") == first
    put(store, both, "name", "B. Seller", "seller:s-2")
    with store.reading() as connection:
        masters = set(connection.execute(sa.select(vault_keys.c.master_id)).scalars())
    assert len(masters) == 2
    assert read(store, both, first) == "A. Seller"


@pytest.mark.parametrize("column", ["sealed", "nonce"])
def test_tampering_is_noticed(store: Store, column: str) -> None:
    vault = make_vault()
    token = put(store, vault, "name", "A. Seller")
    with store.transaction() as connection:
        connection.execute(vault_values.update().values({column: b"x" * 12}))
    with pytest.raises(Conflict, match="does not match its seal"):
        read(store, vault, token)


def test_a_value_moved_under_another_token_is_noticed(store: Store) -> None:
    vault = make_vault()
    put(store, vault, "name", "A. Seller")
    other = token_of(vault.keys, "name", "B. Seller")
    with store.transaction() as connection:
        connection.execute(vault_values.update().values(token=other))
    with pytest.raises(Conflict, match="does not match its seal"):
        read(store, vault, other)


def test_two_at_once_agree_on_one_data_key(store: Store) -> None:
    vault = make_vault()
    with ThreadPoolExecutor(4) as pool:
        tokens = list(pool.map(lambda number: put(store, vault, "name", f"Seller {number}"), range(12)))
    assert count(store, vault_keys) == 1
    assert [read(store, vault, token) for token in tokens] == [f"Seller {number}" for number in range(12)]


def test_many_values_in_one_go(store: Store) -> None:
    vault = make_vault()
    values = [Personal(token_of(vault.keys, "name", f"n{i}"), f"seller:{i % 700}", f"n{i}") for i in range(6_000)]
    for _ in range(2):
        with store.transaction() as connection:
            keep(connection, vault, values, now=NOW)
    assert count(store, vault_values) == 6_000
    assert count(store, vault_keys) == 700
    assert read(store, vault, values[-1].token) == "n5999"


@pytest.mark.parametrize(
    ("kind", "one", "other"),
    [
        ("name", "Ｗang  Xiaoming", "wang xiaoming"),
        ("id_number", "11010519491231002x", "1101 0519-4912 3100 2X"),
        ("phone", "+86 138 0000 1111", "13800001111"),
        ("phone", "0086-13800001111", "138-0000-1111"),
        ("email", " A@Example.COM", "a@example.com"),
        ("bank_account", "6222 0210 0111", "622202100111"),
        ("licence_number", "91-310000MA1K", "91310000ma1k"),
        ("address", "上海市 徐汇区，漕溪路 1 号", "上海市徐汇区漕溪路1号"),
        ("birth_date", "1990-01-02 ", "1990-01-02"),
    ],
)
def test_spellings_of_one_value_have_one_token(kind: Kind, one: str, other: str) -> None:
    keys = make_vault().keys
    assert token_of(keys, kind, one) == token_of(keys, kind, other)


@pytest.mark.parametrize(
    ("kind", "one", "other"),
    [("phone", "+1 13800001111", "13800001111"), ("photo", "A.jpg", "a.jpg"), ("name", "Wang Xia", "Wangxia")],
)
def test_different_values_have_different_tokens(kind: Kind, one: str, other: str) -> None:
    assert normalised(kind, one) != normalised(kind, other)


@given(st.sampled_from(sorted(PREFIXES)), st.text())
def test_a_token_shows_its_kind_and_nothing_of_the_value(kind: Kind, value: str) -> None:
    keys = make_vault().keys
    token = token_of(keys, kind, value)
    assert token == token_of(keys, kind, normalised(kind, value))
    assert token != token_of(make_vault(b"o" * 32).keys, kind, value)
    prefix, _, digest = token.partition("_")
    assert prefix == PREFIXES[kind]
    assert len(digest) == 40
    assert len({token_of(keys, other, value) for other in PREFIXES}) == len(PREFIXES)


def test_the_ring_is_made_once_and_for_the_owner_alone(tmp_path: Path) -> None:
    path = tmp_path / "vault.keys"
    with ThreadPoolExecutor(8) as pool:
        rings = list(pool.map(lambda _: kept_ring(path, make_vault().random), range(8)))
    assert len({ring.current for ring in rings}) == 1
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert [each.name for each in tmp_path.iterdir()] == ["vault.keys"]


@pytest.mark.parametrize("text", ["", "c2hvcnQ=", "SECRET!", base64.b64encode(b"k" * 32).decode() + " c2hvcnQ=", "é"])
def test_what_is_no_ring_is_refused_without_being_quoted(text: str) -> None:
    with pytest.raises(Invalid, match="32 bytes") as caught:
        parse_ring(text)
    assert "SECRET" not in caught.value.message


def test_keys_do_not_show() -> None:
    ring = parse_ring(base64.b64encode(b"k" * 32).decode())
    vault = Vault(ring, lambda size: b"r" * size)
    assert repr(vault) == "Vault(keys=KeyRing(1 keys))"
