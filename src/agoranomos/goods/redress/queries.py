"""All SQL of redress: lists for people, and the cabinet that the rules look into."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from datetime import datetime
from typing import Any

import msgspec
import sqlalchemy as sa

from agoranomos.enforcement import queries as asked
from agoranomos.goods.redress.booking import Booking
from agoranomos.goods.redress.cabinet import Claim
from agoranomos.goods.redress.letters import CORRECT, INFORM, Letter, letter_of
from agoranomos.goods.redress.model import CauseKind, Line, Recall, RecallState
from agoranomos.goods.redress.tables import (
    redress_bookings,
    redress_causes,
    redress_claims,
    redress_orders,
    redress_recalls,
)
from agoranomos.goods.redress.telling import found_id
from agoranomos.goods.trade.queries import orders as orders_known
from agoranomos.goods.trade.queries import orders_of_buyer
from agoranomos.judgements import queries as judged
from agoranomos.kernel.dialects import insert_ignore, upsert
from agoranomos.kernel.errors import Invalid, NotFound
from agoranomos.kernel.ids import is_id
from agoranomos.kernel.lists import Place, newest_first

_R = redress_recalls.c
_O = redress_orders.c
_B = redress_bookings.c
_FINDINGS_MAX = 100
"""On one batch."""


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


def recalls_of_stores(connection: sa.Connection, store_ids: Collection[str]) -> list[str]:
    """The recalls by which any of these stores is charged, in the order of their ids."""
    query = sa.select(_B.recall_id).distinct().where(_B.store_id.in_(sorted(store_ids))).order_by(_B.recall_id)
    return list(connection.execute(query).scalars())


def recalls_of_listings(connection: sa.Connection, listing_ids: Collection[str]) -> list[str]:
    """The recalls of these listings, in the order of their ids."""
    query = sa.select(_R.recall_id).where(_R.listing_id.in_(sorted(listing_ids))).order_by(_R.recall_id)
    return list(connection.execute(query).scalars())


def owed(connection: sa.Connection, *, after: str = "", limit: int | None = None) -> list[Owed]:
    """What stores behind `after` are charged with, in the order of their ids; a limit cuts between stores."""
    stores = sa.select(_B.store_id).distinct().where(_B.store_id > after).order_by(_B.store_id).limit(limit)
    return _owed(connection, _B.store_id.in_(stores))


def owed_by(connection: sa.Connection, store_id: str) -> list[Owed]:
    """What one store is charged with, by currency."""
    return _owed(connection, _B.store_id == store_id)


def _owed(connection: sa.Connection, which: sa.ColumnElement[bool]) -> list[Owed]:
    sums = (
        sa.func.coalesce(sa.func.sum(sa.case((_B.charged == state, _B.amount), else_=0)), 0).label(state)
        for state in ("settled", "reserved")
    )
    query = sa.select(_B.store_id, _B.currency, *sums).where(which)
    rows = connection.execute(query.group_by(_B.store_id, _B.currency).order_by(_B.store_id, _B.currency))
    return [
        Owed(store_id=row.store_id, currency=row.currency, settled=int(row.settled), reserved=int(row.reserved))
        for row in rows
    ]


class Asking(msgspec.Struct, frozen=True, kw_only=True):
    """Which letters are meant; None is any. `finding_id` or `batch_id`: what they rest on."""

    order_id: str | None = None
    buyer_id: str | None = None
    recall_id: str | None = None
    batch_id: str | None = None
    finding_id: str | None = None

    def __post_init__(self) -> None:
        if not all(value is None or is_id(value) for value in msgspec.structs.astuple(self)):
            raise Invalid("a filter is a printable text of 1 to 128 characters")


def letters(connection: sa.Connection, about: Asking, *, after: Place | None, limit: int) -> list[Letter]:
    """At most `limit` of what buyers are told, newest first. Raises NotFound for a recall that is not there."""
    reasons = _reasons(connection, about)
    orders = None if about.order_id is None else {about.order_id}
    if about.buyer_id is not None:
        bought = set(orders_of_buyer(connection, about.buyer_id))
        orders = bought if orders is None else orders & bought
    found = asked.resting(connection, (INFORM, CORRECT), reasons=reasons, subject_ids=orders, after=after, limit=limit)
    about_orders = sorted({each.subject.id for each in found})
    query = sa.select(_R.listing_id, _O.order_id, _O.document).join_from(redress_orders, redress_recalls)
    rows = connection.execute(query.where(_O.order_id.in_(about_orders)).order_by(_R.number))
    lines = {(row.order_id, row.listing_id): msgspec.convert(row.document, Line) for row in rows}
    buyers = {each.order_id: each.buyer_id for each in orders_known(connection, about_orders)}
    return [
        letter_of(each.plain, lines.get((each.subject.id, each.params.get("listing_id"))), buyers.get(each.subject.id))
        for each in found
    ]


def _reasons(connection: sa.Connection, about: Asking) -> set[str] | None:
    """The findings that the letters rest on; None: any."""
    named: list[set[str]] = []
    if about.finding_id is not None:
        named.append({about.finding_id})
    if about.recall_id is not None:
        named.append({found_id(get(connection, about.recall_id))})
    if about.batch_id is not None:
        on_batch = judged.About(subject_kind="batch", subject_id=about.batch_id)
        named.append({each.id for each in judged.list_findings(connection, on_batch, after=None, limit=_FINDINGS_MAX)})
    return set.intersection(*named) if named else None


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
