"""The keys of the vault: what they are derived from, where they lie, and that they are made once.

A key ring is a list of master keys, each 32 random bytes in Base64, one per line. The first one makes the tokens, so
it stays as long as they are in use; the last one wraps new data keys; those between only open what they have wrapped.
"""

from __future__ import annotations

import base64
import hashlib
import hmac
import os
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

from agoranomos.kernel.errors import Invalid

KEY_BYTES: Final = 32
NONCE_BYTES: Final = 12  # NIST SP 800-38D, section 8.2: what AES-GCM takes without hashing it first
_ID_BYTES: Final = 4

Random = Callable[[int], bytes]
"""So many unpredictable bytes; `os.urandom` outside of tests."""


class KeyRing:
    """What the master keys are used for; each use has a key of its own (HKDF, RFC 5869).

    `again` reads the ring anew: a key that another process has added is known as soon as it is needed.
    """

    def __init__(self, masters: Sequence[bytes], again: Callable[[], KeyRing] | None = None) -> None:
        if not masters or any(len(master) != KEY_BYTES for master in masters):
            raise Invalid("a key ring holds master keys of 32 bytes, one per line in Base64")
        self._index = _derived(masters[0], b"agoranomos vault blind index")
        self._wrapping = {_id_of(master): AESGCM(_derived(master, b"agoranomos vault wrapping")) for master in masters}
        self._again = again
        self.ids = tuple(self._wrapping)
        self.current = _id_of(masters[-1])

    def __repr__(self) -> str:
        return f"KeyRing({len(self._wrapping)} keys)"

    def digest(self, message: bytes) -> bytes:
        """HMAC-SHA256 of `message`: equal messages give equal digests, and nobody without the key can guess them."""
        return hmac.digest(self._index, message, "sha256")

    def wrapping(self, key_id: str) -> AESGCM:
        """The cipher that wraps data keys. Raises Invalid when the ring has no such key."""
        if key_id not in self._wrapping:
            self.renew()
        try:
            return self._wrapping[key_id]
        except KeyError:
            raise Invalid(
                f"the key ring has no master key {key_id}; add the one that this store was filled with"
            ) from None

    def renew(self) -> None:
        """Reads the ring anew, if it can be; what makes the tokens stays as it is."""
        if self._again is not None:
            fresh = self._again()
            self._wrapping, self.ids, self.current = fresh._wrapping, fresh.ids, fresh.current


@dataclass(frozen=True)
class Vault:
    """A key ring, and where random bytes come from."""

    keys: KeyRing
    random: Random = field(repr=False)


def parse_ring(text: str) -> KeyRing:
    """The ring in `text`: master keys in Base64, apart by white space. Raises Invalid, which quotes nothing."""
    try:
        return KeyRing([base64.b64decode(word, validate=True) for word in text.split()])
    except ValueError as error:
        raise Invalid("a key ring holds master keys of 32 bytes, one per line in Base64") from error


def kept_ring(path: Path, random: Random) -> KeyRing:
    """The ring in the file `path`, for the owner alone; made with one key when there is none."""
    if not path.exists():
        _make(path, random)
    return _read(path)


def published_ring() -> KeyRing:
    """A ring that everybody can make: its tokens are the same everywhere and protect nobody against guesses."""
    return KeyRing([hashlib.sha256(b"agoranomos: tokens where there is no vault").digest()])


def add_master(text: str, random: Random) -> tuple[str, str]:
    """The ring in `text` with a new master key behind the others, and that one's id."""
    parse_ring(text)
    master = random(KEY_BYTES)
    lines = [*text.split(), base64.b64encode(master).decode()]
    return "\n".join(lines) + "\n", _id_of(master)


def without_master(text: str, key_id: str) -> str:
    """The ring in `text` without the master key `key_id`; the same when it is not in it."""
    parse_ring(text)
    lines = [word for word in text.split() if _id_of(base64.b64decode(word)) != key_id]
    return "\n".join(lines) + "\n"


def write_ring(path: Path, text: str, random: Random) -> None:
    """Puts the ring in `text` into the file `path`, for the owner alone: all of it or nothing."""
    draft = _draft(path, text, random)
    draft.replace(path)


def _read(path: Path) -> KeyRing:
    ring = parse_ring(path.read_text("ascii", errors="replace"))
    ring._again = lambda: _read(path)
    return ring


def _make(path: Path, random: Random) -> None:
    """A new ring. Of two processes that start together one makes it, and both read that one."""
    draft = _draft(path, base64.b64encode(random(KEY_BYTES)).decode() + "\n", random)
    try:
        path.hardlink_to(draft)
    except FileExistsError:
        return
    finally:
        draft.unlink()


def _draft(path: Path, text: str, random: Random) -> Path:
    draft = path.with_name(f"{path.name}.{random(8).hex()}.draft")
    handle = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    try:
        with os.fdopen(handle, "w", encoding="ascii") as file:
            file.write(text)
            file.flush()
            os.fsync(file.fileno())
    except BaseException:
        draft.unlink()
        raise
    return draft


def _derived(master: bytes, purpose: bytes) -> bytes:
    return HKDF(SHA256(), KEY_BYTES, salt=None, info=purpose).derive(master)


def _id_of(master: bytes) -> str:
    return "m" + hashlib.blake2b(master, digest_size=_ID_BYTES, person=b"agora master").hexdigest()
