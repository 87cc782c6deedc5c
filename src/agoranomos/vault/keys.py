"""The keys of the vault: what they are derived from, where they lie, and that they are made once.

A key ring is a list of master keys, one per line: 32 random bytes in Base64, or the name of a key that lies elsewhere
(`pkcs11:LABEL` in a hardware module, `transit:NAME` in a key service). The first one makes the tokens, so it stays as
long as they are in use, and is one of bytes: a hundred thousand tokens a second are made in memory or not at all. The
last one wraps new data keys; those between only open what they have wrapped.
"""

from __future__ import annotations

import base64
import hashlib
import hmac
import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from typing import Final

from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

from agoranomos.kernel.errors import Invalid
from agoranomos.kernel.files import make_once
from agoranomos.vault.wrapping import LocalWrapping, Wrapping

KEY_BYTES: Final = 32
NONCE_BYTES: Final = 12  # NIST SP 800-38D, section 8.2: what AES-GCM takes without hashing it first
_ID_BYTES: Final = 4

Random = Callable[[int], bytes]
"""So many unpredictable bytes; `os.urandom` outside of tests."""
Reach = Callable[[str], Wrapping]
"""From the name of a key that lies elsewhere, such as `pkcs11:LABEL`, to that key; asked when it is first needed."""
_ELSEWHERE = re.compile(r"(?:pkcs11|transit):[A-Za-z0-9._-]{1,64}")
_WHAT_IT_HOLDS: Final = (
    "a key ring holds master keys of 32 bytes, one per line in Base64, the first of them so; later lines may name "
    "keys elsewhere: pkcs11:LABEL or transit:NAME"
)


def nowhere(reference: str) -> Wrapping:
    """Reaches no key: for who only makes tokens, and where nothing was set."""
    kind = reference.partition(":")[0]
    setting = "AGORA_VAULT_PKCS11" if kind == "pkcs11" else "AGORA_VAULT_TRANSIT"
    raise Invalid(f"the key ring names {reference}, and nothing says how to reach it: set {setting}")


class Elsewhere:
    """A master key that this process can ask and never sees."""

    def __init__(self, reference: str, reach: Reach) -> None:
        self.reference = reference
        self._reach = reach

    @cached_property
    def wrapping(self) -> Wrapping:
        """The key, reached for the first time."""
        return self._reach(self.reference)


def is_elsewhere(word: str) -> bool:
    """Whether a line of a ring names a key that lies elsewhere."""
    return _ELSEWHERE.fullmatch(word) is not None


class KeyRing:
    """What the master keys are used for; each use has a key of its own (HKDF, RFC 5869).

    `again` reads the ring anew: a key that another process has added is known as soon as it is needed.
    """

    def __init__(self, masters: Sequence[bytes | Elsewhere], again: Callable[[], KeyRing] | None = None) -> None:
        first = masters[0] if masters else b""
        if isinstance(first, Elsewhere) or any(isinstance(m, bytes) and len(m) != KEY_BYTES for m in (first, *masters)):
            raise Invalid(_WHAT_IT_HOLDS)
        self._index = _derived(first, b"agoranomos vault blind index")
        self._wrapping: dict[str, Wrapping | Elsewhere] = {
            _id_of(master): master
            if isinstance(master, Elsewhere)
            else LocalWrapping(_derived(master, b"agoranomos vault wrapping"))
            for master in masters
        }
        self._again = again
        self.ids = tuple(self._wrapping)
        self.current = _id_of(masters[-1])

    def __repr__(self) -> str:
        return f"KeyRing({len(self._wrapping)} keys)"

    def digest(self, message: bytes) -> bytes:
        """HMAC-SHA256 of `message`: equal messages give equal digests, and nobody without the key can guess them."""
        return hmac.digest(self._index, message, "sha256")

    def wrapping(self, key_id: str) -> Wrapping:
        """What wraps data keys. Raises Invalid when the ring has no such key, or it cannot be reached."""
        if key_id not in self._wrapping:
            self.renew()
        found = self._wrapping.get(key_id)
        if found is None:
            raise Invalid(f"the key ring has no master key {key_id}; add the one that this store was filled with")
        return found.wrapping if isinstance(found, Elsewhere) else found

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


def parse_ring(text: str, reach: Reach = nowhere) -> KeyRing:
    """The ring in `text`: master keys, apart by white space. Raises Invalid, which quotes nothing."""
    return KeyRing([_master(word, reach) for word in text.split()])


def _master(word: str, reach: Reach) -> bytes | Elsewhere:
    if is_elsewhere(word):
        return Elsewhere(word, reach)
    try:
        return base64.b64decode(word, validate=True)
    except ValueError as error:
        raise Invalid(_WHAT_IT_HOLDS) from error


def kept_ring(path: Path, random: Random, reach: Reach = nowhere) -> KeyRing:
    """The ring in the file `path`, for the owner alone; made with one key when there is none."""
    if not path.exists():
        make_once(path, base64.b64encode(random(KEY_BYTES)).decode() + "\n")
    return _read(path, reach)


def published_ring() -> KeyRing:
    """A ring that everybody can make: its tokens are the same everywhere and protect nobody against guesses."""
    return KeyRing([hashlib.sha256(b"agoranomos: tokens where there is no vault").digest()])


def add_master(text: str, random: Random, reference: str | None = None) -> tuple[str, str]:
    """The ring in `text` with a new master key behind the others, or with that which `reference` names, and its id.

    Raises Invalid for what names no key, or one that is in the ring.
    """
    ring = parse_ring(text)
    if reference is not None and not is_elsewhere(reference):
        raise Invalid("a key elsewhere is named pkcs11:LABEL or transit:NAME, of letters, digits and . _ -")
    master = random(KEY_BYTES) if reference is None else Elsewhere(reference, nowhere)
    key_id = _id_of(master)
    if key_id in ring.ids:
        raise Invalid("this key is in the ring already; make another one where it lies, under another name")
    lines = [*text.split(), reference or base64.b64encode(master).decode()]  # type: ignore[arg-type] # bytes, then
    return "\n".join(lines) + "\n", key_id


def without_master(text: str, key_id: str) -> str:
    """The ring in `text` without the master key `key_id`; the same when it is not in it."""
    parse_ring(text)
    lines = [word for word in text.split() if _id_of(_master(word, nowhere)) != key_id]
    return "\n".join(lines) + "\n"


def _read(path: Path, reach: Reach) -> KeyRing:
    ring = parse_ring(path.read_text("ascii", errors="replace"), reach)
    ring._again = lambda: _read(path, reach)
    return ring


def _derived(master: bytes, purpose: bytes) -> bytes:
    return HKDF(SHA256(), KEY_BYTES, salt=None, info=purpose).derive(master)


def _id_of(master: bytes | Elsewhere) -> str:
    named = master.reference.encode() if isinstance(master, Elsewhere) else master
    return "m" + hashlib.blake2b(named, digest_size=_ID_BYTES, person=b"agora master").hexdigest()
