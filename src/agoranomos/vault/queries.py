"""All SQL that reads the vault."""

from __future__ import annotations

from collections.abc import Collection, Iterator

import msgspec
import sqlalchemy as sa

from agoranomos.vault.tables import vault_keys, vault_values

_ASKED_MAX = 5_000


class DataKey(msgspec.Struct, frozen=True):
    """A subject's data key, wrapped with the master key `master_id`."""

    master_id: str
    nonce: bytes
    wrapped: bytes


class Sealed(msgspec.Struct, frozen=True):
    """A value under seal, with the key that opens it."""

    subject: str
    nonce: bytes
    sealed: bytes
    key: DataKey


def kept(connection: sa.Connection, subjects: Collection[str]) -> Iterator[tuple[str, str]]:
    """(token, subject) of all values of `subjects`."""
    table = vault_values
    for part in _parts(subjects):
        query = sa.select(table.c.token, table.c.subject).where(table.c.subject.in_(part))
        for row in connection.execute(query):
            yield row[0], row[1]


def data_keys(connection: sa.Connection, subjects: Collection[str]) -> dict[str, DataKey]:
    """The data keys of those `subjects` that have one."""
    table = vault_keys
    found = {}
    for part in _parts(subjects):
        query = sa.select(table.c.subject, table.c.master_id, table.c.nonce, table.c.wrapped)
        for subject, *key in connection.execute(query.where(table.c.subject.in_(part))):
            found[subject] = DataKey(*key)
    return found


def find(connection: sa.Connection, token: str) -> Sealed | None:
    """The value behind `token`; of several subjects the first by name."""
    values, keys = vault_values, vault_keys
    query = (
        sa.select(values.c.subject, values.c.nonce, values.c.sealed, keys.c.master_id, keys.c.nonce, keys.c.wrapped)
        .join_from(values, keys)
        .where(values.c.token == token)
        .order_by(values.c.subject)
        .limit(1)
    )
    row = connection.execute(query).one_or_none()
    return None if row is None else Sealed(row[0], row[1], row[2], DataKey(*row[3:]))


def _parts(names: Collection[str]) -> Iterator[list[str]]:
    ordered = sorted(names)
    for start in range(0, len(ordered), _ASKED_MAX):
        yield ordered[start : start + _ASKED_MAX]
