"""The witness: what it cosigns, what it refuses, what it remembers; over HTTP as C2SP tlog-witness says."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator
from http.client import HTTPConnection
from pathlib import Path

import pytest

from agoranomos.audit import actions, merkle, notes, witness, witnessing
from agoranomos.audit.merkle import consistency_proof, leaf_hash, root_of
from agoranomos.audit.notes import Checkpoint, Note, NoteError, Signature
from agoranomos.audit.witness import Refused, Request, Witness, as_request, load_key, server
from agoranomos.kernel.errors import Conflict, Invalid
from agoranomos.kernel.store import Store
from tests.audit.log import FORGER, KEY, WITNESS_KEY, Log
from tests.audit.test_merkle import mth_of, numbered

NOW_S = 1_780_000_000


@pytest.fixture
def one(tmp_path: Path) -> Witness:
    return Witness(KEY.verifier, WITNESS_KEY, tmp_path / "state.json", lambda: NOW_S)


def head(size: int, *, fork: bytes = b"", key: notes.SigningKey = KEY) -> Note:
    """A signed checkpoint of a log of numbered entries; `fork` changes the first."""
    data = numbered(size)
    if fork and data:
        data[0] = fork
    text = Checkpoint(KEY.name, size, root_of(map(leaf_hash, data))).text
    return Note(text, (key.sign(text),))


def request(old: int, new: int, **changes: bytes) -> str:
    data = numbered(new)
    if "fork" in changes and data:
        data[0] = changes["fork"]
    return str(Request(old, consistency_proof(old, new, mth_of(data)), head(new, **changes)))  # type: ignore[arg-type]


def test_it_cosigns_what_continues(one: Witness) -> None:
    assert one.last() is None
    for old, new in ((0, 3), (3, 3), (3, 8), (8, 21)):
        line = one.add(request(old, new))
        note = Note.parse(f"{head(new)}{line}")
        signature = note.signed_by(WITNESS_KEY.verifier)
        assert signature is not None
        assert signature.time_s == NOW_S
        last = one.last()
        assert last is not None
        assert Checkpoint.parse(last.text).size == new
        assert last.signed_by(WITNESS_KEY.verifier) == signature
        assert last.signed_by(KEY.verifier) is not None


@pytest.mark.parametrize(
    ("body", "status"),
    [
        (lambda: request(0, 5), 409),  # it has seen 8
        (lambda: request(9, 12), 409),
        (lambda: request(8, 12, fork=b"x"), 422),
        (lambda: request(8, 8, fork=b"x"), 409),
        (lambda: str(Request(8, [], head(12))), 422),
        (lambda: str(Request(8, [bytes(32)], head(8))), 422),
        (lambda: str(Request(8, [], head(5))), 400),
        (lambda: str(Request(8, [], head(12, key=FORGER))), 403),
        (lambda: request(8, 12).replace("audit\n12", "audit\n11"), 403),
        (lambda: request(8, 12).replace("example.com/audit\n", "example.com/other\n"), 404),
        (lambda: "", 400),
        (lambda: "old 08\n\n" + str(head(12)), 400),
        (lambda: "old 8\n!!\n\n" + str(head(12)), 400),
        (lambda: "old 8\nAAAA\n\n" + str(head(12)), 400),
        (lambda: "old 8\n" + "A" * 43 + "=\n" + ("A" * 43 + "=\n") * 63 + "\n" + str(head(12)), 400),
        (lambda: "old 8\n\nno note\n", 400),
        (lambda: "old 8\n\nno checkpoint\n\n" + str(KEY.sign("no checkpoint\n")), 400),
    ],
)
def test_it_refuses_the_rest_and_remembers_nothing_of_it(one: Witness, body: Callable[[], str], status: int) -> None:
    one.add(request(0, 8))
    before = one.last()
    with pytest.raises(Refused) as caught:
        one.add(body())
    assert caught.value.status == status
    if status == 409:
        assert (caught.value.body, caught.value.media_type) == ("8\n", "text/x.tlog.size")
    assert one.last() == before
    assert one.add(request(8, 9)), "the log can go on"


def test_a_witness_that_cannot_remember_does_not_cosign(one: Witness, tmp_path: Path) -> None:
    one.add(request(0, 8))
    (tmp_path / "state.json").write_text("{")
    with pytest.raises(NoteError, match="must not cosign"):
        one.add(request(0, 8))


def test_of_two_at_once_only_one_goes_first(one: Witness) -> None:
    one.add(request(0, 1))
    answers: list[int] = []

    def submit(size: int) -> None:
        try:
            one.add(request(1, size))
            answers.append(200)
        except Refused as refused:
            answers.append(refused.status)

    threads = [threading.Thread(target=submit, args=(size,)) for size in range(2, 10)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(answers) == [200, *[409] * 7]


def test_its_key_is_made_once_and_for_its_owner_alone(tmp_path: Path) -> None:
    key = load_key(tmp_path / "w.key", "witness.example/w1")
    assert (tmp_path / "w.key").stat().st_mode & 0o777 == 0o600
    assert load_key(tmp_path / "w.key", "other").verifier == key.verifier
    (tmp_path / "log.key").write_text(KEY.secret())
    with pytest.raises(NoteError, match="one of its own"):
        load_key(tmp_path / "log.key", "w")


@pytest.fixture
def address(one: Witness) -> Iterator[str]:
    http = server(one, "127.0.0.1", 0)
    thread = threading.Thread(target=http.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True)
    thread.start()
    yield f"http://127.0.0.1:{http.server_address[1]}"
    http.shutdown()
    http.server_close()
    thread.join()


def post(address: str, body: bytes, path: str = "/add-checkpoint", **headers: str) -> tuple[int, str, str]:
    connection = HTTPConnection(address.removeprefix("http://"), timeout=10)
    connection.request("POST", path, body, headers)
    answer = connection.getresponse()
    said = answer.status, answer.getheader("Content-Type", ""), answer.read().decode()
    connection.close()
    return said


def test_over_http(one: Witness, address: str, tmp_path: Path) -> None:
    with pytest.raises(Invalid, match="404"):
        witnessing.last_seen(address)
    status, kind, line = post(address, request(0, 8).encode())
    assert (status, kind) == (200, "text/plain; charset=utf-8")
    assert isinstance(Signature.parse(line.rstrip("\n")), Signature)
    assert post(address, request(0, 9).encode()) == (409, "text/x.tlog.size", "8\n")
    assert post(address, request(8, 9, fork=b"x").encode())[0] == 422
    assert post(address, b"\xff\n\n")[0] == 400
    assert post(address, b"", "/other")[0] == 404
    assert post(address, b"x", **{"Content-Length": "99999999"})[0] == 400
    assert witnessing.last_seen(address).note == one.last()
    (tmp_path / "state.json").write_text("{")
    assert post(address, request(8, 9).encode())[0] == 500
    with pytest.raises(Invalid, match="500"):
        witnessing.last_seen(address)


def submit(log: Log, address: str) -> None:
    with log.store.reading() as connection:
        size, lines = witnessing.submit(connection, address)
    assert size == log.count
    with log.store.transaction() as connection:
        actions.add_cosignatures(connection, size, lines, WITNESS_KEY.verifier)


def test_a_log_has_its_checkpoints_cosigned(store: Store, address: str, tmp_path: Path) -> None:
    log = Log(store)
    for count in (3, 300, 1):
        log.grow(count)
        submit(log, address)
    seen = witnessing.last_seen(str(tmp_path / "state.json"))
    assert Checkpoint.parse(seen.note.text).size == 304
    witnessing.require_cosigned(seen, WITNESS_KEY.verifier)
    with pytest.raises(Conflict, match="not signed by"):
        witnessing.require_cosigned(seen, FORGER.verifier)
    assert log.verify(seen).ok


def test_a_log_that_contradicts_itself_is_refused(store: Store, address: str) -> None:
    log = Log(store)
    log.grow(5)
    post(address, request(0, 7).encode())  # another history under the same key, and longer
    with pytest.raises(witnessing.Refusal, match="rolled back"), store.reading() as connection:
        witnessing.submit(connection, address)
    log.grow(5)
    with pytest.raises(witnessing.Refusal, match="another history"), store.reading() as connection:
        witnessing.submit(connection, address)
    with pytest.raises(Invalid, match="cannot be reached"), store.reading() as connection:
        witnessing.submit(connection, "http://127.0.0.1:9")
    with pytest.raises(Invalid, match="http://"), store.reading() as connection:
        witnessing.submit(connection, "file:///etc")


def test_places_that_are_no_witness(tmp_path: Path) -> None:
    for text in ("", "[]", "{}"):
        (tmp_path / "witness.json").write_text(text)
        with pytest.raises(Invalid, match="not the state of a witness"):
            witnessing.last_seen(str(tmp_path))
    (tmp_path / "witness.json").write_text('{"checkpoint": "x"}')
    with pytest.raises(Invalid, match="is no checkpoint"):
        witnessing.last_seen(str(tmp_path))
    with pytest.raises(Invalid, match="cannot be read"):
        witnessing.published(tmp_path / "none")


def test_a_bare_checkpoint_is_the_first_request() -> None:
    assert Request.parse(as_request(str(head(4)))).old == 0
    assert as_request(request(3, 4)) == request(3, 4)


@pytest.mark.slow
def test_the_program_stands_alone(tmp_path: Path) -> None:
    """Three files, the standard library and one for cryptography: nothing else of this system is even there."""
    package = tmp_path / "alone" / "agoranomos" / "audit"
    package.mkdir(parents=True)
    for module in (merkle, notes, witness):
        source = Path(str(module.__file__))
        (package / source.name).write_bytes(source.read_bytes())
    for folder in (package, package.parent):
        (folder / "__init__.py").touch()

    def run(*arguments: str, text: str = "") -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            [sys.executable, "-m", "agoranomos.audit.witness", "--log-key", str(KEY.verifier), "--state", "state.json",
             "--key", "w.key", "--name", "witness.example/w1", *arguments],
            cwd=tmp_path, env={**os.environ, "PYTHONPATH": str(tmp_path / "alone")}, input=text,
            capture_output=True, text=True, check=False,
        )  # fmt: skip

    shown = run()
    assert shown.stdout.startswith("witness.example/w1+")
    first = run("--once", "-", text=str(head(4)))
    assert (first.returncode, first.stderr) == (0, "")
    assert first.stdout.startswith("— witness.example/w1 ")
    (tmp_path / "next").write_text(request(4, 9))
    assert run("--once", "next").returncode == 0
    refused = run("--once", "-", text=request(4, 9, fork=b"x"))
    assert refused.returncode == 1
    assert refused.stderr.startswith("Refused (409)")
    assert run("--listen", "nonsense").returncode == 2


def test_the_program_loads_nothing_else() -> None:
    names = "('agoranomos', 'sqlalchemy', 'litestar', 'click', 'msgspec')"
    listing = f"sorted(name for name in sys.modules if name.split('.')[0] in {names})"
    code = f"import sys, agoranomos.audit.witness; print(*{listing})"
    loaded = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout.split()
    mine = ("", ".audit", ".audit.merkle", ".audit.notes", ".audit.witness")
    assert loaded == [f"agoranomos{name}" for name in mine]


@pytest.mark.slow
@pytest.mark.parametrize("program", ["agoranomos.audit.witness", "agoranomos.main audit witness"])
def test_the_program_answers_over_http_until_it_is_interrupted(tmp_path: Path, program: str) -> None:
    module, *command = program.split()
    process = subprocess.Popen(
        [sys.executable, "-m", module, *command, "--log-key", str(KEY.verifier), "--state", "state.json",
         "--key", "w.key", "--listen", "127.0.0.1:0"],
        cwd=tmp_path, env={**os.environ, "AGORA_HOME": str(tmp_path)}, stdout=subprocess.PIPE, text=True,
    )  # fmt: skip
    assert process.stdout is not None
    key, _, address = process.stdout.readline().strip().partition(" on ")
    try:
        line = post(address, request(0, 8).encode())[2]
        assert Note.parse(f"{head(8)}{line}").signed_by(notes.VerifierKey.parse(key)) is not None
    finally:
        process.send_signal(signal.SIGINT)
        assert process.wait(20) == 0
        process.stdout.close()
