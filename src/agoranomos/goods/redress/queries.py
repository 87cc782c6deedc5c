"""All SQL of redress: lists for people, and the cabinet that the rules look into."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any

import msgspec
import sqlalchemy as sa

from agoranomos.goods.redress.booking import Booking
from agoranomos.goods.redress.cabinet import Claim
from agoranomos.goods.redress.model import CauseKind, Line, Recall, RecallState
from agoranomos.goods.redress.tables import (
    redress_bookings,
    redress_causes,
    redress_claims,
    redress_orders,
    redress_recalls,
)
from agoranomos.kernel.dialects import insert_ignore, upsert
from agoranomos.kernel.errors import NotFound
from agoranomos.kernel.ids import is_id
from agoranomos.kernel.lists import Place, newest_first

_R = redress_recalls.c
_O = redress_orders.c
_B = redress_bookings.c


class Owed(msgspec.Struct, frozen=True, kw_only=True):
    """What a store is charged with, in minor units: `settled` is owed, `reserved` may come to be."""

    store_id: str
    currency: str
    settled: int
    reserved: int


def get(connection: sa.Connection, recall_id: str) -> Recall:
    """The recall. Raises NotFound."""
    query = sa.select(_R.document).where(_R.recall_id == recall_id)
    found = connection.execute(query).scalar_one_or_none() if is_id(recall_id) else None
    if found is None:
        raise NotFound("there is no recall with this id; see `agora redress list`")
    return msgspec.convert(found, Recall)


def listed(
    connection: sa.Connection, *, state: RecallState | None, listing_id: str | None, after: Place | None, limit: int
) -> list[Recall]:
    """At most `limit` recalls behind `after`, newest first."""
    query = sa.select(_R.document)
    if state is not None:
        query = query.where(_R.state == state)
    if listing_id is not None:
        query = query.where(_R.listing_id == listing_id)
    return _recalls(connection, newest_first(query, _R.began_at, _R.recall_id, after=after, limit=limit))


def orders_of(connection: sa.Connection, recall_id: str, *, after: str = "", limit: int | None = None) -> list[Line]:
    """The orders of a recall behind `after`, in the order of their ids. Raises NotFound."""
    get(connection, recall_id)
    query = sa.select(_O.document).where(_O.recall_id == recall_id, _O.order_id > after)
    found = connection.execute(query.order_by(_O.order_id).limit(limit)).scalars().all()
    return msgspec.convert(found, list[Line])


def owed(connection: sa.Connection, *, after: str = "", limit: int | None = None) -> list[Owed]:
    """What stores behind `after` are charged with, in the order of their ids; a limit cuts between stores."""
    stores = sa.select(_B.store_id).distinct().where(_B.store_id > after).order_by(_B.store_id).limit(limit)
    sums = (
        sa.func.coalesce(sa.func.sum(sa.case((_B.charged == state, _B.amount), else_=0)), 0).label(state)
        for state in ("settled", "reserved")
    )
    query = sa.select(_B.store_id, _B.currency, *sums).where(_B.store_id.in_(stores))
    rows = connection.execute(query.group_by(_B.store_id, _B.currency).order_by(_B.store_id, _B.currency))
    return [
        Owed(store_id=row.store_id, currency=row.currency, settled=int(row.settled), reserved=int(row.reserved))
        for row in rows
    ]


def put_bookings(connection: sa.Connection, recall_id: str, bookings: Sequence[Booking]) -> None:
    """Keeps bookings as they are now."""
    rows = [{**msgspec.structs.asdict(each), "recall_id": recall_id, "open": each.open} for each in bookings]
    upsert(connection, redress_bookings, rows, ["action_id"])


def open_bookings(connection: sa.Connection, *, after: str, limit: int) -> list[tuple[str, Booking]]:
    """(recall, booking) of those of which something may have to be moved, behind `after`, in the order of their ids."""
    query = sa.select(redress_bookings).where(_B.open, _B.action_id > after).order_by(_B.action_id).limit(limit)
    return [(row.recall_id, _booking(row)) for row in connection.execute(query)]


def withdraw_bookings(connection: sa.Connection, recall_id: str) -> None:
    """Nothing of this recall is charged to anybody any more; what is left to be booked follows."""
    query = sa.select(redress_bookings).where(_B.recall_id == recall_id).order_by(_B.action_id)
    kept = [_booking(row) for row in connection.execute(query)]
    put_bookings(connection, recall_id, [msgspec.structs.replace(each, withdrawn=True) for each in kept])


class StoreCabinet:
    """What is known of recalls, as the store knows it; see `cabinet.Cabinet`."""

    def __init__(self, connection: sa.Connection) -> None:
        self._connection = connection

    def latest(self, listing_id: str) -> Recall | None:
        """See `Cabinet`."""
        query = sa.select(_R.document).where(_R.listing_id == listing_id).order_by(_R.number.desc()).limit(1)
        found = self._connection.execute(query).scalar_one_or_none()
        return None if found is None else msgspec.convert(found, Recall)

    def put(self, recall: Recall) -> None:
        """See `Cabinet`."""
        row = {
            "recall_id": recall.recall_id, "listing_id": recall.listing_id, "number": recall.number,
            "state": recall.state, "began_at": recall.began_at, "look_at": recall.look_at,
            "document": msgspec.to_builtins(recall),
        }  # fmt: skip
        upsert(self._connection, redress_recalls, [row], ["recall_id"])
        causes = [{"kind": each.kind, "cause_id": each.id, "listing_id": recall.listing_id} for each in recall.causes]
        insert_ignore(self._connection, redress_causes, causes)

    def lines(self, recall: Recall) -> list[Line]:
        """See `Cabinet`."""
        query = sa.select(_O.document).where(_O.recall_id == recall.recall_id).order_by(_O.order_id)
        return msgspec.convert(self._connection.execute(query).scalars().all(), list[Line])

    def add_lines(self, recall: Recall, lines: Sequence[Line]) -> None:
        """See `Cabinet`."""
        rows = [
            {
                "recall_id": recall.recall_id, "order_id": line.order_id, "refund": line.refund.amount,
                "document": msgspec.to_builtins(line),
            }
            for line in lines
        ]  # fmt: skip
        upsert(self._connection, redress_orders, rows, ["recall_id", "order_id"])

    def taken(self, order_id: str, besides: Recall) -> int:
        """See `Cabinet`."""
        query = (
            sa.select(sa.func.coalesce(sa.func.sum(_O.refund), 0))
            .join_from(redress_orders, redress_recalls)
            .where(_O.order_id == order_id, _O.recall_id != besides.recall_id, _R.state == "standing")
        )
        return int(self._connection.execute(query).scalar_one())

    def listings_of(self, kind: CauseKind, cause_id: str) -> list[str]:
        """See `Cabinet`."""
        table = redress_causes.c
        query = sa.select(table.listing_id).where(table.kind == kind, table.cause_id == cause_id)
        return list(self._connection.execute(query.order_by(table.listing_id)).scalars())

    def put_claim(self, notice_id: str, claim: Claim) -> None:
        """See `Cabinet`."""
        row = {"notice_id": notice_id, "document": msgspec.to_builtins(claim)}
        upsert(self._connection, redress_claims, [row], ["notice_id"])

    def claim(self, notice_id: str) -> Claim | None:
        """See `Cabinet`."""
        query = sa.select(redress_claims.c.document).where(redress_claims.c.notice_id == notice_id)
        found = self._connection.execute(query).scalar_one_or_none()
        return None if found is None else msgspec.convert(found, Claim)

    def next_look(self) -> datetime | None:
        """See `Cabinet`."""
        found: datetime | None = self._connection.execute(sa.select(sa.func.min(_R.look_at))).scalar_one()
        return found

    def to_look_at(self, now: datetime) -> list[Recall]:
        """See `Cabinet`."""
        query = sa.select(_R.document).where(_R.look_at <= now).order_by(_R.recall_id)
        return _recalls(self._connection, query)


def _recalls(connection: sa.Connection, query: sa.Select[Any]) -> list[Recall]:
    return msgspec.convert(connection.execute(query).scalars().all(), list[Recall])


def _booking(row: sa.Row[Any]) -> Booking:
    return Booking(**{name: row._mapping[name] for name in Booking.__struct_fields__})
