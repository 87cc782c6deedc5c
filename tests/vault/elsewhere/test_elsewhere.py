"""Master keys in a module and in a key service do what those in memory do, and say what is wrong when they are away."""

from __future__ import annotations

import base64
import os
from collections.abc import Iterator
from pathlib import Path

import pytest
from cryptography.exceptions import InvalidTag

from agoranomos.kernel.errors import Conflict, Invalid
from agoranomos.kernel.files import replace_whole
from agoranomos.kernel.store import Store
from agoranomos.vault import masters
from agoranomos.vault.data_keys import DataKeys
from agoranomos.vault.elsewhere import transit
from agoranomos.vault.elsewhere.pkcs11 import signed_in
from agoranomos.vault.elsewhere.settings import KeySettings
from agoranomos.vault.elsewhere.transit import TransitKey
from agoranomos.vault.keys import Vault, add_master, kept_ring, parse_ring
from agoranomos.vault.wrapping import LocalWrapping, Wrapping
from tests.builders import NOW
from tests.vault.elsewhere import softhsm
from tests.vault.elsewhere.transit_server import TOKEN, Engine, serving
from tests.vault.test_masters import rewrap
from tests.vault.test_vault import OFFICER, put, read

N1, N2 = b"1" * 12, b"2" * 12


@pytest.fixture
def engine() -> Iterator[Engine]:
    with serving() as running:
        yield running


@pytest.fixture(scope="module")
def token(tmp_path_factory: pytest.TempPathFactory) -> None:
    softhsm.module()
    softhsm.make_token(tmp_path_factory.mktemp("hsm"))
    for label in ("agora-1", "agora-2"):
        softhsm.make_key(label)


def in_module() -> KeySettings:
    return KeySettings(pkcs11_module=softhsm.module(), pkcs11_token=softhsm.TOKEN, pkcs11_pin=softhsm.PIN)


def at_service(engine: Engine) -> KeySettings:
    return KeySettings(transit_url=engine.url, transit_token=TOKEN)


@pytest.fixture(params=["memory", "pkcs11", "transit"])
def wrapping(request: pytest.FixtureRequest) -> Wrapping:
    match request.param:
        case "pkcs11":
            request.getfixturevalue("token")
            return in_module().reach("pkcs11:agora-1")
        case "transit":
            return at_service(request.getfixturevalue("engine")).reach("transit:agora-1")
        case _:
            return LocalWrapping(b"k" * 32)


def test_what_is_wrapped_comes_back_and_nothing_else_does(wrapping: Wrapping) -> None:
    items = [(N1, b"first", b"seller:1"), (N2, b"second", b"seller:2")]
    sealed = wrapping.encrypt(items)
    assert all(plain not in each for plain, each in zip((b"first", b"second"), sealed, strict=True))
    whole = [(nonce, each, about) for (nonce, _, about), each in zip(items, sealed, strict=True)]
    assert wrapping.decrypt(whole) == [b"first", b"second"]
    assert wrapping.decrypt([]) == wrapping.encrypt([]) == []
    (nonce, first, about), (_, second, _) = whole
    flipped = first[:-8] + (b"B" if first[-8:-7] == b"A" else b"A") + first[-7:]
    for wrong in ((nonce, first, b"seller:2"), (N2, first, about), (nonce, second, about), (nonce, flipped, about)):
        with pytest.raises(InvalidTag):
            wrapping.decrypt([whole[1], wrong])


@pytest.fixture(params=["pkcs11:agora-1", "transit:agora-1"])
def elsewhere(request: pytest.FixtureRequest) -> tuple[str, KeySettings]:
    """The name of a key that lies elsewhere, and how it is reached."""
    if request.param.startswith("pkcs11"):
        request.getfixturevalue("token")
        return request.param, in_module()
    return request.param, at_service(request.getfixturevalue("engine"))


@pytest.mark.slow
def test_a_key_elsewhere_takes_over_and_the_one_in_the_file_is_retired(
    store: Store, tmp_path: Path, elsewhere: tuple[str, KeySettings]
) -> None:
    reference, settings = elsewhere
    path, random = tmp_path / "vault.keys", os.urandom
    kept_ring(path, random)
    text, local = add_master(path.read_text(), random)
    replace_whole(path, text)
    serving_now = Vault(kept_ring(path, random, settings.reach), random)
    tokens = [put(store, serving_now, "name", f"Seller {n}", f"seller:{n}") for n in range(9)]
    replace_whole(path, add_master(text, random, reference)[0])
    moved = Vault(kept_ring(path, random, settings.reach), random)
    assert rewrap(store, moved) == 1
    assert [read(store, serving_now, each) for each in tokens] == [f"Seller {n}" for n in range(9)], "it reads on"
    put(store, moved, "name", "New", "seller:new")
    with store.transaction() as connection:
        masters.retire(connection, moved.keys, local, [DataKeys()], by=OFFICER, now=NOW)
    with store.reading() as connection:
        wraps = {each.id: each.wraps["data_keys"] for each in masters.listed(connection, moved.keys, [DataKeys()])}
    assert wraps[moved.keys.current] == 10


def test_many_are_asked_for_in_few_requests(engine: Engine, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(transit, "BATCH_MAX", 4)
    key = at_service(engine).reach("transit:agora-1")
    key.encrypt([(N1, b"x", b"y")] * 10)
    assert engine.asked == [("encrypt", 4), ("encrypt", 4), ("encrypt", 2)]


@pytest.mark.parametrize(
    "broken",
    [
        (503, b'{"errors": ["Vault is sealed"]}'), (200, b"not json"), (200, b"[]"), (200, b'{"data": null}'),
        (200, b'{"data": {"batch_results": []}}'), (200, b'{"data": {"batch_results": [{"ciphertext": 7}]}}'),
        (400, b'{"data": {"batch_results": [{"error": "encryption key not found"}]}}'), (302, b"{}"),
    ],
)  # fmt: skip
def test_a_service_that_answers_wrongly_is_away(engine: Engine, broken: tuple[int, bytes]) -> None:
    engine.broken = broken
    with pytest.raises(Conflict, match="key service"):
        at_service(engine).reach("transit:agora-1").encrypt([(N1, b"x", b"y")])


def test_a_service_that_does_not_know_us_or_is_not_there(engine: Engine) -> None:
    with pytest.raises(Conflict, match="403"):
        TransitKey(engine.url, "s.other", "agora-1").decrypt([(N1, b"x", b"y")])
    with pytest.raises(Conflict, match="ConnectError"):
        TransitKey("http://127.0.0.1:9/v1/transit", TOKEN, "agora-1").encrypt([(N1, b"x", b"y")])
    with pytest.raises(Invalid, match="https"):
        TransitKey("http://vault.example:8200/v1/transit", TOKEN, "agora-1")


def test_two_keys_of_one_token_are_used_side_by_side(token: None) -> None:
    one, other = (in_module().reach(f"pkcs11:agora-{number}") for number in (1, 2))
    sealed = one.encrypt([(N1, b"x", b"y")])
    assert one.decrypt([(N1, sealed[0], b"y")]) == [b"x"]
    with pytest.raises(InvalidTag):
        other.decrypt([(N1, sealed[0], b"y")])


def test_what_is_wrong_with_a_module_is_said(token: None) -> None:
    path = softhsm.module()
    wrong: list[tuple[KeySettings, str, str]] = [
        (in_module(), "pkcs11:none", "no key with the label"),
        (KeySettings(pkcs11_module=path, pkcs11_token="other", pkcs11_pin="x"), "pkcs11:a", "no such token"),
        (KeySettings(pkcs11_module=path, pkcs11_token=softhsm.TOKEN, pkcs11_pin="0"), "pkcs11:a", "PIN"),
        (KeySettings(pkcs11_module="/there/is/none.so"), "pkcs11:a", "cannot be used"),
    ]
    for settings, reference, said in wrong:
        if said == "PIN":  # a process signs in once; so it signs out before
            signed_in(path, softhsm.TOKEN, softhsm.PIN).token.close()
            signed_in.cache_clear()
        with pytest.raises(Invalid, match=said) as caught:
            settings.reach(reference)
        assert softhsm.PIN not in caught.value.message


def test_keys_that_nothing_leads_to() -> None:
    first = base64.b64encode(b"t" * 32).decode()
    ring = parse_ring(f"{first} pkcs11:agora-1")
    assert ring.digest(b"x"), "tokens are made without it"
    for reference, setting in (("pkcs11:a", "AGORA_VAULT_PKCS11"), ("transit:a", "AGORA_VAULT_TRANSIT")):
        with pytest.raises(Invalid, match=setting):
            KeySettings().reach(reference)
    with pytest.raises(Invalid, match=r"pkcs11:agora-1.*AGORA_VAULT_PKCS11"):
        ring.wrapping(ring.current)
    with pytest.raises(Invalid, match="first of them so"):
        parse_ring("pkcs11:agora-1")
    for wrong in ("pkcs11:", "pkcs11:two words", "file:/etc/passwd"):
        with pytest.raises(Invalid, match="is named"):
            add_master(first, os.urandom, wrong)
    with pytest.raises(Invalid, match="already"):
        add_master(f"{first} transit:a", os.urandom, "transit:a")


def test_secrets_of_settings_do_not_show() -> None:
    shown = repr(KeySettings(pkcs11_pin="SECRET", transit_token="SECRET"))
    assert "SECRET" not in shown
