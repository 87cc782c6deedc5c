"""Signed notes, checkpoints and cosignatures: C2SP signed-note, tlog-checkpoint and tlog-cosignature, with Ed25519.

Shared with the witness, so it imports nothing of this system. Keys are written as Go's `sumdb/note` and its kin write
them: `name+hash+base64` for verifying, `PRIVATE+KEY+name+hash+base64` for signing.
"""

from __future__ import annotations

import base64
import binascii
import hashlib
import re
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Final

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey

from agoranomos.audit.merkle import HASH_SIZE

ED25519: Final = 0x01
"""Signature type of a log: Ed25519 over the note's text."""
COSIGNATURE: Final = 0x04
"""Signature type of a witness: Ed25519 over the text with a time before it."""
NOTE_BYTES_MAX: Final = 64 * 1024
SEED_BYTES: Final = 32
_SIGNATURE_BYTES = 64
_TIME_BYTES = 8
_SIGNATURES_MAX = 64
_NAME = re.compile(r"[^\s+]{1,100}")
_SECRET = "PRIVATE+KEY+"  # noqa: S105 - the prefix of a key, not one
_DASH = "— "  # em dash and space, before each signature


class NoteError(ValueError):
    """A note, a key or a signature is not what it should be; the message says how."""


def _decoded(text: str, what: str) -> bytes:
    try:
        return base64.b64decode(text, validate=True)
    except (binascii.Error, ValueError) as error:
        raise NoteError(f"{what} is not base64") from error


def _encoded(raw: bytes) -> str:
    return base64.b64encode(raw).decode()


def _checked_name(name: str) -> str:
    if not _NAME.fullmatch(name) or not name.isprintable():
        raise NoteError(
            "a key's name is 1 to 100 printable characters without spaces and plus, such as example.com/log"
        )
    return name


@dataclass(frozen=True, slots=True)
class VerifierKey:
    """The public half of a key: `name+hash+base64(type, 32 bytes)`, a "vkey"."""

    name: str
    kind: int
    public: bytes

    @property
    def key_id(self) -> bytes:
        """The 4 bytes by which signatures name the key, together with its name."""
        return hashlib.sha256(f"{self.name}\n".encode() + bytes([self.kind]) + self.public).digest()[:4]

    def __str__(self) -> str:
        return f"{self.name}+{self.key_id.hex()}+{_encoded(bytes([self.kind]) + self.public)}"

    @classmethod
    def parse(cls, text: str) -> VerifierKey:
        """Reads a vkey; raises NoteError."""
        name, key_id, raw = _key_parts(text.strip())
        key = cls(name, raw[0], raw[1:])
        if key.kind not in (ED25519, COSIGNATURE):
            raise NoteError(f"the key of {name} is not for Ed25519")
        if key_id != key.key_id.hex():
            raise NoteError(f"the key of {name} does not agree with its hash; copy it again, whole")
        return key

    def accepts(self, text: str, signature: bytes) -> bool:
        """Whether `signature` (after the key id) is this key's over the note text `text`."""
        message = text.encode()
        if self.kind == COSIGNATURE:
            if len(signature) != _TIME_BYTES + _SIGNATURE_BYTES:
                return False
            message = _cosigned(text, int.from_bytes(signature[:_TIME_BYTES], "big"))
            signature = signature[_TIME_BYTES:]
        try:
            Ed25519PublicKey.from_public_bytes(self.public).verify(signature, message)
        except InvalidSignature:
            return False
        return True


def _key_parts(text: str) -> tuple[str, str, bytes]:
    name, _, rest = text.partition("+")
    key_id, _, encoded = rest.partition("+")
    raw = _decoded(encoded, "the key")
    if len(raw) != 1 + SEED_BYTES:
        raise NoteError("a key is written name+hash+base64, with 33 bytes in the last part")
    return _checked_name(name), key_id, raw


def _cosigned(text: str, time_s: int) -> bytes:
    return f"cosignature/v1\ntime {time_s}\n{text}".encode()


@dataclass(frozen=True, slots=True)
class Signature:
    """One line below a note; `raw` is what follows the key id."""

    name: str
    key_id: bytes
    raw: bytes

    def __str__(self) -> str:
        return f"{_DASH}{self.name} {_encoded(self.key_id + self.raw)}\n"

    @property
    def time_s(self) -> int:
        """When a cosignature was made, in seconds since 1970."""
        return int.from_bytes(self.raw[:_TIME_BYTES], "big")

    @classmethod
    def parse(cls, line: str) -> Signature:
        """Reads a line without its end; raises NoteError."""
        name, _, encoded = line.removeprefix(_DASH).partition(" ")
        raw = _decoded(encoded, "a signature")
        if not line.startswith(_DASH) or len(raw) <= 4:
            raise NoteError("a signature line is an em dash, a name and base64")
        return cls(_checked_name(name), raw[:4], raw[4:])


class SigningKey:
    """A key that signs. Its text form is secret; `repr` shows the public half only."""

    def __init__(self, name: str, seed: bytes, kind: int = ED25519) -> None:
        """`seed` is 32 random bytes, `kind` ED25519 for a log or COSIGNATURE for a witness."""
        if len(seed) != SEED_BYTES:
            raise NoteError(f"a seed has {SEED_BYTES} bytes")
        self._seed = seed
        self._private = Ed25519PrivateKey.from_private_bytes(seed)
        self.verifier = VerifierKey(_checked_name(name), kind, self._private.public_key().public_bytes_raw())

    def __repr__(self) -> str:
        return f"SigningKey({str(self.verifier)!r})"

    @property
    def name(self) -> str:
        """The name that it signs with: a log's origin."""
        return self.verifier.name

    @classmethod
    def parse(cls, text: str) -> SigningKey:
        """Reads `PRIVATE+KEY+…`; raises NoteError, which repeats nothing of it."""
        if not text.strip().startswith(_SECRET):
            raise NoteError("a signing key begins with PRIVATE+KEY+")
        name, key_id, raw = _key_parts(text.strip().removeprefix(_SECRET))
        key = cls(name, raw[1:], raw[0])
        if key.verifier.key_id.hex() != key_id:
            raise NoteError(f"the signing key of {name} does not agree with its hash; copy it again, whole")
        return key

    def secret(self) -> str:
        """`PRIVATE+KEY+…`, to be kept where only its owner can read it."""
        verifier = self.verifier
        return f"{_SECRET}{verifier.name}+{verifier.key_id.hex()}+{_encoded(bytes([verifier.kind]) + self._seed)}"

    def sign(self, text: str) -> Signature:
        """A log's signature over a note's text."""
        assert self.verifier.kind == ED25519, "a witness key cosigns"
        return Signature(self.name, self.verifier.key_id, self._private.sign(text.encode()))

    def cosign(self, text: str, time_s: int) -> Signature:
        """A witness' cosignature over a checkpoint's text, at `time_s` seconds since 1970."""
        assert self.verifier.kind == COSIGNATURE, "a log key signs"
        signature = self._private.sign(_cosigned(text, time_s))
        return Signature(self.name, self.verifier.key_id, time_s.to_bytes(_TIME_BYTES, "big") + signature)


@dataclass(frozen=True, slots=True)
class Note:
    """A text (ending in a newline) and the signatures below it."""

    text: str
    signatures: tuple[Signature, ...]

    def __str__(self) -> str:
        return f"{self.text}\n{''.join(map(str, self.signatures))}"

    @classmethod
    def parse(cls, source: str) -> Note:
        """Reads a signed note; raises NoteError. Signatures are not verified here."""
        if len(source) > NOTE_BYTES_MAX or any(c < " " and c != "\n" for c in source):
            raise NoteError("a note is short and has no control characters")
        text, found, lines = source.rpartition("\n\n")
        if not found or not lines.endswith("\n"):
            raise NoteError("a note is a text, an empty line, and signatures; each line ends in a newline")
        signatures = tuple(Signature.parse(line) for line in lines[:-1].split("\n"))
        if len(signatures) > _SIGNATURES_MAX:
            raise NoteError(f"a note has at most {_SIGNATURES_MAX} signatures")
        return cls(text + "\n", signatures)

    def signed_by(self, key: VerifierKey) -> Signature | None:
        """The signature of `key`; None when there is none. Raises NoteError when it is there and wrong."""
        for signature in self.signatures:
            if (signature.name, signature.key_id) == (key.name, key.key_id):
                if not key.accepts(self.text, signature.raw):
                    raise NoteError(f"the signature of {key.name} is not over this text")
                return signature
        return None

    def with_signatures(self, more: Iterable[Signature]) -> Note:
        """The note with further signatures, each once."""
        return Note(self.text, tuple(dict.fromkeys((*self.signatures, *more))))


@dataclass(frozen=True, slots=True)
class Checkpoint:
    """A tree head: whose log, how many entries, which root. Extension lines are read and kept."""

    origin: str
    size: int
    root: bytes
    extensions: tuple[str, ...] = ()

    @property
    def text(self) -> str:
        """The text that is signed."""
        lines = (self.origin, str(self.size), _encoded(self.root), *self.extensions)
        return "".join(f"{line}\n" for line in lines)

    @classmethod
    def parse(cls, text: str) -> Checkpoint:
        """Reads the text of a note; raises NoteError."""
        lines = text.removesuffix("\n").split("\n")
        if len(lines) < 3 or not all(lines) or not text.endswith("\n"):
            raise NoteError("a checkpoint has an origin, a size and a root, a line each")
        if not re.fullmatch(r"0|[1-9][0-9]{0,18}", lines[1]):
            raise NoteError("the size of a checkpoint is a decimal number")
        root = _decoded(lines[2], "the root of a checkpoint")
        if len(root) != HASH_SIZE:
            raise NoteError(f"the root of a checkpoint has {HASH_SIZE} bytes")
        return cls(lines[0], int(lines[1]), root, tuple(lines[3:]))
