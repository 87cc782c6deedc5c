"""From sealed rows to values, inside the process: one unwrapping for each data key, one opening for each value.

What is bound to a value (its token, and what it is kept for) is authenticated with it: a row whose columns were
changed, or that was moved under another token, does not open.
"""

from __future__ import annotations

from collections.abc import Sequence

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from agoranomos.kernel.errors import Conflict
from agoranomos.vault.keys import Vault
from agoranomos.vault.queries import DataKey, Sealed
from agoranomos.vault.wrapping import unwrapped


def opened(vault: Vault, rows: Sequence[Sealed]) -> list[str]:
    """The values under `rows`, in their order. Raises Conflict when one of them was tampered with."""
    ciphers = data_ciphers(vault, {row.subject: row.key for row in rows})
    try:
        return [
            ciphers[row.subject].decrypt(row.nonce, row.sealed, bound(row.token, row.kept_for)).decode(
                "utf-8", "surrogatepass"
            )
            for row in rows
        ]  # fmt: skip
    except InvalidTag as error:
        raise _tampered() from error


def data_ciphers(vault: Vault, keys: dict[str, DataKey]) -> dict[str, AESGCM]:
    """Subject → the cipher of the data key, for `keys` by subject. Raises Conflict for a key that was tampered with."""
    subjects = list(keys)
    wrapped = [(keys[subject].master_id, keys[subject].nonce, keys[subject].wrapped) for subject in subjects]
    try:
        plain = unwrapped(vault.keys, wrapped, [subject.encode() for subject in subjects])
    except InvalidTag as error:
        raise _tampered() from error
    return {subject: AESGCM(key) for subject, key in zip(subjects, plain, strict=True)}


def bound(token: str, kept_for: str | None) -> bytes:
    """What is authenticated with a value: its token, and what it is kept for (None: put away before that was said)."""
    return token.encode() if kept_for is None else f"{token}\0{kept_for}".encode()


def _tampered() -> Conflict:
    return Conflict("the value behind this token does not match its seal; restore the vault from a backup")
