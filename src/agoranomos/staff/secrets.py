"""Passwords, and the secrets that programs and browsers hold: only what cannot be turned back is kept of them."""

from __future__ import annotations

import hashlib
import hmac
from functools import cache
from typing import Final

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError

from agoranomos.kernel.errors import Invalid

PASSWORD_MIN: Final = 12
"""Characters. NIST SP 800-63B, section 5.1.1: length, no rules about kinds of characters; 8 is its least."""
PASSWORD_MAX: Final = 256
SECRET_BYTES: Final = 32
KEY_PREFIX: Final = "agora"
"""API keys read `agora_<id>_<secret>`, so that leak scanners can know them."""


@cache
def _hasher() -> PasswordHasher:
    # RFC 9106, section 4, the second recommended option: 64 MiB, three passes.
    return PasswordHasher(time_cost=3, memory_cost=64 * 1024, parallelism=1)


@cache
def _nobody() -> str:
    return _hasher().hash("the password of nobody")


def hash_password(password: str) -> str:
    """Argon2id of `password` (RFC 9106). Raises Invalid when it is too short or too long."""
    if not PASSWORD_MIN <= len(password) <= PASSWORD_MAX:
        reason = f"a password has {PASSWORD_MIN} to {PASSWORD_MAX} characters; a few words make a good one"
        raise Invalid(reason, pointer="/password")
    return _hasher().hash(password)


def is_password(password: str, hashed: str | None) -> bool:
    """Whether `password` is the one behind `hashed`; with None it takes as long and is False."""
    try:
        return _hasher().verify(hashed or _nobody(), password[:PASSWORD_MAX]) and hashed is not None
    except (VerificationError, InvalidHashError):
        return False


def digest(secret: str) -> str:
    """What is kept of a secret of SECRET_BYTES random bytes: it cannot be guessed, so a plain hash is enough."""
    return hashlib.sha256(secret.encode()).hexdigest()


def is_secret(secret: str, kept: str) -> bool:
    """Whether `kept` is the digest of `secret`, in constant time."""
    return hmac.compare_digest(digest(secret), kept)


def api_key(key_id: str, secret: str) -> str:
    """What a program sends."""
    return f"{KEY_PREFIX}_{key_id}_{secret}"


def split_api_key(text: str) -> tuple[str, str] | None:
    """(key id, secret) of what a program sent; None when it is no API key."""
    prefix, _, rest = text.partition("_")
    key_id, _, secret = rest.partition("_")
    return (key_id, secret) if prefix == KEY_PREFIX and key_id and secret else None
