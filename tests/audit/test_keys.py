"""Where the signing key is, and how one follows another."""

from __future__ import annotations

import secrets
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import msgspec
import pytest

from agoranomos.audit import keys, rotation
from agoranomos.audit.notes import SigningKey
from agoranomos.audit.rotation import Rotation, Term
from agoranomos.kernel.errors import Conflict, Invalid
from tests.audit.log import FORGER, KEY, NEXT_KEY, WITNESS_KEY

THIRD = SigningKey(KEY.name, b"3" * 32)


def test_a_key_is_made_once_and_for_its_owner_alone(tmp_path: Path) -> None:
    assert keys.find(tmp_path, None) is None
    key = keys.find_or_make(tmp_path, None, secrets.token_bytes)
    assert key.name.startswith("agoranomos.local/audit-")
    assert (tmp_path / keys.FILE).stat().st_mode & 0o777 == 0o600
    assert keys.find_or_make(tmp_path, None, secrets.token_bytes).verifier == key.verifier
    assert [path.name for path in tmp_path.iterdir()] == [keys.FILE]


def test_several_make_it_at_once_and_all_get_the_same(tmp_path: Path) -> None:
    with ThreadPoolExecutor(8) as pool:
        made = list(pool.map(lambda _: keys.find_or_make(tmp_path, None, secrets.token_bytes), range(8)))
    assert len({key.verifier for key in made}) == 1


def test_the_environment_comes_first(tmp_path: Path) -> None:
    keys.find_or_make(tmp_path, None, secrets.token_bytes)
    found = keys.find_or_make(tmp_path, KEY.secret(), secrets.token_bytes)
    assert found.verifier == KEY.verifier


def test_a_log_keeps_its_name(tmp_path: Path) -> None:
    key = keys.find_or_make(tmp_path, None, secrets.token_bytes, "example.com/audit")
    assert key.name == "example.com/audit"
    assert keys.find_or_make(tmp_path, None, secrets.token_bytes, "example.com/audit").verifier == key.verifier
    with pytest.raises(Conflict, match="cannot change"):
        keys.find_or_make(tmp_path, None, secrets.token_bytes, "example.com/other")
    with pytest.raises(Invalid, match="cannot be the origin"):
        keys.find_or_make(tmp_path / "none", None, secrets.token_bytes, "with space")


def test_what_cannot_be_read_is_refused_and_not_repeated(tmp_path: Path) -> None:
    for text in ("PRIVATE+KEY+secret", WITNESS_KEY.secret(), ""):
        with pytest.raises(Invalid) as caught:
            keys.find(tmp_path, text)
        assert "secret" not in caught.value.message
    (tmp_path / keys.FILE).write_bytes(b"\xff")
    with pytest.raises(Invalid):
        keys.find(tmp_path, None)


def test_a_next_key_outlives_an_interruption(tmp_path: Path) -> None:
    old = keys.find_or_make(tmp_path, None, secrets.token_bytes)
    new = keys.make_next(tmp_path, old.name, secrets.token_bytes)
    assert keys.make_next(tmp_path, old.name, secrets.token_bytes).verifier == new.verifier != old.verifier
    keys.settle(tmp_path)
    assert keys.find(tmp_path, None).verifier == new.verifier  # type: ignore[union-attr]


def test_a_rotation_is_read_when_both_have_signed_it() -> None:
    params = rotation.params_of(KEY, NEXT_KEY)
    assert rotation.read(7, params) == Rotation(8, KEY.verifier, NEXT_KEY.verifier)
    forged = rotation.params_of(FORGER, NEXT_KEY)
    other_name = rotation.params_of(KEY, SigningKey("example.com/other", b"x" * 32))
    for changed in (
        {},
        other_name,
        {**params, "old": forged["old"]},
        {**params, "new": str(THIRD.verifier)},
        {**params, "by_old": forged["by_old"]},
        {**params, "by_new": params["by_old"]},
        {**params, "by_new": "!"},
    ):
        assert rotation.read(7, changed) is None


@pytest.mark.parametrize("known", [KEY, NEXT_KEY, THIRD])
def test_trust_follows_the_chain_back_and_forth(known: SigningKey) -> None:
    chain = [
        Rotation(5, KEY.verifier, NEXT_KEY.verifier),
        Rotation(9, NEXT_KEY.verifier, THIRD.verifier),
        Rotation(20, KEY.verifier, NEXT_KEY.verifier),  # the first one, recorded again
    ]
    found = {term.key: (term.begin, term.end) for term in rotation.terms([known.verifier], chain)}
    assert found == {KEY.verifier: (0, 5), NEXT_KEY.verifier: (5, 9), THIRD.verifier: (9, None)}
    assert FORGER.verifier not in found
    assert [term.key for term in rotation.terms([FORGER.verifier], chain)] == [FORGER.verifier]


def test_a_term_has_a_beginning_and_an_end() -> None:
    term = Term(KEY.verifier, 5, 9)
    assert [size for size in range(12) if term.covers(size)] == [5, 6, 7, 8, 9]
    assert Term(KEY.verifier).covers(10**9)


def test_parameters_of_a_rotation_fit_into_an_entry() -> None:
    assert all(len(str(value)) <= 128 for value in rotation.params_of(KEY, NEXT_KEY).values())
    assert msgspec.json.encode(rotation.params_of(KEY, NEXT_KEY))
