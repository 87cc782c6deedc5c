"""Checkpoints in other hands: a git repository, and a time-stamping authority that the test runs itself."""

from __future__ import annotations

import shutil
import subprocess
import threading
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import rsa
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID

from agoranomos.audit import anchoring, timestamps
from agoranomos.audit.tables import audit_tiles
from agoranomos.kernel.errors import Conflict, Invalid, NotFound
from agoranomos.kernel.store import Store
from tests.audit.log import Log

NOTE = "example.com/audit\n1\nroot\n\n— example.com/audit AAAA\n"


def git(folder: Path, *arguments: str) -> str:
    return subprocess.run(["git", "-C", folder, *arguments], check=True, capture_output=True, text=True).stdout


@pytest.fixture
def repository(tmp_path: Path) -> Path:
    if shutil.which("git") is None:
        pytest.skip("no git for the tests of anchoring: install git")
    folder = tmp_path / "repository"
    folder.mkdir()
    git(folder, "init", "--quiet")
    for name, value in (("user.name", "Auditor"), ("user.email", "auditor@example.com"), ("commit.gpgsign", "false")):
        git(folder, "config", name, value)
    return folder


def anchor(log: Log, repository: Path) -> str:
    with log.store.reading() as connection:
        return anchoring.anchor_in_git(connection, repository)


def test_checkpoints_are_committed_once_each(store: Store, repository: Path) -> None:
    log = Log(store)
    with pytest.raises(NotFound):
        anchor(log, repository)
    first = log.grow(3)
    commit = anchor(log, repository)
    assert anchor(log, repository) == commit
    assert git(repository, "show", f"{commit}:checkpoints/example.com_audit") == str(first.note)
    second = log.grow(4)
    assert anchor(log, repository) != commit
    assert git(repository, "log", "--format=%s").splitlines() == [
        "Checkpoint of example.com/audit at 7", "Checkpoint of example.com/audit at 3",
    ]  # fmt: skip
    assert (repository / "checkpoints/example.com_audit").read_text("utf-8") == str(second.note)
    assert git(repository, "status", "--porcelain") == ""


def test_another_history_is_not_committed(store: Store, repository: Path, tmp_path: Path) -> None:
    log = Log(store)
    log.grow(3)
    anchor(log, repository)
    with store.transaction() as connection:
        connection.execute(audit_tiles.update().values(hashes=bytes(3 * 32)))
    with pytest.raises(Conflict, match="does not continue"):
        anchor(log, repository)
    (repository / "checkpoints/example.com_audit").write_text("?")
    with pytest.raises(Conflict, match="holds no checkpoint"):
        anchor(log, repository)
    with pytest.raises(Invalid, match="no git repository"):
        anchor(log, tmp_path)


def test_what_git_refuses_is_said(store: Store, repository: Path) -> None:
    log = Log(store)
    log.grow(1)
    (repository / ".git" / "index.lock").touch()
    with pytest.raises(Invalid, match="git add failed"):
        anchor(log, repository)


CONFIGURATION = """
[tsa]
default_tsa = here
[here]
serial = serial
signer_cert = tsa.pem
certs = tsa.pem
signer_key = tsa.key
signer_digest = sha256
default_policy = 1.2.3.4.1
digests = sha256
ess_cert_id_alg = sha256
"""


def certificate(folder: Path) -> bytes:
    """A root and, signed by it, a certificate for time stamping with its key; returns the root in PEM."""
    now = datetime.now(UTC)
    names = [x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, name)]) for name in ("Root", "Time stamps")]
    root_key, key = (rsa.generate_private_key(65537, 2048) for _ in range(2))
    begun = [
        x509.CertificateBuilder(names[0], subject, secret.public_key(), number, now, now + timedelta(days=2))
        for number, (subject, secret) in enumerate(((names[0], root_key), (names[1], key)), start=1)
    ]
    identifier = x509.SubjectKeyIdentifier.from_public_key(root_key.public_key())
    usage = x509.KeyUsage(
        digital_signature=True, key_cert_sign=True, crl_sign=True, content_commitment=False, key_encipherment=False,
        data_encipherment=False, key_agreement=False, encipher_only=False, decipher_only=False,
    )  # fmt: skip
    root = (
        begun[0]
        .add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
        .add_extension(usage, critical=True)
        .add_extension(identifier, critical=False)
        .sign(root_key, hashes.SHA256())
    )
    leaf = (
        begun[1]
        .add_extension(x509.ExtendedKeyUsage([ExtendedKeyUsageOID.TIME_STAMPING]), critical=True)
        .add_extension(x509.AuthorityKeyIdentifier.from_issuer_public_key(root_key.public_key()), critical=False)
        .sign(root_key, hashes.SHA256())
    )
    pem = serialization.Encoding.PEM
    plain = (pem, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())
    (folder / "tsa.key").write_bytes(key.private_bytes(*plain))
    (folder / "tsa.pem").write_bytes(leaf.public_bytes(pem))
    (folder / "tsa.cnf").write_text(CONFIGURATION)
    (folder / "serial").write_text("01")
    return root.public_bytes(pem)


@pytest.fixture
def authority(tmp_path: Path) -> Iterator[tuple[str, bytes]]:
    """The address of a time-stamping authority on the loopback interface (`openssl ts`), and its root."""
    if shutil.which("openssl") is None:
        pytest.skip("no time-stamping authority for the tests: install openssl")
    folder = tmp_path / "authority"
    folder.mkdir()
    roots = certificate(folder)

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            (folder / "query").write_bytes(self.rfile.read(int(self.headers["Content-Length"])))
            made = subprocess.run(
                ["openssl", "ts", "-reply", "-config", "tsa.cnf", "-queryfile", "query", "-out", "reply"],
                cwd=folder, capture_output=True, check=False,
            )  # fmt: skip
            self.send_response(200 if made.returncode == 0 else 500)
            self.send_header("Content-Type", "application/timestamp-reply")
            self.end_headers()
            self.wfile.write((folder / "reply").read_bytes() if made.returncode == 0 else made.stderr)

        def log_message(self, format: str, *arguments: object) -> None:  # noqa: A002 - http.server's name
            """Nothing."""

    http = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    thread = threading.Thread(target=http.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True)
    thread.start()
    yield f"http://127.0.0.1:{http.server_address[1]}", roots
    http.shutdown()
    http.server_close()
    thread.join()


@pytest.mark.slow
def test_a_time_stamp_holds_for_its_note_alone(authority: tuple[str, bytes], tmp_path: Path) -> None:
    url, roots = authority
    response = timestamps.stamp(NOTE, url, roots)
    at = datetime.fromisoformat(timestamps.check(NOTE, response, roots))
    assert abs(at - datetime.now(UTC)) < timedelta(minutes=5)
    with pytest.raises(Conflict, match="does not hold"):
        timestamps.check(NOTE + " ", response, roots)
    with pytest.raises(Conflict, match="does not hold"):
        timestamps.check(NOTE, response[:-200] + bytes(200), roots)
    (tmp_path / "other").mkdir()
    with pytest.raises(Conflict, match="does not hold"):
        timestamps.check(NOTE, response, certificate(tmp_path / "other"))
    with pytest.raises(Conflict, match="does not hold"):
        timestamps.check(NOTE, response, roots, nonce=1)


def test_openssl_agrees(authority: tuple[str, bytes], tmp_path: Path) -> None:
    url, roots = authority
    (tmp_path / "reply").write_bytes(timestamps.stamp(NOTE, url, roots))
    (tmp_path / "note").write_text(NOTE, "utf-8")
    (tmp_path / "roots").write_bytes(roots)
    done = subprocess.run(
        ["openssl", "ts", "-verify", "-data", "note", "-in", "reply", "-CAfile", "roots"],
        cwd=tmp_path, capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert "Verification: OK" in done.stdout + done.stderr


def test_an_authority_that_is_none(authority: tuple[str, bytes]) -> None:
    url, roots = authority
    with pytest.raises(Invalid, match="cannot be reached"):
        timestamps.stamp(NOTE, "http://127.0.0.1:9", roots)
    with pytest.raises(Invalid, match="http://"):
        timestamps.stamp(NOTE, "file:///etc/passwd", roots)
    with pytest.raises(Conflict, match="does not hold"):
        timestamps.check(NOTE, b"no time stamp", roots)
    assert url
