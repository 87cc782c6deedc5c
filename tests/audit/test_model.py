"""What may be written into the log for ever, and what may not."""

from __future__ import annotations

import hashlib
import hmac
import json
from datetime import datetime
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from agoranomos.audit.model import Commitment, Entry, read_leaf, seal
from agoranomos.kernel.actors import Actor
from agoranomos.kernel.errors import Invalid
from tests.audit.log import make_entry
from tests.builders import NOW

tokens = st.text(
    st.characters(codec="ascii", categories=["L", "N"], include_characters="-_.:/+="), min_size=1, max_size=20
)
params = st.dictionaries(
    st.from_regex(r"\A[a-z][a-z0-9_]{0,8}\Z"),
    st.one_of(tokens, st.integers(-(2**53) + 1, 2**53 - 1), st.booleans(), st.lists(tokens, max_size=3).map(tuple)),
    max_size=4,
)


def test_a_leaf_is_json_with_sorted_keys_and_no_spaces() -> None:
    entry = make_entry(2, commitments={"reason": Commitment("ab", "cd")})
    assert entry.leaf().decode() == (
        '{"actor":{"id":"p-2","kind":"person"},"commitments":{"reason":{"hmac":"ab","salt_hash":"cd"}},'
        '"params":{"outcome":"upheld","points":2},"subject":{"id":"c-2","kind":"case"},'
        '"time":"2026-05-01T08:00:02Z","v":1,"verb":"case.decide"}'
    )


@given(params, st.datetimes(timezones=st.timezones()), tokens)
def test_leaves_come_back(given_params: dict[str, Any], at: datetime, subject: str) -> None:
    entry = make_entry(at=at.replace(year=2026), params=given_params, subject_id=subject)
    leaf = entry.leaf()
    again = read_leaf(leaf)
    assert again.leaf() == leaf
    assert again.at == entry.at
    assert dict(again.params) == given_params
    assert (
        leaf == json.dumps(json.loads(leaf), sort_keys=True, separators=(",", ":"), ensure_ascii=False).encode()
    )  # any other JSON program writes the same bytes


@pytest.mark.parametrize(
    "value",
    ["two words", "somebody@example.com", "", "x" * 129, "tab\there", "line\nbreak", "no\u00a0break",
     ("fine", "not fine"), 2**53, -(2**53)],
)  # fmt: skip
def test_what_may_be_personal_is_refused(value: Any) -> None:
    with pytest.raises(Invalid) as caught:
        make_entry(params={"note": value})
    assert caught.value.pointer == "/params/note"
    assert not isinstance(value, str) or not value or value not in caught.value.message


@pytest.mark.parametrize(
    "fields",
    [{"verb": "decide"}, {"verb": "Case.decide"}, {"verb": "case." + "x" * 128}, {"subject_kind": "a case"},
     {"subject_id": ""}, {"params": {"Note": 1}}, {"commitments": {"a b": Commitment("", "")}},
     {"at": datetime(2026, 5, 1)}],  # noqa: DTZ001 - the point
)  # fmt: skip
def test_entries_of_another_form_are_refused(fields: dict[str, Any]) -> None:
    with pytest.raises(Invalid):
        make_entry(**fields)


def test_an_entry_fits_into_a_bundle() -> None:
    many = {"ids": tuple(f"id-{number:0100}" for number in range(700))}
    with pytest.raises(Invalid, match="65,535"):
        make_entry(params=many).leaf()


@pytest.mark.parametrize(
    "change",
    [lambda leaf: leaf + b" ", lambda leaf: leaf.replace(b'"v":1', b'"v":2'), lambda leaf: leaf[:-1],
     lambda leaf: leaf.replace(b'"v"', b'"u"'), lambda _: b"[]", lambda _: b"\xff",
     lambda leaf: leaf.replace(b"Z", b"+00:00"), lambda leaf: leaf.replace(b"person", b"nobody")],
)  # fmt: skip
def test_other_bytes_are_no_entry(change: Any) -> None:
    with pytest.raises(Invalid):
        read_leaf(change(make_entry().leaf()))


def test_a_seal_is_an_hmac_under_its_salt() -> None:
    salt = bytes(range(16))
    sealed = seal("because", salt)
    assert sealed.commitment.hmac == hmac.digest(salt, b"because", "sha256").hex()
    assert sealed.commitment.salt_hash == hashlib.sha256(salt).hexdigest()
    assert seal("because", bytes(16)).commitment.hmac != sealed.commitment.hmac
    with pytest.raises(Invalid, match="16 bytes"):
        seal("because", b"short")


def test_the_actor_and_the_moment_are_kept() -> None:
    entry = Entry(at=NOW, actor=Actor("key", "k-1"), verb="listing.remove", subject_kind="listing", subject_id="l-1")
    assert read_leaf(entry.leaf()) == entry
