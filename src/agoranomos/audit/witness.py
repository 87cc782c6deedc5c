"""The outside witness: remembers the last tree of one log and cosigns only what continues it.

A program of its own, with its own key and its own storage, to be run by somebody else than the log: `python -m
agoranomos.audit.witness --help`. It imports nothing of the system but the two files with the formats and the
mathematics (`notes`, `merkle`), so that it can be audited alone. The protocol is C2SP tlog-witness: POST
/add-checkpoint. GET /checkpoint returns the last cosigned checkpoint.
"""

from __future__ import annotations

import argparse
import base64
import binascii
import fcntl
import json
import os
import re
import secrets
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Lock
from typing import Final

from agoranomos.audit.merkle import EMPTY_ROOT, HASH_SIZE, verify_consistency
from agoranomos.audit.notes import (
    COSIGNATURE,
    NOTE_BYTES_MAX,
    SEED_BYTES,
    Checkpoint,
    Note,
    NoteError,
    Signature,
    SigningKey,
    VerifierKey,
)

SIZE_TYPE: Final = "text/x.tlog.size"
PROOF_LINES_MAX: Final = 63
_BROKEN = "the witness cannot read or write what it remembers; it cosigns nothing until that is mended\n"


class Refused(Exception):
    """A request that is answered with `status`; `body` is what C2SP tlog-witness asks for."""

    def __init__(self, status: int, body: str, media_type: str = "text/plain; charset=utf-8") -> None:
        super().__init__(body.strip())
        self.status, self.body, self.media_type = status, body, media_type


class Request:
    """The body of add-checkpoint: the size that the witness knows, the proof from there, and the checkpoint."""

    def __init__(self, old: int, proof: list[bytes], note: Note) -> None:
        self.old, self.proof, self.note = old, proof, note

    @classmethod
    def parse(cls, body: str) -> Request:
        """Reads a body; raises Refused (400)."""
        head, found, checkpoint = body.partition("\n\n")
        lines = head.split("\n")
        if not found or not re.fullmatch(r"old (0|[1-9][0-9]{0,18})", lines[0]) or len(lines) > PROOF_LINES_MAX + 1:
            raise Refused(400, "send: old SIZE, up to 63 hashes in base64, an empty line, a checkpoint\n")
        try:
            proof = [base64.b64decode(line, validate=True) for line in lines[1:]]
            note = Note.parse(checkpoint)
        except (binascii.Error, ValueError) as error:
            raise Refused(400, "the proof or the checkpoint cannot be read\n") from error
        if any(len(one) != HASH_SIZE for one in proof):
            raise Refused(400, f"a hash of the proof has {HASH_SIZE} bytes\n")
        return cls(int(lines[0][4:]), proof, note)

    def __str__(self) -> str:
        lines = [f"old {self.old}", *(base64.b64encode(one).decode() for one in self.proof)]
        return "\n".join(lines) + f"\n\n{self.note}"


class Witness:
    """Cosigns for one log. `state` is the file that holds the last cosigned checkpoint; `now_s` gives seconds."""

    def __init__(self, log_key: VerifierKey, signer: SigningKey, state: Path, now_s: Callable[[], float]) -> None:
        self.log_key, self.signer = log_key, signer
        self._state, self._now_s = state, now_s
        self._lock = Lock()

    def last(self) -> Note | None:
        """The last cosigned checkpoint; None when there is none yet. Raises NoteError when the file is broken."""
        try:
            return Note.parse(str(json.loads(self._state.read_text("utf-8"))["checkpoint"]))
        except FileNotFoundError:
            return None
        except (ValueError, KeyError, TypeError) as error:
            raise NoteError(f"{self._state} is broken; a witness that forgets must not cosign") from error

    def add(self, body: str) -> str:
        """The signature line for the checkpoint in `body`, after it is remembered. Raises Refused."""
        request = Request.parse(body)
        head, by_log = self._signed(request.note)
        with self._alone():
            self._require_continued(request, head)
            signature = self.signer.cosign(request.note.text, int(self._now_s()))
            self._remember(Note(request.note.text, (by_log, signature)))
        return str(signature)

    def _signed(self, note: Note) -> tuple[Checkpoint, Signature]:
        try:
            head = Checkpoint.parse(note.text)
        except NoteError as error:
            raise Refused(400, f"{error}\n") from error
        if head.origin != self.log_key.name:
            raise Refused(404, "this witness does not know that log\n")
        try:
            signed = note.signed_by(self.log_key)
        except NoteError:
            signed = None
        if signed is None:
            raise Refused(403, "the checkpoint is not signed by the log's key\n")
        return head, signed

    def _require_continued(self, request: Request, head: Checkpoint) -> None:
        last = self.last()
        known = Checkpoint.parse(last.text) if last else Checkpoint(head.origin, 0, EMPTY_ROOT)
        if request.old > head.size:
            raise Refused(400, "the old size is above that of the checkpoint\n")
        if request.old != known.size or (head.size == known.size and head.root != known.root):
            raise Refused(409, f"{known.size}\n", SIZE_TYPE)
        if not verify_consistency(known.size, head.size, known.root, head.root, request.proof):
            raise Refused(422, "the checkpoint does not continue the one that was cosigned last\n")

    @contextmanager
    def _alone(self) -> Iterator[None]:
        """Comparing with the last checkpoint and remembering the next is one step, for threads and processes."""
        with self._lock, self._state.with_name(self._state.name + ".lock").open("w") as door:
            fcntl.flock(door, fcntl.LOCK_EX)
            yield

    def _remember(self, note: Note) -> None:
        draft = self._state.with_name(self._state.name + ".draft")
        with draft.open("w", encoding="utf-8") as file:
            json.dump({"checkpoint": str(note)}, file)
            file.flush()
            os.fsync(file.fileno())
        draft.replace(self._state)
        folder = os.open(self._state.parent, os.O_RDONLY)
        try:
            os.fsync(folder)
        finally:
            os.close(folder)


def server(witness: Witness, host: str, port: int) -> ThreadingHTTPServer:
    """An HTTP server for `witness`, bound but not yet serving."""

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"
        timeout = 30

        def do_POST(self) -> None:
            try:
                if self.path != "/add-checkpoint":
                    raise Refused(404, "no such address\n")
                self._answer(200, witness.add(self._body()))
            except Refused as refused:
                self._answer(refused.status, refused.body, refused.media_type)
            except (NoteError, OSError):
                self._answer(500, _BROKEN)

        def do_GET(self) -> None:
            if self.path != "/checkpoint":
                self._answer(404, "no such address\n")
                return
            try:
                last = witness.last()
            except NoteError:
                self._answer(500, _BROKEN)
                return
            self._answer(404 if last is None else 200, "nothing was cosigned yet\n" if last is None else str(last))

        def _body(self) -> str:
            length = self.headers.get("Content-Length", "")
            if not length.isdecimal() or int(length) > NOTE_BYTES_MAX:
                self.close_connection = True  # what follows was not read
                raise Refused(400, f"say the length; at most {NOTE_BYTES_MAX} bytes\n")
            try:
                return self.rfile.read(int(length)).decode()
            except UnicodeDecodeError as error:
                raise Refused(400, "the request is not UTF-8\n") from error

        def _answer(self, status: int, body: str, media_type: str = "text/plain; charset=utf-8") -> None:
            raw = body.encode()
            self.send_response(status)
            self.send_header("Content-Type", media_type)
            self.send_header("Content-Length", str(len(raw)))
            self.end_headers()
            self.wfile.write(raw)

        def log_message(self, format: str, *arguments: object) -> None:  # noqa: A002 - http.server's name
            """Requests are not logged."""

    return ThreadingHTTPServer((host, port), Handler)


def load_key(path: Path, name: str) -> SigningKey:
    """The witness' key in `path`; made there, under `name` and readable by its owner alone, when there is none."""
    if not path.exists():
        key = SigningKey(name, secrets.token_bytes(SEED_BYTES), COSIGNATURE)
        with os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w") as file:
            file.write(key.secret() + "\n")
    key = SigningKey.parse(path.read_text("utf-8"))
    if key.verifier.kind != COSIGNATURE:
        raise NoteError(f"{path} holds a log's key; a witness has one of its own")
    return key


def as_request(text: str) -> str:
    """`text` when it is a request; a bare checkpoint becomes the first request of its log."""
    return text if text.startswith("old ") else f"old 0\n\n{text}"


def main(arguments: list[str] | None = None) -> int:
    """The program; exit code 1 for a checkpoint that is refused, 2 for wrong use."""
    parser = argparse.ArgumentParser(prog="witness", description=__doc__.partition("\n")[0])
    parser.add_argument("--log-key", required=True, help="the log's public key (agora audit key)")
    parser.add_argument("--state", required=True, type=Path, help="the file with the last checkpoint")
    parser.add_argument("--key", required=True, type=Path, help="the file with the witness' own key; made when missing")
    parser.add_argument("--name", default="witness.example", help="the witness' name, for a new key")
    doing = parser.add_mutually_exclusive_group()
    doing.add_argument("--listen", metavar="HOST:PORT", help="answer over HTTP")
    doing.add_argument("--once", metavar="FILE", help="cosign the request or first checkpoint in FILE (- for stdin)")
    options = parser.parse_args(arguments)
    try:
        witness = Witness(
            VerifierKey.parse(options.log_key), load_key(options.key, options.name), options.state, time.time
        )
        if options.once:
            text = sys.stdin.read() if options.once == "-" else Path(options.once).read_text("utf-8")
            sys.stdout.write(witness.add(as_request(text)))
        elif options.listen:
            host, _, port = options.listen.rpartition(":")
            serve(server(witness, host or "127.0.0.1", int(port)), witness)
        else:
            print(witness.signer.verifier)
    except Refused as refused:
        print(f"Refused ({refused.status}): {refused}", file=sys.stderr)
        return 1
    except (NoteError, OSError, ValueError) as error:
        print(f"Error: {error}", file=sys.stderr)
        return 2
    return 0


def serve(http: ThreadingHTTPServer, witness: Witness) -> None:
    """Answers until it is interrupted; says first who it is and where."""
    host, port = http.server_address[:2]
    print(f"{witness.signer.verifier} on http://{host!s}:{port}", flush=True)
    try:
        http.serve_forever()
    except KeyboardInterrupt:
        pass
    finally:
        http.server_close()


if __name__ == "__main__":
    sys.exit(main())
