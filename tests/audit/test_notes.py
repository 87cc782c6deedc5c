"""Signed notes as other programs write and read them."""

from __future__ import annotations

import base64

import pytest
from hypothesis import given
from hypothesis import strategies as st

from agoranomos.audit.notes import COSIGNATURE, Checkpoint, Note, NoteError, Signature, SigningKey, VerifierKey
from tests.audit.log import FORGER, KEY, WITNESS_KEY

# The example of Go's golang.org/x/mod/sumdb/note.
GO_SECRET = "PRIVATE+KEY+PeterNeumann+c74f20a3+AYEKFALVFGyNhPJEMzD1QIDr+Y7hfZx09iUvxdXHKDFz"
GO_KEY = "PeterNeumann+c74f20a3+ARpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10TW"
GO_NOTE = (
    "If you think cryptography is the answer to your problem,\n"
    "then you don't know what your problem is.\n\n"
    "— PeterNeumann x08go/ZJkuBS9UG/SffcvIAQxVBtiFupLLr8pAcElZInNIuGUgYN1FFYC2pZSNXgKvqfqdngotpRZb6KE6RyyBwJnAM=\n"
)
HEAD = Checkpoint("example.com/audit", 7, bytes(range(32)))


def test_gos_key_and_note_are_read_and_written_alike() -> None:
    key = SigningKey.parse(GO_SECRET)
    assert key.secret() == GO_SECRET
    assert str(key.verifier) == GO_KEY
    assert VerifierKey.parse(GO_KEY) == key.verifier
    note = Note.parse(GO_NOTE)
    assert note.signed_by(key.verifier) == key.sign(note.text)
    assert str(note) == GO_NOTE


def test_a_key_does_not_show_its_secret() -> None:
    assert KEY.secret() not in repr(KEY)
    assert str(KEY.verifier) in repr(KEY)


def test_a_witness_signs_time_and_text_of_the_specification() -> None:
    signature = WITNESS_KEY.cosign(HEAD.text, 1679315147)
    assert signature.time_s == 1679315147
    assert WITNESS_KEY.verifier.kind == COSIGNATURE
    note = Note(HEAD.text, (KEY.sign(HEAD.text), signature))
    assert Note.parse(str(note)).signed_by(WITNESS_KEY.verifier) == signature
    later = Signature(signature.name, signature.key_id, (1679315148).to_bytes(8, "big") + signature.raw[8:])
    with pytest.raises(NoteError, match="not over this text"):
        Note(HEAD.text, (later,)).signed_by(WITNESS_KEY.verifier)
    short = Signature(signature.name, signature.key_id, signature.raw[:-1])
    assert not WITNESS_KEY.verifier.accepts(HEAD.text, short.raw)


def test_the_same_secret_has_another_id_as_a_witness() -> None:
    assert SigningKey("a", b"x" * 32).verifier.key_id != SigningKey("a", b"x" * 32, COSIGNATURE).verifier.key_id


def test_unknown_signatures_are_ignored_and_wrong_ones_refused() -> None:
    note = Note(HEAD.text, (FORGER.sign(HEAD.text), KEY.sign(HEAD.text)))
    assert note.signed_by(KEY.verifier) is not None
    assert note.signed_by(WITNESS_KEY.verifier) is None
    moved = Checkpoint(HEAD.origin, 8, HEAD.root)
    with pytest.raises(NoteError, match="not over this text"):
        Note(moved.text, note.signatures).signed_by(KEY.verifier)


@given(st.integers(0, 2**62), st.binary(min_size=32, max_size=32), st.lists(st.sampled_from(["x", "y z"]), max_size=2))
def test_checkpoints_come_back(size: int, root: bytes, extensions: list[str]) -> None:
    head = Checkpoint("example.com/audit", size, root, tuple(extensions))
    note = Note(head.text, (KEY.sign(head.text),))
    assert Checkpoint.parse(Note.parse(str(note)).text) == head


def test_signatures_are_added_once() -> None:
    note = Note(HEAD.text, (KEY.sign(HEAD.text),))
    more = WITNESS_KEY.cosign(HEAD.text, 1)
    assert note.with_signatures([more]).with_signatures([more]).signatures == (*note.signatures, more)


ROOT = base64.b64encode(bytes(32)).decode()


@pytest.mark.parametrize(
    "text",
    ["", "o\n1\n", f"o\n01\n{ROOT}\n", f"o\n-1\n{ROOT}\n", f"o\n1\n{ROOT}", f"\n1\n{ROOT}\n", "o\n1\nAAAA\n",
     f"o\n1\n{ROOT}\n\nx\n", f"o\n1\n!{ROOT}\n", f"o\n٣\n{ROOT}\n", f"o\n{10**19}\n{ROOT}\n"],
)  # fmt: skip
def test_what_is_no_checkpoint(text: str) -> None:
    with pytest.raises(NoteError):
        Checkpoint.parse(text)


@pytest.mark.parametrize(
    "source",
    ["", "text\n", "text\n\n", "text\n\n— a AAAA\n", "text\n\n- a AAAAAAAA\n", "text\n\n— a b AAAAAAAA\n",
     "text\n\n— AAAAAAAA\n", "te\rxt\n\n— a AAAAAAAA\n", "text\n\n— a AAAAAAAA", "text\n\n" + "— a AAAAAAAA\n" * 65,
     "x" * 70_000 + "\n\n— a AAAAAAAA\n", "text\n\n— a+b AAAAAAAA\n", "text\n\n— a ####\n"],
)  # fmt: skip
def test_what_is_no_note(source: str) -> None:
    with pytest.raises(NoteError):
        Note.parse(source)


@pytest.mark.parametrize(
    "text", ["", "a", "a+b", "a+00000000+AAAA", GO_KEY.replace("c74f", "c74e"), GO_KEY.replace("Peter", "Pe ter"),
             GO_KEY.replace("+AR", "+Bx"), str(KEY.verifier)[:-4]]
)  # fmt: skip
def test_what_is_no_key(text: str) -> None:
    with pytest.raises(NoteError):
        VerifierKey.parse(text)


@pytest.mark.parametrize("text", ["", GO_KEY, GO_SECRET.replace("c74f", "c74e"), GO_SECRET[:-8]])
def test_what_is_no_signing_key(text: str) -> None:
    with pytest.raises(NoteError) as caught:
        SigningKey.parse(text)
    assert GO_SECRET[-20:] not in str(caught.value)


def test_names_and_seeds_of_keys_are_checked() -> None:
    for name in ("", "with space", "with+plus", "a\u00a0b", "x" * 101):
        with pytest.raises(NoteError):
            SigningKey(name, bytes(32))
    with pytest.raises(NoteError):
        SigningKey("a", bytes(31))
