"""Passwords and secrets are kept so that nobody can turn them back."""

from __future__ import annotations

import pytest

from agoranomos.kernel.errors import Invalid
from agoranomos.staff import secrets
from agoranomos.staff.secrets import api_key, digest, hash_password, is_password, is_secret, split_api_key

REAL = secrets._hasher  # as it is when this is read, before the tests get a cheap one


@pytest.fixture
def costly_passwords(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(secrets, "_hasher", REAL)


@pytest.mark.usefixtures("costly_passwords")
@pytest.mark.slow
def test_a_password_is_known_again_and_nothing_else_is() -> None:
    hashed = hash_password("correct horse battery")
    assert hashed.startswith("$argon2id$v=19$m=65536,t=3,p=1$")
    assert "horse" not in hashed
    assert is_password("correct horse battery", hashed)
    assert not is_password("correct horse batterY", hashed)
    assert not is_password("the password of nobody", None)
    assert not is_password("x", "no hash")


@pytest.mark.parametrize("password", ["short", "x" * 257])
def test_a_password_has_a_length(password: str) -> None:
    with pytest.raises(Invalid) as refused:
        hash_password(password)
    assert refused.value.pointer == "/password"


def test_an_api_key_comes_apart_as_it_was_put_together() -> None:
    assert split_api_key(api_key("k1", "a_b-c")) == ("k1", "a_b-c")
    for wrong in ("", "agora", "agora_", "agora_k1", "agora_k1_", "other_k1_s"):
        assert split_api_key(wrong) is None
    assert is_secret("a", digest("a"))
    assert not is_secret("b", digest("a"))
