"""A package is checked by the program in it, alone, and whatever is changed is noticed."""

from __future__ import annotations

import json
import random
import zipfile
from pathlib import Path

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from hypothesis import given
from hypothesis import strategies as st

from agoranomos.audit.merkle import inclusion_proof, leaf_hash, root_of
from agoranomos.audit.notes import SigningKey
from agoranomos.evidence import verify
from agoranomos.evidence.archive import VERIFY, PackageWriter, verify_program
from agoranomos.evidence.checking import checked
from agoranomos.kernel.errors import Invalid
from agoranomos.kernel.store import Store
from tests.evidence.packages import KEY, LOG, made, members, run, zipped
from tests.stores import make_store

KEYS = ("--key", str(KEY.verifier), "--audit-key", str(LOG.verifier))


@pytest.fixture(scope="module")
def raw(tmp_path_factory: pytest.TempPathFactory) -> bytes:
    store = make_store(tmp_path_factory.mktemp("store"))
    try:
        return made(store)
    finally:
        store.close()


def test_the_same_gives_the_same_on_both_databases(store: Store, raw: bytes) -> None:
    assert made(store) == raw


def test_the_program_in_it_checks_it_alone(raw: bytes, tmp_path: Path) -> None:
    package = tmp_path / "package.zip"
    package.write_bytes(raw)
    folder = tmp_path / "unpacked"
    with zipfile.ZipFile(package) as archive:
        archive.extractall(folder)
    done = run(folder / VERIFY, str(package), *KEYS)
    assert (done.returncode, done.stderr) == (0, "")
    assert done.stdout.startswith("The package is whole: 8 files, 5 entries of the audit log.")
    told = json.loads(run(folder / VERIFY, str(folder), "--json").stdout)
    assert told["holds"]
    assert not told["key_was_given"]
    assert told["totals"] == {"CNY": 10_000}
    assert checked(package, str(KEY.verifier)).kind == "referral"


def test_one_byte_in_any_file_is_noticed(raw: bytes, tmp_path: Path) -> None:
    files, draw = members(raw), random.Random(7)
    program = tmp_path / VERIFY
    program.write_bytes(verify_program())
    for name, content in files.items():
        at = draw.randrange(len(content))
        other = bytes([content[at] ^ 1])
        zipped({**files, name: content[:at] + other + content[at + 1 :]}, tmp_path / "p.zip")
        told = verify_or_error(tmp_path / "p.zip")
        assert told, name
        assert (name in told) or name in (verify.MANIFEST, verify.NOTE), told
    zipped({**files, "people.jsonl": b"{}\n"}, tmp_path / "p.zip")
    done = run(program, str(tmp_path / "p.zip"), *KEYS)
    assert (done.returncode, done.stdout) == (1, "WRONG: people.jsonl is not as it was when the manifest was signed\n")


def verify_or_error(file: Path) -> str:
    """What is said against a package."""
    try:
        return "; ".join(verify.report(str(file), str(KEY.verifier), str(LOG.verifier))["problems"])
    except verify.Unreadable as error:
        return str(error)


def test_a_byte_in_the_archive_itself_never_makes_another_package(raw: bytes, tmp_path: Path) -> None:
    held, draw = members(raw), random.Random(3)
    for _ in range(60):
        at = draw.randrange(len(raw))
        file = tmp_path / "p.zip"
        file.write_bytes(raw[:at] + bytes([raw[at] ^ (1 << draw.randrange(8))]) + raw[at + 1 :])
        if not verify_or_error(file):
            assert members(file.read_bytes()) == held, "only where it means nothing"


def test_what_was_put_in_or_left_out_is_noticed(raw: bytes, tmp_path: Path) -> None:
    files = members(raw)
    assert "not in the manifest" in verify_or_error(zipped({**files, "more.txt": b""}, tmp_path / "a.zip"))
    assert "not in the manifest" in verify_or_error(zipped({**files, "../../evil": b""}, tmp_path / "b.zip"))
    less = {name: each for name, each in files.items() if name != "people.jsonl"}
    assert "people.jsonl is missing" in verify_or_error(zipped(less, tmp_path / "c.zip"))
    for name in (verify.MANIFEST, verify.NOTE):
        less = {each: content for each, content in files.items() if each != name}
        assert "no signed manifest" in verify_or_error(zipped(less, tmp_path / "d.zip"))
    with zipfile.ZipFile(tmp_path / "c.zip", "a") as archive, pytest.warns(UserWarning, match="Duplicate"):
        archive.writestr("README.txt", b"again")
    assert "twice" in verify_or_error(tmp_path / "c.zip")


def test_who_signs_anew_has_another_key(raw: bytes, tmp_path: Path) -> None:
    forger = SigningKey(KEY.name, bytes([9]) * 32)
    files = members(raw)
    with (tmp_path / "p.zip").open("wb") as out:
        writer = PackageWriter(out)
        for name in set(files) - {VERIFY, verify.MANIFEST, verify.NOTE}:
            writer.add(name, files[name])
        writer.finished("referral", "pk_1", forger, audit_key=str(LOG.verifier))
    assert "has not signed" in verify_or_error(tmp_path / "p.zip")
    assert checked(tmp_path / "p.zip").package_id == "pk_1", "without a key it is as whoever made it signed it"
    with pytest.raises(Invalid, match="has not signed"):
        checked(tmp_path / "p.zip", str(KEY.verifier))


def test_an_entry_of_another_log_is_noticed(raw: bytes, tmp_path: Path) -> None:
    for name, content in (
        (verify.ENTRIES, members(raw)[verify.ENTRIES].replace(b"c-3", b"c-9")),
        (verify.CHECKPOINT, members(raw)[verify.CHECKPOINT].replace(b"\n5\n", b"\n6\n")),
    ):
        files = {**members(raw), name: content}
        with (tmp_path / "p.zip").open("wb") as out:
            writer = PackageWriter(out)
            for each in set(files) - {VERIFY, verify.MANIFEST, verify.NOTE}:
                writer.add(each, files[each])
            writer.finished("referral", "pk_1", KEY, audit_key=str(LOG.verifier))
        assert "audit log" in verify_or_error(tmp_path / "p.zip")


def test_what_is_no_package_is_said_so(tmp_path: Path) -> None:
    (tmp_path / VERIFY).write_bytes(verify_program())
    (tmp_path / "text").write_text("no archive")
    zipped({}, tmp_path / "empty.zip")
    for name in ("text", "empty.zip", "nowhere"):
        done = run(tmp_path / VERIFY, str(tmp_path / name))
        assert done.returncode == 2
        assert done.stderr.startswith("Error: ")
    assert run(tmp_path / VERIFY, "x", "--key", "nonsense").returncode == 2


@given(st.binary(min_size=32, max_size=32), st.binary(max_size=200), st.integers(0, 511))
def test_signatures_are_judged_as_openssl_judges_them(seed: bytes, message: bytes, bit: int) -> None:
    key = Ed25519PrivateKey.from_private_bytes(seed)
    public, signature = key.public_key().public_bytes_raw(), key.sign(message)
    assert verify.signed(public, message, signature)
    flipped = bytes(each ^ (1 << (bit % 8)) if place == bit // 8 else each for place, each in enumerate(signature))
    assert not verify.signed(public, message, flipped)
    assert not verify.signed(public, message + b"x", signature)


def test_signatures_of_the_standard() -> None:
    # RFC 8032, section 7.1, tests 1 and 2.
    for public, message, signature in (
        (
            "d75a980182b10ab7d54bfed3c964073a0ee172f3daa62325af021a68f707511a", "",
            ("e5564300c360ac729086e2cc806e828a84877f1eb8e5d974d873e065224901555fb8821590a33bacc61e39701cf9b46bd25bf5f0595b"
            "be24655141438e7a100b"),
        ),
        (
            "3d4017c3e843895a92b70aa74d1b7ebc9c982ccf2ec4968cc0cd55f12af4660c", "72",
            ("92a009a9f0d4cab8720e820b5f642540a2b27b5416503f8fb3762223ebdb69da085ac1e43e15996e458f3613d0f11d8c387b2eaeb430"
            "2aeeb00d291612bb0c00"),
        ),
    ):  # fmt: skip
        assert verify.signed(bytes.fromhex(public), bytes.fromhex(message), bytes.fromhex(signature))
    # The same signature with its scalar above the order of the group is another spelling of it: refused.
    high = int.from_bytes(bytes.fromhex(signature)[32:], "little") + verify._L
    assert not verify.signed(
        bytes.fromhex(public), bytes.fromhex(message), bytes.fromhex(signature)[:32] + high.to_bytes(32, "little")
    )


@given(st.lists(st.binary(max_size=9), min_size=1, max_size=40), st.data())
def test_paths_lead_to_the_root_of_the_log(leaves: list[bytes], data: st.DataObject) -> None:
    hashed = [leaf_hash(each) for each in leaves]
    index = data.draw(st.integers(0, len(leaves) - 1))
    path = inclusion_proof(index, len(leaves), lambda low, high: root_of(hashed[low:high]))
    assert verify.root_of(index, len(leaves), leaves[index], path) == root_of(hashed)
    assert verify.root_of(index, len(leaves), leaves[index] + b"x", path) != root_of(hashed)
    assert verify.root_of(index, len(leaves), leaves[index], [*path, bytes(32)]) is None
