"""The port to whatever wraps data keys: the key ring itself, a hardware module, or a key service.

The three do the same to a few bytes: encrypt them with associated data, and refuse to decrypt what was changed
(`cryptography`'s InvalidTag). Whoever has to ask over a wire is asked for many at a time.
"""

from __future__ import annotations

from collections.abc import Sequence
from itertools import groupby
from typing import TYPE_CHECKING, Protocol

from cryptography.hazmat.primitives.ciphers.aead import AESGCM

if TYPE_CHECKING:
    from agoranomos.vault.keys import KeyRing

Item = tuple[bytes, bytes, bytes]
"""Nonce of 12 bytes, used once under a key; what is encrypted or decrypted; associated data."""


class Wrapping(Protocol):
    """A key that never leaves where it lies."""

    def encrypt(self, items: Sequence[Item]) -> list[bytes]:
        """Each of `items` encrypted and authenticated, together with its associated data."""

    def decrypt(self, items: Sequence[Item]) -> list[bytes]:
        """Each of `items` again. Raises InvalidTag for what was changed or belongs to other associated data."""


class LocalWrapping:
    """A key in the memory of this process: AES-256-GCM (NIST SP 800-38D)."""

    def __init__(self, key: bytes) -> None:
        self._cipher = AESGCM(key)

    def encrypt(self, items: Sequence[Item]) -> list[bytes]:
        """See `Wrapping`."""
        return [self._cipher.encrypt(*item) for item in items]

    def decrypt(self, items: Sequence[Item]) -> list[bytes]:
        """See `Wrapping`."""
        return [self._cipher.decrypt(*item) for item in items]


def unwrapped(ring: KeyRing, wrapped: Sequence[tuple[str, bytes, bytes]], bound: Sequence[bytes]) -> list[bytes]:
    """What was wrapped (master key, nonce, bytes), in order; neighbours under one master key are asked for at once."""
    plain: list[bytes] = []
    together = zip(wrapped, bound, strict=True)
    for master_id, part in groupby(together, key=lambda pair: pair[0][0]):
        plain += ring.wrapping(master_id).decrypt([(each[1], each[2], about) for each, about in part])
    return plain
