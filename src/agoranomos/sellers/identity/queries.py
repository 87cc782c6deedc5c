"""All SQL about applications."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import Any, Final

import msgspec
import sqlalchemy as sa

from agoranomos.kernel.dialects import insert_ignore, upsert
from agoranomos.sellers.identity.book import Kept, parts
from agoranomos.sellers.identity.facts import Verdict
from agoranomos.sellers.identity.tables import identity_checks, identity_parts, identity_photos, identity_verdicts
from agoranomos.sellers.identity.telling import Told

CANDIDATES_MAX: Final = 5_000
"""Photos that are compared in full: where more share a part, it is one that a layout has and not a photo."""


class StoreBook:
    """See `book.PhotoBook`; in the store, by an open connection."""

    def __init__(self, connection: sa.Connection, now: datetime) -> None:
        self._connection = connection
        self._now = now

    def like(self, photos: Sequence[Kept]) -> Iterable[Kept]:
        """See `PhotoBook`."""
        table = identity_photos.c
        found = self._by_parts({part for photo in photos for part in parts(photo.print, all_ways=True)})
        for column, values in (
            (table.content, {photo.content for photo in photos if photo.content}),
            (table.phash, {photo.phash for photo in photos if photo.phash}),
        ):
            if values:
                query = sa.select(identity_photos).where(column.in_(sorted(values)))
                found |= {(kept.application_id, kept.role): kept for kept in self._kept(query)}
        return found.values()

    def keep(self, photos: Sequence[Kept]) -> None:
        """See `PhotoBook`."""
        if not photos:
            return
        rows = [{**msgspec.structs.asdict(photo), "kept_at": self._now} for photo in photos]
        upsert(self._connection, identity_photos, rows, ["application_id", "role"])
        table = identity_parts.c
        for photo in photos:
            of_photo = (table.application_id == photo.application_id, table.role == photo.role)
            self._connection.execute(sa.delete(identity_parts).where(*of_photo))
        new = [
            {"part": part, "application_id": photo.application_id, "role": photo.role}
            for photo in photos
            for part in parts(photo.print)
        ]
        insert_ignore(self._connection, identity_parts, new)

    def _by_parts(self, wanted: set[int]) -> dict[tuple[str, str], Kept]:
        if not wanted:
            return {}
        table, part = identity_photos.c, identity_parts.c
        query = (
            sa.select(identity_photos)
            .join(identity_parts, sa.and_(table.application_id == part.application_id, table.role == part.role))
            .where(part.part.in_(sorted(wanted)))
            .limit(CANDIDATES_MAX)
        )
        return {(kept.application_id, kept.role): kept for kept in self._kept(query)}

    def _kept(self, query: sa.Select[Any]) -> Iterable[Kept]:
        for row in self._connection.execute(query.limit(CANDIDATES_MAX)).mappings():
            yield msgspec.convert({name: row[name] for name in Kept.__struct_fields__}, Kept)


class Check(msgspec.Struct, frozen=True):
    """A check that was answered."""

    decision_id: str
    application_id: str
    idempotency_key: str | None
    body_digest: str
    told: tuple[Told, ...]
    at: datetime


def add_check(connection: sa.Connection, check: Check) -> bool:
    """Keeps `check`; False when its decision or key is taken already."""
    return insert_ignore(connection, identity_checks, [msgspec.structs.asdict(check)]) == 1


def check_by_key(connection: sa.Connection, idempotency_key: str) -> Check | None:
    """The check that was answered under this key, if any."""
    return _check(connection, identity_checks.c.idempotency_key == idempotency_key)


def check_of(connection: sa.Connection, decision_id: str) -> Check | None:
    """The check that led to this decision, if one was asked for."""
    return _check(connection, identity_checks.c.decision_id == decision_id)


def _check(connection: sa.Connection, condition: sa.ColumnElement[bool]) -> Check | None:
    row = connection.execute(sa.select(identity_checks).where(condition)).mappings().one_or_none()
    return None if row is None else msgspec.convert({str(name): value for name, value in row.items()}, Check)


def keep_verdict(
    connection: sa.Connection, application_id: str, about: str, verdict: Verdict, *, now: datetime
) -> None:
    """Keeps what a provider said; the latest word stands."""
    row = {"application_id": application_id, "about": about, "verdict": verdict, "asked_at": now}
    upsert(connection, identity_verdicts, [row], ["application_id", "about"])


def verdict_of(connection: sa.Connection, application_id: str, about: str) -> Verdict | None:
    """What a provider said of these photos and numbers, if it was asked."""
    table = identity_verdicts.c
    query = sa.select(table.verdict).where(table.application_id == application_id, table.about == about)
    found = connection.execute(query).scalar_one_or_none()
    return None if found is None else msgspec.convert(found, Verdict)
