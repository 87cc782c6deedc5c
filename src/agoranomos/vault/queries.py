"""All SQL that reads the vault."""

from __future__ import annotations

from collections.abc import Collection, Iterator
from datetime import datetime
from typing import Any

import msgspec
import sqlalchemy as sa

from agoranomos.kernel.dialects import among
from agoranomos.kernel.lists import Place, newest_first
from agoranomos.vault.tables import vault_keys, vault_reveals, vault_values

_ASKED_MAX = 5_000
_values, _keys = vault_values.c, vault_keys.c


class DataKey(msgspec.Struct, frozen=True):
    """A subject's data key, wrapped with the master key `master_id`."""

    master_id: str
    nonce: bytes
    wrapped: bytes


class Sealed(msgspec.Struct, frozen=True):
    """A value under seal, with the key that opens it."""

    token: str
    subject: str
    nonce: bytes
    sealed: bytes
    kept_for: str | None
    key: DataKey


class Reveal(msgspec.Struct, frozen=True, kw_only=True):
    """That somebody read the value behind a token: `permit_id` is None for the system itself."""

    token: str
    at: datetime
    actor: str
    purpose: str
    permit_id: str | None


_SEALED: sa.Select[Any] = sa.select(
    *_values["token", "subject", "nonce", "sealed", "kept_for"], *_keys["master_id", "nonce", "wrapped"]
).join_from(vault_values, vault_keys)


def kept(connection: sa.Connection, subjects: Collection[str]) -> Iterator[tuple[str, str]]:
    """(token, subject) of all values of `subjects`."""
    query = sa.select(_values.token, _values.subject).where(among(_values.subject, "subjects"))
    for part in _parts(subjects):
        for row in connection.execute(query, {"subjects": part}):
            yield row[0], row[1]


def data_keys(connection: sa.Connection, subjects: Collection[str]) -> dict[str, DataKey]:
    """The data keys of those `subjects` that have one."""
    query: sa.Select[Any] = sa.select(*_keys["subject", "master_id", "nonce", "wrapped"])
    found = {}
    for part in _parts(subjects):
        for subject, *key in connection.execute(query.where(among(_keys.subject, "subjects")), {"subjects": part}):
            found[subject] = DataKey(*key)
    return found


def find(connection: sa.Connection, token: str) -> Sealed | None:
    """The value behind `token`; of several subjects the first by name."""
    row = connection.execute(_SEALED.where(_values.token == token).order_by(_values.subject).limit(1)).one_or_none()
    return None if row is None else _sealed(row)


def sealed_of(connection: sa.Connection, subjects: Collection[str]) -> Iterator[Sealed]:
    """All values of `subjects`, in the order of subjects and tokens."""
    query = _SEALED.where(among(_values.subject, "subjects")).order_by(_values.subject, _values.token)
    for part in _parts(subjects):
        yield from map(_sealed, connection.execute(query, {"subjects": part}))


def subjects_of(connection: sa.Connection, token: str, *, limit: int) -> list[str]:
    """Whom a value is about, by its token: at most `limit`, in the order of names."""
    query = sa.select(_values.subject).where(_values.token == token).order_by(_values.subject).limit(limit)
    return list(connection.execute(query).scalars())


def reveals(connection: sa.Connection, *, after: Place | None, limit: int) -> list[Reveal]:
    """Who read what, newest first, behind `after`."""
    table = vault_reveals
    query = newest_first(sa.select(table), table.c.at, table.c.token, after=after, limit=limit)
    return [
        Reveal(token=row.token, at=row.at, actor=row.actor, purpose=row.purpose, permit_id=row.permit_id)
        for row in connection.execute(query)
    ]


def _sealed(row: Any) -> Sealed:
    return Sealed(row[0], row[1], row[2], row[3], row[4], DataKey(row[5], row[6], row[7]))


def _parts(names: Collection[str]) -> Iterator[list[str]]:
    ordered = sorted(names)
    for start in range(0, len(ordered), _ASKED_MAX):
        yield ordered[start : start + _ASKED_MAX]
