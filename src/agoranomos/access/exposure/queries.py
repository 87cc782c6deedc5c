"""All SQL about exposure."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from typing import Any

import msgspec
import sqlalchemy as sa

from agoranomos.access.exposure.model import DAYS, HOURS, Reader, Seen
from agoranomos.access.exposure.tables import (
    access_business,
    access_checks,
    access_orders,
    access_readers,
    access_seen,
)
from agoranomos.kernel.dialect_lists import upsert_lists
from agoranomos.kernel.dialects import among, insert_ignore, upsert
from agoranomos.kernel.errors import NotFound
from agoranomos.kernel.ids import is_id
from agoranomos.kernel.prepared import Prepared

_PRUNED_AT_ONCE = 5_000


class StoreShelf:
    """See `shelf.Shelf`. A reader's row is locked from its first reading to the end of the transaction."""

    def __init__(self, connection: sa.Connection) -> None:
        self._connection = connection

    def reader(self, principal_id: str) -> Reader | None:
        """See `shelf.Shelf`; one that is not known yet is entered, so that two at once wait for each other."""
        wanted = {"wanted": principal_id}
        row = _LOCKED.run(self._connection, wanted).first()
        if row is None:
            insert_ignore(self._connection, access_readers, [{"principal_id": principal_id, "document": {}}])
            row = _LOCKED.run(self._connection, wanted).one()
        return None if row[0] == _ENTERED else _FROM_JSON.decode(row[0])

    def put_reader(self, principal_id: str, reader: Reader) -> None:
        """See `shelf.Shelf`."""
        row = {"principal_id": principal_id, "document": msgspec.to_builtins(reader, str_keys=True)}
        upsert(self._connection, access_readers, [row], ["principal_id"])

    def seen(self, principal_id: str, subject_ids: Collection[str]) -> Mapping[str, Seen]:
        """See `shelf.Shelf`."""
        if not subject_ids:
            return {}
        rows = _SEEN.run(self._connection, {"who": principal_id, "subjects": list(subject_ids)})
        return {row[0]: Seen(row[1], bool(row[2])) for row in rows}

    def put_seen(self, principal_id: str, seen: Mapping[str, Seen]) -> None:
        """See `shelf.Shelf`."""
        subjects = sorted(seen)
        told: dict[str, list[Any]] = {
            "subject_id": subjects, "hour": [seen[each].hour for each in subjects],
            "stranger": [seen[each].stranger for each in subjects],
        }  # fmt: skip
        same = {"principal_id": principal_id}
        upsert_lists(self._connection, access_seen, same, told, ["principal_id", "subject_id"])

    def customers(self, owners: Collection[str], subject_ids: Collection[str], since: int) -> set[str]:
        """See `shelf.Shelf`."""
        if not owners or not subject_ids:
            return set()
        asked = {"owners": list(owners), "subjects": list(subject_ids), "since": since}
        return {row[0] for row in _CUSTOMERS.run(self._connection, asked)}

    def put_business(self, owner_id: str, subject_id: str, day: int) -> None:
        """See `shelf.Shelf`."""
        row = {"subject_id": subject_id, "owner_id": owner_id, "day": day}
        if not insert_ignore(self._connection, access_business, [row]):
            self._connection.execute(_LATER, {"subject": subject_id, "owner": owner_id, "then": day})

    def knows_business(self) -> bool:
        """See `shelf.Shelf`."""
        return self._connection.execute(_ANY_BUSINESS).first() is not None

    def buyer_of(self, order_id: str) -> str | None:
        """See `shelf.Shelf`."""
        found = sa.select(access_orders.c.buyer_id).where(access_orders.c.order_id == order_id)
        buyer_id: str | None = self._connection.execute(found).scalar_one_or_none()
        return buyer_id

    def put_order(self, order_id: str, buyer_id: str, day: int) -> None:
        """See `shelf.Shelf`."""
        insert_ignore(self._connection, access_orders, [{"order_id": order_id, "buyer_id": buyer_id, "day": day}])


_READER = sa.select(access_readers.c.document).where(access_readers.c.principal_id == sa.bindparam("wanted"))
_LOCKED = Prepared(_READER.with_for_update(), ("wanted",))
_ENTERED = "{}"
_FROM_JSON = msgspec.json.Decoder(Reader, strict=False)
_SEEN = Prepared(
    sa.select(access_seen.c.subject_id, access_seen.c.hour, access_seen.c.stranger).where(
        access_seen.c.principal_id == sa.bindparam("who", type_=sa.Text), among(access_seen.c.subject_id, "subjects")
    ),
    ("who", "subjects"),
)
_CUSTOMERS = Prepared(
    sa.select(access_business.c.subject_id)
    .where(
        among(access_business.c.subject_id, "subjects"),
        among(access_business.c.owner_id, "owners"),
        access_business.c.day >= sa.bindparam("since"),
    )
    .distinct(),
    ("owners", "subjects", "since"),
)
_LATER = (
    sa.update(access_business)
    .where(
        access_business.c.subject_id == sa.bindparam("subject"),
        access_business.c.owner_id == sa.bindparam("owner"),
        access_business.c.day < sa.bindparam("then"),
    )
    .values(day=sa.bindparam("then"))
)
_ANY_BUSINESS = sa.select(access_business.c.day).limit(1)
_ANSWERED = Prepared(
    sa.select(access_checks.c.digest, access_checks.c.decision_id).where(
        access_checks.c.idempotency_key == sa.bindparam("key", type_=sa.Text)
    ),
    ("key",),
)


def get(connection: sa.Connection, principal_id: str) -> Reader:
    """What is known of a reader. Raises NotFound."""
    row = connection.execute(_READER, {"wanted": principal_id}).first() if is_id(principal_id) else None
    if row is None or row.document == {}:
        raise NotFound("no reader with this id has read anything; ids are those of data.read")
    return msgspec.convert(row.document, Reader, strict=False)


def listed(connection: sa.Connection, *, after: str = "", limit: int = 100) -> list[tuple[str, Reader]]:
    """Readers in the order of ids, behind `after`."""
    table = access_readers
    query = sa.select(table).where(table.c.principal_id > after).order_by(table.c.principal_id).limit(limit)
    return [
        (row.principal_id, msgspec.convert(row.document, Reader, strict=False)) for row in connection.execute(query)
    ]


def answered(connection: sa.Connection, key: str) -> tuple[str, str] | None:
    """(digest, decision id) of the request with this idempotency key."""
    row = _ANSWERED.run(connection, {"key": key}).first()
    return None if row is None else (row[0], row[1])


def prune(connection: sa.Connection, today: int, business_days: int) -> bool:
    """Forgets some of what no window reaches; whether that was all."""
    done = True
    for table, column, oldest in (
        (access_seen, access_seen.c.hour, (today - DAYS + 1) * HOURS),
        (access_business, access_business.c.day, today - business_days),
        (access_orders, access_orders.c.day, today - business_days),
        (access_checks, access_checks.c.day, today - DAYS),
    ):
        keys: list[sa.Column[Any]] = list(table.primary_key.columns)
        old = sa.select(*keys).where(column < oldest).limit(_PRUNED_AT_ONCE)
        deleted = connection.execute(sa.delete(table).where(sa.tuple_(*keys).in_(old))).rowcount
        done = done and deleted < _PRUNED_AT_ONCE
    return done
