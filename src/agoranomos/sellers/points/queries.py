"""All SQL of points: lists for people, and the cabinet that the rules look into."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from typing import Any

import msgspec
import sqlalchemy as sa

from agoranomos.kernel.dialects import insert_ignore, upsert
from agoranomos.kernel.errors import NotFound
from agoranomos.kernel.ids import is_id
from agoranomos.sellers.points.cabinet import Sheet
from agoranomos.sellers.points.model import Decided
from agoranomos.sellers.points.tables import points_cases, points_sheets, points_stores, points_waiting

_S = points_sheets.c
StoreOf = Callable[[sa.Connection, str], str | None]
"""The store that offers a listing, as far as another desk knows."""


class Offender(msgspec.Struct, frozen=True, kw_only=True):
    """A seller in a list: the points in force, the offences that stand, and whether they close the stores."""

    seller_id: str
    points: int
    offences: int
    closed: bool


def sheet(connection: sa.Connection, seller_id: str) -> Sheet:
    """All that is kept of a seller; nothing of one who has no offence. Raises NotFound for what is no id."""
    if not is_id(seller_id):
        raise NotFound("there is no seller with this id")
    return StoreCabinet(connection).sheet(seller_id) or Sheet(seller_id=seller_id)


def listed(connection: sa.Connection, *, points_min: int, after: tuple[int, str] | None, limit: int) -> list[Offender]:
    """Sellers with at least so many points, most first; at most `limit` behind `after` (points, seller)."""
    query = sa.select(_S.seller_id, _S.points, _S.offences, _S.closed).where(_S.points >= points_min, _S.offences > 0)
    if after is not None:
        points, seller_id = after
        same = sa.and_(_S.points == points, _S.seller_id > seller_id)
        query = query.where(sa.or_(_S.points < points, same))
    rows = connection.execute(query.order_by(_S.points.desc(), _S.seller_id).limit(limit))
    return [Offender(**row._mapping) for row in rows]


def offenders(connection: sa.Connection) -> list[str]:
    """The sellers against whom a case stands, as last looked at, in the order of their ids."""
    query = sa.select(_S.seller_id).where(_S.offences > 0).order_by(_S.seller_id)
    return list(connection.execute(query).scalars())


def seller_of_store(connection: sa.Connection, store_id: str) -> str | None:
    """Who holds a store, as far as it was told."""
    return StoreCabinet(connection).seller_of_store(store_id)


def stores_of_seller(connection: sa.Connection, seller_id: str) -> list[str]:
    """The stores that somebody holds, as far as it was told, in the order of their ids."""
    table = points_stores.c
    query = sa.select(table.store_id).where(table.seller_id == seller_id).order_by(table.store_id)
    return list(connection.execute(query).scalars())


def holder_of_case(connection: sa.Connection, case_id: str) -> str:
    """Whose a case is. Raises NotFound."""
    found = StoreCabinet(connection).seller_of_case(case_id) if is_id(case_id) else None
    if found is None:
        raise NotFound("no case with this id was decided against a seller")
    return found


class StoreCabinet:
    """What is known of sellers, as the store knows it; see `cabinet.Cabinet`."""

    def __init__(self, connection: sa.Connection, store_of: StoreOf | None = None) -> None:
        self._connection = connection
        self._store_of = store_of

    def sheet(self, seller_id: str) -> Sheet | None:
        """See `Cabinet`."""
        found = self._connection.execute(sa.select(_S.document).where(_S.seller_id == seller_id)).scalar()
        return None if found is None else msgspec.convert(found, Sheet)

    def put(self, sheet: Sheet) -> None:
        """See `Cabinet`."""
        row = {
            "seller_id": sheet.seller_id, "points": sum(each.amount for each in sheet.booked),
            "offences": sheet.offences, "closed": any(each.kind == "close" for each in sheet.asked),
            "due_at": sheet.due_at, "document": msgspec.to_builtins(sheet),
        }  # fmt: skip
        upsert(self._connection, points_sheets, [row], ["seller_id"])

    def seller_of_store(self, store_id: str) -> str | None:
        """See `Cabinet`."""
        return self._one(points_stores.c.seller_id, points_stores.c.store_id == store_id)

    def put_store(self, store_id: str, seller_id: str) -> None:
        """See `Cabinet`."""
        upsert(self._connection, points_stores, [{"store_id": store_id, "seller_id": seller_id}], ["store_id"])

    def seller_of_case(self, case_id: str) -> str | None:
        """See `Cabinet`."""
        return self._one(points_cases.c.seller_id, points_cases.c.case_id == case_id)

    def put_case(self, case_id: str, seller_id: str) -> None:
        """See `Cabinet`."""
        upsert(self._connection, points_cases, [{"case_id": case_id, "seller_id": seller_id}], ["case_id"])

    def wait_for(self, key: str, decided: Decided) -> None:
        """See `Cabinet`."""
        row = {
            "waits_for": key, "case_id": decided.case_id, "at": decided.at, "outcome": decided.outcome,
            "document": msgspec.to_builtins(decided),
        }  # fmt: skip
        insert_ignore(self._connection, points_waiting, [row])

    def take_waiting(self, key: str) -> list[Decided]:
        """See `Cabinet`."""
        mine = points_waiting.c.waits_for == key
        found = self._connection.execute(sa.select(points_waiting.c.document).where(mine)).scalars().all()
        if found:
            self._connection.execute(sa.delete(points_waiting).where(mine))
        return sorted(msgspec.convert(found, list[Decided]))

    def store_of_listing(self, listing_id: str) -> str | None:
        """See `Cabinet`."""
        return None if self._store_of is None else self._store_of(self._connection, listing_id)

    def next_due(self) -> datetime | None:
        """See `Cabinet`."""
        found: datetime | None = self._connection.execute(sa.select(sa.func.min(_S.due_at))).scalar_one()
        return found

    def due(self, now: datetime) -> list[str]:
        """See `Cabinet`."""
        query = sa.select(_S.seller_id).where(_S.due_at <= now).order_by(_S.seller_id)
        return list(self._connection.execute(query).scalars())

    def _one(self, column: sa.Column[str], where: sa.ColumnElement[bool]) -> str | None:
        found: Any = self._connection.execute(sa.select(column).where(where)).scalar()
        return None if found is None else str(found)
