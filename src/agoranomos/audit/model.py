"""What is written into the log: an entry of ids, tokens and salted commitments, never personal data.

An entry can never be taken out again. What somebody may ask to have erased (a reason in free text, a name) goes in as
a commitment, HMAC-SHA-256 under a random salt of 128 bits that is stored beside the log. Whoever has text and salt can
show that they are what was committed to; once the salt is erased, nobody can tell anything from what remains.
"""

from __future__ import annotations

import hashlib
import hmac
import re
from collections.abc import Mapping
from datetime import datetime
from typing import Any, Final

import msgspec

from agoranomos.audit.merkle import leaf_hash
from agoranomos.kernel.actors import Actor
from agoranomos.kernel.clock import parse_rfc3339, rfc3339
from agoranomos.kernel.errors import Conflict, Invalid
from agoranomos.kernel.ids import LENGTH_MAX, is_id

SALT_BYTES: Final = 16
LEAF_BYTES_MAX: Final = 65_535
"""A bundle of entries has 16 bits for the length of each (C2SP tlog-tiles)."""
VERSION: Final = 1

_VERB = re.compile(r"[a-z][a-z0-9_]*(\.[a-z][a-z0-9_]*)+")
_NAME = re.compile(r"[a-z][a-z0-9_]{0,63}")
_INTEGER_MAX = 2**53 - 1  # what every JSON reader takes exactly

Param = str | int | bool | tuple[str, ...]
"""A token without spaces, a number, a flag, or a list of tokens."""


class Commitment(msgspec.Struct, frozen=True):
    """`hmac` is HMAC-SHA-256 of the text under the salt, `salt_hash` SHA-256 of the salt, both in hex.

    The second lets a verifier see that a stored salt is the one that was used; of 128 random bits it tells nothing.
    """

    hmac: str
    salt_hash: str


class Sealed(msgspec.Struct, frozen=True):
    """A commitment with the salt that opens it."""

    commitment: Commitment
    salt: bytes


def seal(text: str, salt: bytes) -> Sealed:
    """Commits to `text`; `salt` is 16 random bytes that are used once."""
    if len(salt) != SALT_BYTES:
        raise Invalid(f"a salt has {SALT_BYTES} bytes")
    value = hmac.new(salt, text.encode("utf-8", "surrogatepass"), hashlib.sha256).hexdigest()
    return Sealed(Commitment(value, hashlib.sha256(salt).hexdigest()), salt)


class Entry(msgspec.Struct, frozen=True, kw_only=True):
    """Who (`actor`) did what (`verb`, such as `case.decide`) to what, when. Raises Invalid for what may be free text.

    `params` are ids, tokens, codes and numbers; `commitments` (made by `seal`) stand for everything else.
    """

    at: datetime
    actor: Actor
    verb: str
    subject_kind: str
    subject_id: str
    params: Mapping[str, Param] = {}
    commitments: Mapping[str, Commitment] = {}

    def __post_init__(self) -> None:
        if self.at.tzinfo is None:
            raise Invalid("the time of an audit entry needs an offset")
        if not _VERB.fullmatch(self.verb) or len(self.verb) > LENGTH_MAX:
            raise Invalid("the verb of an audit entry looks like case.decide", pointer="/verb")
        if not _NAME.fullmatch(self.subject_kind) or not is_id(self.subject_id):
            raise Invalid("the subject of an audit entry is a kind such as listing and an id", pointer="/subject")
        for name, value in self.params.items():
            _check(name, value)
        for name in self.commitments:
            if not _NAME.fullmatch(name):
                raise Invalid("a commitment's name is lower-case letters, digits and _", pointer="/commitments")

    def leaf(self) -> bytes:
        """The bytes that are hashed: JSON with sorted keys and without spaces. Raises Invalid above 65,535 bytes."""
        leaf = _ENCODER.encode(
            {
                "v": VERSION,
                "time": rfc3339(self.at),
                "actor": self.actor,
                "verb": self.verb,
                "subject": {"kind": self.subject_kind, "id": self.subject_id},
                "params": self.params,
                "commitments": self.commitments,
            }
        )
        if len(leaf) > LEAF_BYTES_MAX:
            raise Invalid(f"an audit entry has at most {LEAF_BYTES_MAX:,} bytes; put long lists elsewhere")
        return leaf


_ENCODER: Final = msgspec.json.Encoder(order="sorted")


def _check(name: str, value: Param) -> None:
    pointer = f"/params/{name}"
    if not _NAME.fullmatch(name):
        raise Invalid("a parameter's name is lower-case letters, digits and _", pointer="/params")
    if isinstance(value, bool):
        return
    if isinstance(value, int):
        if abs(value) > _INTEGER_MAX:
            raise Invalid("a number in an audit entry has at most 53 bits", pointer=pointer)
        return
    for token in (value,) if isinstance(value, str) else value:
        # Spaces mean words and @ an address: both may be about a person, and this can never be erased.
        if not is_id(token) or "@" in token or any(map(str.isspace, token)):
            raise Invalid(
                "a parameter of an audit entry is an id, a code or a number; seal() free text as a commitment",
                pointer=pointer,
            )


class _Subject(msgspec.Struct, frozen=True):
    kind: str
    id: str


class _Leaf(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    v: int
    time: str
    actor: Actor
    verb: str
    subject: _Subject
    params: dict[str, str | int | bool | tuple[str, ...]]
    commitments: dict[str, Commitment]


class Recorded(msgspec.Struct, frozen=True):
    """An entry with its place in the log and its id, the leaf hash in hex."""

    index: int
    id: str
    entry: Entry


def read_leaf(leaf: bytes) -> Entry:
    """The entry that `leaf` is. Raises Invalid for bytes that this version would not have written."""
    try:
        raw = msgspec.json.decode(leaf, type=_Leaf)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
        raise Invalid("these bytes are no audit entry") from error
    entry = Entry(
        at=parse_rfc3339(raw.time),
        actor=raw.actor,
        verb=raw.verb,
        subject_kind=raw.subject.kind,
        subject_id=raw.subject.id,
        params=raw.params,
        commitments=raw.commitments,
    )
    if raw.v != VERSION or entry.leaf() != leaf:
        raise Invalid("these bytes are no audit entry in its canonical form")
    return entry


class Columns(msgspec.Struct, frozen=True):
    """What a reader of the whole log needs of a leaf."""

    actor: Actor
    verb: str
    subject: _Subject
    params: dict[str, Any]
    commitments: dict[str, Commitment]


_COLUMNS: Final = msgspec.json.Decoder(Columns)


def columns_of(leaf: bytes) -> Columns | None:
    """The parts of `leaf`, read quickly: its form is not checked. None when it is no entry at all."""
    try:
        return _COLUMNS.decode(leaf)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError, Invalid):
        return None


def recorded(index: int, leaf: bytes) -> Recorded:
    """`leaf` as it is shown. Raises Conflict when somebody has changed it into something else."""
    try:
        return Recorded(index, leaf_hash(leaf).hex(), read_leaf(leaf))
    except Invalid as error:
        raise Conflict(f"entry {index} is no audit entry any more: run agora audit verify") from error
