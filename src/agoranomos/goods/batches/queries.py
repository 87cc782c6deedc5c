"""All SQL that reads batches."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from typing import Any

import sqlalchemy as sa

from agoranomos.goods.batches.flow import Flow
from agoranomos.goods.batches.model import Batch, Parcel
from agoranomos.goods.batches.tables import batch_listings, batch_parcels, batches
from agoranomos.kernel.errors import Invalid, NotFound
from agoranomos.kernel.ids import is_id

_AT_A_TIME = 1_000


def get(connection: sa.Connection, batch_id: str) -> Batch:
    """Raises NotFound."""
    found = by_ids(connection, [batch_id]) if is_id(batch_id) else {}
    if not found:
        raise NotFound("there is no batch with this id; ingest its goods.received, or see `agora batches list`")
    return found[batch_id]


def by_ids(connection: sa.Connection, batch_ids: Iterable[str]) -> dict[str, Batch]:
    """Those of these batches that are known."""
    return {row.batch_id: _batch(row) for row in _among(connection, sa.select(batches), batches.c.batch_id, batch_ids)}


def listed(
    connection: sa.Connection, *, condemned: bool = False, store_id: str | None = None, supplier_id: str | None = None,
    factory: str | None = None, after: str = "", limit: int = 100,
) -> list[Batch]:  # fmt: skip
    """At most `limit` batches behind the id `after`, in the order of ids; `condemned`: those spoken against."""
    query = sa.select(batches).where(batches.c.batch_id > after)
    if condemned:
        query = query.where(batches.c.why.is_not(None))
    for name, value in {"store_id": store_id, "supplier_id": supplier_id, "factory": factory}.items():
        if value is not None:
            query = query.where(batches.c[name] == value)
    return [_batch(row) for row in connection.execute(query.order_by(batches.c.batch_id).limit(limit))]


def flow_of(connection: sa.Connection, batch_id: str, *, lines_max: int) -> Flow:
    """All that has to do with a batch: see `mixing.reached`. Raises NotFound, and Invalid beyond `lines_max`."""
    batch = get(connection, batch_id)
    flow = Flow()
    names, new = {batch_id}, {batch_id}
    while new:
        listings = {row.listing_id for row in _among(connection, sa.select(batch_listings), _TIE.batch_id, new)}
        fresh = listings - flow.ties.keys()
        for row in _among(connection, sa.select(batch_listings), _TIE.listing_id, fresh):
            flow.tie(row.listing_id, row.batch_id, row.since)
        new = {name for ties in flow.ties.values() for name in ties} - names
        names |= new
    if _count_lines(connection, flow.ties) > lines_max:
        raise Invalid(f"more than {lines_max:,} lines of orders have to do with this batch; raise lines_max")
    for row in _among(connection, sa.select(batch_parcels), batch_parcels.c.listing_id, flow.ties):
        flow.parcels.setdefault(row.order_id, []).append(_parcel(row))
    flow.batches = by_ids(connection, names)
    for name, column in (("supplier_id", batches.c.supplier_id), ("factory", batches.c.factory)):
        if (value := getattr(batch, name)) is not None:
            same = connection.execute(sa.select(batches).where(column == value))
            flow.batches |= {row.batch_id: _batch(row) for row in same}
    return flow


def listings_of(connection: sa.Connection, batch_id: str) -> list[str]:
    """The listings that a batch feeds or fed, in the order of their ids."""
    query = sa.select(_TIE.listing_id).where(_TIE.batch_id == batch_id).order_by(_TIE.listing_id)
    return list(connection.execute(query).scalars())


def condemned_by_appraisal(connection: sa.Connection, testbuy_ids: Collection[str]) -> list[str]:
    """The batches against which any of these test buys speaks."""
    said = {f"appraisal {each}" for each in testbuy_ids}
    rows = connection.execute(sa.select(batches.c.batch_id, batches.c.against).where(batches.c.why.is_not(None)))
    return [row.batch_id for row in rows if said.intersection(row.against or ())]


def lines_of(connection: sa.Connection, order_ids: Iterable[str]) -> dict[str, list[Parcel]]:
    """The lines of these orders."""
    found: dict[str, list[Parcel]] = {}
    for row in _among(connection, sa.select(batch_parcels), batch_parcels.c.order_id, order_ids):
        found.setdefault(row.order_id, []).append(_parcel(row))
    return found


def ties_of(connection: sa.Connection, listing_ids: Iterable[str]) -> dict[str, dict[str, Any]]:
    """Listing → batch → since when it feeds it."""
    found: dict[str, dict[str, Any]] = {}
    for row in _among(connection, sa.select(batch_listings), _TIE.listing_id, listing_ids):
        found.setdefault(row.listing_id, {})[row.batch_id] = row.since
    return found


_TIE = batch_listings.c


def _count_lines(connection: sa.Connection, listing_ids: Iterable[str]) -> int:
    """How many lines of orders these listings have."""
    wanted, count = sorted(listing_ids), sa.select(sa.func.count()).select_from(batch_parcels)
    parts = (wanted[start : start + _AT_A_TIME] for start in range(0, len(wanted), _AT_A_TIME))
    return sum(connection.execute(count.where(batch_parcels.c.listing_id.in_(part))).scalar_one() for part in parts)


def _among(
    connection: sa.Connection, query: sa.Select[Any], column: sa.Column[Any], values: Iterable[str]
) -> list[sa.Row[Any]]:
    wanted, found = sorted(set(values)), list[sa.Row[Any]]()
    for start in range(0, len(wanted), _AT_A_TIME):
        found += connection.execute(query.where(column.in_(_part(wanted, start)))).all()
    return found


def _part(wanted: list[str], start: int) -> Collection[str]:
    return wanted[start : start + _AT_A_TIME]


def _batch(row: sa.Row[Any]) -> Batch:
    values = dict(row._mapping)  # the columns are the fields
    if values["against"] is None:
        values["against"] = [values["why"]] if values["why"] else []
    return Batch(**values)


def _parcel(row: sa.Row[Any]) -> Parcel:
    return Parcel(**row._mapping)
