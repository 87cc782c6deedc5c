"""The verbs of the vault, given an open transaction: put personal data away, and read it back for a purpose."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

import sqlalchemy as sa
from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from agoranomos.kernel.actors import Actor
from agoranomos.kernel.dialects import insert_ignore
from agoranomos.kernel.errors import Conflict, Invalid, NotFound
from agoranomos.kernel.ids import is_id
from agoranomos.vault import queries
from agoranomos.vault.keys import KEY_BYTES, NONCE_BYTES, Vault
from agoranomos.vault.masters import use_current
from agoranomos.vault.tables import vault_keys, vault_reveals, vault_values
from agoranomos.vault.tokens import Kind, Personal, token_of


def tokenise(connection: sa.Connection, vault: Vault, kind: Kind, value: str, *, subject: str, now: datetime) -> str:
    """Puts `value` away and returns its token, the same for each spelling of it and for each subject."""
    token = token_of(vault.keys, kind, value)
    keep(connection, vault, [Personal(token, subject, value)], now=now)
    return token


def keep(connection: sa.Connection, vault: Vault, values: Sequence[Personal], *, now: datetime) -> None:
    """Seals `values` under their subjects' keys, which are made where they are missing.

    The first spelling of a value is the one that is kept.
    """
    by_key = {(each.token, each.subject): each for each in reversed(values)}
    for known in queries.kept(connection, {subject for _, subject in by_key}):
        by_key.pop(known, None)
    if not by_key:
        return
    ciphers = _ciphers(connection, vault, sorted({subject for _, subject in by_key}), now)
    rows = [
        {"token": each.token, "subject": each.subject, "kept_at": now}
        | _sealed(vault, ciphers[each.subject], each.value.encode("utf-8", "surrogatepass"), each.token)
        for _, each in sorted(by_key.items())  # in one order everywhere: two writers never wait for each other
    ]
    insert_ignore(connection, vault_values, rows)


def reveal(connection: sa.Connection, vault: Vault, token: str, *, purpose: str, actor: Actor, now: datetime) -> str:
    """The value behind `token`; that `actor` read it for `purpose` is written down in the same transaction.

    For use inside the process only. Raises NotFound for a token without a value (unknown, or erased), Invalid
    without a purpose, Conflict when what is kept was tampered with.
    """
    if not purpose.strip():
        raise Invalid("say what the value is needed for", pointer="/purpose")
    found = queries.find(connection, token) if is_id(token) else None
    if found is None:
        raise NotFound("there is no value behind this token; it is unknown, or was erased")
    insert_ignore(connection, vault_reveals, [{"token": token, "at": now, "actor": str(actor), "purpose": purpose}])
    try:
        cipher = _unwrapped(vault, found.subject, found.key)
        return cipher.decrypt(found.nonce, found.sealed, token.encode()).decode("utf-8", "surrogatepass")
    except InvalidTag as error:
        raise Conflict(
            "the value behind this token does not match its seal; restore the vault from a backup"
        ) from error


def _ciphers(connection: sa.Connection, vault: Vault, subjects: Sequence[str], now: datetime) -> dict[str, AESGCM]:
    """The data key of each subject, ready to seal with."""
    known = queries.data_keys(connection, subjects)
    missing = [subject for subject in subjects if subject not in known]
    if missing:
        master_id = use_current(connection, vault, now)
        insert_ignore(connection, vault_keys, [_new_key(vault, master_id, subject, now) for subject in missing])
        known |= queries.data_keys(connection, missing)  # of two who made one, one was kept
    return {subject: _unwrapped(vault, subject, key) for subject, key in known.items()}


def _new_key(vault: Vault, master_id: str, subject: str, now: datetime) -> Mapping[str, Any]:
    nonce = vault.random(NONCE_BYTES)
    wrapped = vault.keys.wrapping(master_id).encrypt(nonce, vault.random(KEY_BYTES), subject.encode())
    return {
        "subject": subject,
        "master_id": master_id,
        "nonce": nonce,
        "wrapped": wrapped,
        "made_at": now,
    }


def _unwrapped(vault: Vault, subject: str, key: queries.DataKey) -> AESGCM:
    return AESGCM(vault.keys.wrapping(key.master_id).decrypt(key.nonce, key.wrapped, subject.encode()))


def _sealed(vault: Vault, cipher: AESGCM, value: bytes, token: str) -> dict[str, bytes]:
    nonce = vault.random(NONCE_BYTES)
    return {"nonce": nonce, "sealed": cipher.encrypt(nonce, value, token.encode())}
