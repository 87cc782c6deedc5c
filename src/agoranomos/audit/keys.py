"""Where the log's signing key is: in the environment, or in a file that only its owner can read."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Final

from agoranomos.audit.notes import ED25519, SEED_BYTES, NoteError, SigningKey
from agoranomos.kernel.errors import Conflict, Invalid
from agoranomos.kernel.files import make_once

FILE: Final = "audit.key"
NEXT: Final = "audit.key.next"
"""A new key, from before it is announced in the log until it has taken the place of the old one."""

Random = Callable[[int], bytes]
"""So many random bytes."""


def find(home: Path, given: str | None) -> SigningKey | None:
    """The signing key: `given` (AGORA_AUDIT_KEY), else the one in `home`. Raises Invalid when it cannot be read."""
    path = home / FILE
    if given is None and not path.exists():
        return None
    try:
        key = SigningKey.parse(given if given is not None else path.read_text("utf-8"))
    except (NoteError, OSError, UnicodeDecodeError) as error:
        raise Invalid(f"the signing key of the audit log cannot be read: {error}") from error
    if key.verifier.kind != ED25519:
        raise Invalid("the signing key of the audit log is a witness' key; a log has one of its own")
    return key


def find_or_make(home: Path, given: str | None, random: Random, origin: str | None = None) -> SigningKey:
    """The signing key, made in `home` when there is none yet; its name is the log's origin.

    Raises Conflict when there is one for another origin: the name of a log cannot change.
    """
    key = find(home, given)
    if key is None:
        # Two markets' logs must not be taken for each other, even when nobody gave them a name.
        made = SigningKey(_checked(origin or f"agoranomos.local/audit-{random(4).hex()}"), random(SEED_BYTES))
        make_once(home / FILE, made.secret() + "\n")
        key = find(home, given)
        assert key is not None, "the key was just written"
    if origin not in (None, key.name):
        raise Conflict(f"this log is called {key.name}; its name cannot change")
    return key


def make_next(home: Path, name: str, random: Random) -> SigningKey:
    """A new key in a file of its own; the one that an interrupted change has left, when there is one."""
    path = home / NEXT
    if not path.exists():
        make_once(path, SigningKey(name, random(SEED_BYTES)).secret() + "\n")
    return SigningKey.parse(path.read_text("utf-8"))


def settle(home: Path) -> None:
    """Puts the next key in the place of the old one, after the log has announced it."""
    (home / NEXT).replace(home / FILE)


def _checked(origin: str) -> str:
    try:
        SigningKey(origin, bytes(SEED_BYTES))
    except NoteError as error:
        raise Invalid(f"this cannot be the origin of a log: {error}") from error
    return origin
