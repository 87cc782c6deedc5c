"""What the log says to its witnesses, and what an auditor asks them."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from http.client import HTTPException
from pathlib import Path
from typing import Final
from urllib.error import HTTPError, URLError
from urllib.request import Request as HttpRequest
from urllib.request import urlopen

import sqlalchemy as sa

from agoranomos.audit import queries
from agoranomos.audit.merkle import consistency_proof
from agoranomos.audit.notes import NOTE_BYTES_MAX, Checkpoint, Note, NoteError, VerifierKey
from agoranomos.audit.witness import SIZE_TYPE, Request
from agoranomos.kernel.errors import Conflict, Invalid, NotFound

STATE: Final = "witness.json"
"""The state file when a folder is named."""
_TIMEOUT_S = 30


class Refusal(Conflict):
    """The witness does not cosign this history."""


@dataclass(frozen=True)
class Seen:
    """The last checkpoint that a witness cosigned."""

    source: str
    note: Note
    leaves: Sequence[bytes] = ()


def request(connection: sa.Connection, old: int) -> str:
    """The body of add-checkpoint for the last checkpoint, to a witness that knows the tree of size `old`.

    Raises NotFound without a checkpoint, Conflict when the witness has seen more than there is.
    """
    last = queries.last_checkpoint(connection)
    if last is None:
        raise NotFound("nothing is signed yet: run agora audit checkpoint")
    if old > last.size:
        raise Refusal(f"the witness has seen {old:,} entries, the last checkpoint has {last.size:,}: rolled back")
    signed = Note.parse(last.note)
    return str(Request(old, consistency_proof(old, last.size, queries.mth(connection)), signed))


def submit(connection: sa.Connection, url: str) -> tuple[int, str]:
    """Lets the witness at `url` cosign the last checkpoint; returns that one's size and the signature lines.

    Raises Refusal when the witness has seen another history, Invalid when it cannot be reached.
    """
    asked = request(connection, 0)
    status, answer, media_type = _ask(f"{url}/add-checkpoint", asked)
    if status == 409 and media_type == SIZE_TYPE and answer.strip().isdecimal() and int(answer) > 0:
        asked = request(connection, int(answer))
        status, answer, _ = _ask(f"{url}/add-checkpoint", asked)
    if status in (409, 422):
        raise Refusal(f"the witness refuses this checkpoint ({status}): it has cosigned another history")
    if status != 200:
        raise Invalid(f"the witness answers {status}; check its address and that it knows the log's key")
    return Checkpoint.parse(Request.parse(asked).note.text).size, answer


def last_seen(place: str) -> Seen:
    """The last checkpoint that the witness at `place` cosigned: an http(s) address, its state file, or its folder.

    Raises Invalid when nothing can be read there.
    """
    if place.startswith(("http://", "https://")):
        status, text, _ = _ask(f"{place.rstrip('/')}/checkpoint")
        if status != 200:
            raise Invalid(f"the witness answers {status}; it may not have cosigned anything yet")
        source = text
    else:
        path = Path(place) / STATE if Path(place).is_dir() else Path(place)
        try:
            source = str(json.loads(path.read_text("utf-8"))["checkpoint"])
        except (OSError, ValueError, KeyError, TypeError) as error:
            raise Invalid(f"{path} is not the state of a witness") from error
    return _seen("the witness", source)


def published(path: Path) -> Seen:
    """A checkpoint that was kept in a file, such as one anchored in a git repository. Raises Invalid."""
    try:
        return _seen(f"the checkpoint in {path}", path.read_text("utf-8"))
    except (OSError, UnicodeDecodeError) as error:
        raise Invalid(f"{path} cannot be read") from error


def require_cosigned(seen: Seen, witness: VerifierKey) -> None:
    """Raises Conflict when `witness` has not cosigned what it is said to have seen."""
    try:
        signed = seen.note.signed_by(witness)
    except NoteError as error:
        raise Conflict(f"{seen.source}: {error}") from error
    if signed is None:
        raise Conflict(f"{seen.source} is not signed by {witness.name} with the key that was given")


def _seen(source: str, text: str) -> Seen:
    try:
        return Seen(source, Note.parse(text))
    except NoteError as error:
        raise Invalid(f"{source} is no checkpoint: {error}") from error


def _ask(url: str, body: str | None = None) -> tuple[int, str, str]:
    """Status, body and media type of the answer to a POST of `body`, else a GET."""
    if not url.startswith(("http://", "https://")):
        raise Invalid("the address of a witness begins with http:// or https://")
    data = None if body is None else body.encode()
    asked = HttpRequest(url, data=data, headers={"Content-Type": "text/plain"})  # noqa: S310 - checked above
    try:
        with urlopen(asked, timeout=_TIMEOUT_S) as answer:  # noqa: S310 - checked above
            return answer.status, answer.read(NOTE_BYTES_MAX).decode(), answer.headers.get_content_type()
    except HTTPError as error:
        with error:
            return error.code, error.read(NOTE_BYTES_MAX).decode("utf-8", "replace"), error.headers.get_content_type()
    except (URLError, OSError, HTTPException, UnicodeDecodeError) as error:
        raise Invalid("the witness cannot be reached; check its address") from error
