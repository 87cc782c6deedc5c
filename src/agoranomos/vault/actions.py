"""The verbs of the vault, given an open transaction: put personal data away, and read it back inside the process.

People read under a permit (`revealing`); here is what the system itself does. Both leave a trace first.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from itertools import groupby
from typing import Any, Final

import sqlalchemy as sa
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from agoranomos.audit.actions import record_all
from agoranomos.audit.model import Entry, Param
from agoranomos.kernel.actors import Actor
from agoranomos.kernel.dialects import insert_ignore
from agoranomos.kernel.errors import Invalid, NotFound
from agoranomos.kernel.ids import derived, is_id
from agoranomos.vault import queries
from agoranomos.vault.keys import KEY_BYTES, NONCE_BYTES, Vault
from agoranomos.vault.masters import use_current
from agoranomos.vault.opening import bound, data_ciphers, opened
from agoranomos.vault.queries import Sealed
from agoranomos.vault.subjects import audit_id
from agoranomos.vault.tables import vault_keys, vault_reveals, vault_values
from agoranomos.vault.tokens import KEPT_FOR, Kind, Personal, kind_of, token_of

REVEAL: Final = "vault.reveal"
_CODE: Final = re.compile(r"[a-z][a-z0-9_.:-]{0,127}")


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
        {"token": each.token, "subject": each.subject, "kept_at": now, "kept_for": KEPT_FOR[kind_of(each.token)]}
        | _sealed(vault, ciphers[each.subject], each)
        for _, each in sorted(by_key.items())  # in one order everywhere: two writers never wait for each other
    ]
    insert_ignore(connection, vault_values, rows)


def reveal(connection: sa.Connection, vault: Vault, token: str, *, purpose: str, actor: Actor, now: datetime) -> str:
    """The value behind `token`, for use inside the process; that `actor` read it is recorded in the same transaction.

    Raises NotFound for a token without a value (unknown, or erased), Invalid without a purpose, Conflict when what is
    kept was tampered with.
    """
    found = queries.find(connection, token) if is_id(token) else None
    if found is None:
        raise NotFound("there is no value behind this token; it is unknown, or was erased")
    return read(connection, vault, [found], purpose=purpose, actor=actor, now=now)[0]


def read_all(
    connection: sa.Connection, vault: Vault, subjects: Iterable[str], *, kinds: Iterable[Kind], purpose: str,
    actor: Actor, now: datetime,
) -> list[tuple[Sealed, str]]:  # fmt: skip
    """The values of `subjects` (`seller:s-1`) that are of `kinds`, each with its row, for use inside the process: such
    as a referral to the authorities, which other people have agreed to. Recorded as `reveal` is.
    """
    wanted = frozenset(kinds)
    rows = [row for row in queries.sealed_of(connection, frozenset(subjects)) if kind_of(row.token) in wanted]
    return list(zip(rows, read(connection, vault, rows, purpose=purpose, actor=actor, now=now), strict=True))


def read(
    connection: sa.Connection, vault: Vault, rows: Sequence[Sealed], *, purpose: str, actor: Actor, now: datetime,
    permit_id: str | None = None, params: Mapping[str, Param] | None = None,
) -> list[str]:  # fmt: skip
    """The values under `rows`, in the order of their subjects. Who reads them is recorded before one is opened: an
    entry for each subject, with the tokens; what cannot be recorded is not read. `params` go into the entries.
    """
    if not purpose.strip():
        raise Invalid("say what the value is needed for", pointer="/purpose")
    told = {"token": "", "at": now, "actor": str(actor), "purpose": purpose, "permit_id": permit_id}
    insert_ignore(connection, vault_reveals, [told | {"token": row.token} for row in rows])
    # A purpose in words could be about a person; whoever has the table can hold it against the id.
    said = {"purpose": purpose if _CODE.fullmatch(purpose) else derived("pu", purpose), **(params or {})}
    by_subject = groupby(rows, key=lambda row: row.subject)
    record_all(
        connection,
        [
            Entry(
                at=now, actor=actor, verb=REVEAL, subject_kind="vault_subject", subject_id=audit_id(subject),
                params={**said, "tokens": tuple(row.token for row in part)},
            )
            for subject, part in by_subject
        ],
    )  # fmt: skip
    return opened(vault, rows)


def _ciphers(connection: sa.Connection, vault: Vault, subjects: Sequence[str], now: datetime) -> dict[str, AESGCM]:
    """The data key of each subject, ready to seal with."""
    known = queries.data_keys(connection, subjects)
    missing = [subject for subject in subjects if subject not in known]
    if missing:
        master_id = use_current(connection, vault, now)
        insert_ignore(connection, vault_keys, _new_keys(vault, master_id, missing, now))
        known |= queries.data_keys(connection, missing)  # of two who made one, one was kept
    return data_ciphers(vault, known)


def _new_keys(vault: Vault, master_id: str, subjects: Sequence[str], now: datetime) -> list[Mapping[str, Any]]:
    nonces = [vault.random(NONCE_BYTES) for _ in subjects]
    items = [
        (nonce, vault.random(KEY_BYTES), subject.encode()) for nonce, subject in zip(nonces, subjects, strict=True)
    ]
    wrapped = vault.keys.wrapping(master_id).encrypt(items)
    return [
        {"subject": subject, "master_id": master_id, "nonce": nonce, "wrapped": each, "made_at": now}
        for subject, nonce, each in zip(subjects, nonces, wrapped, strict=True)
    ]


def _sealed(vault: Vault, cipher: AESGCM, value: Personal) -> dict[str, bytes]:
    nonce = vault.random(NONCE_BYTES)
    plain = value.value.encode("utf-8", "surrogatepass")
    return {"nonce": nonce, "sealed": cipher.encrypt(nonce, plain, bound(value.token, KEPT_FOR[kind_of(value.token)]))}
