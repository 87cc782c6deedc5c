"""All SQL that reads the registry."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime

import msgspec
import sqlalchemy as sa

from agoranomos.goods.brands.model import Brand, BrandStatus, PriceBand, Proposal, fold_name
from agoranomos.goods.brands.tables import brand_names, brand_price_bands, brand_proposals, brands
from agoranomos.kernel.clock import rfc3339
from agoranomos.kernel.money import Money

_CHUNK = 5_000  # names in one IN list
Stamp = tuple[tuple[int, datetime | None], ...]
"""How many rows there are, and when the last was changed, for each table of the registry."""


def brand(connection: sa.Connection, brand_id: str, *, lock: bool = False) -> Brand | None:
    """The stored brand `brand_id`, whatever its status; `lock` keeps others from changing it
    meanwhile.
    """
    query = sa.select(brands.c.document).where(brands.c.brand_id == brand_id)
    found = connection.execute(query.with_for_update() if lock else query).scalar_one_or_none()
    return None if found is None else msgspec.convert(found, Brand)


def all_brands(connection: sa.Connection) -> list[Brand]:
    """Every stored brand, whatever its status, in the order of the ids."""
    rows = connection.execute(sa.select(brands.c.document).order_by(brands.c.brand_id)).scalars()
    return msgspec.convert(list(rows), list[Brand])


def of_status(connection: sa.Connection, status: BrandStatus, *, after: str, limit: int) -> list[Brand]:
    """At most `limit` stored brands of a status behind the id `after`, in the order of the ids."""
    query = sa.select(brands.c.document).where(brands.c.status == status, brands.c.brand_id > after)
    rows = connection.execute(query.order_by(brands.c.brand_id).limit(limit)).scalars()
    return msgspec.convert(list(rows), list[Brand])


def stamp(connection: sa.Connection) -> Stamp:
    """Changes whenever brands or learned bands do."""
    tables = ((brands, brands.c.changed_at), (brand_price_bands, brand_price_bands.c.learned_at))
    seen = [connection.execute(sa.select(sa.func.count(), sa.func.max(at)).select_from(of)).one() for of, at in tables]
    return tuple((int(row[0]), row[1]) for row in seen)


def brands_by_id(connection: sa.Connection, brand_ids: Iterable[str]) -> dict[str, Brand]:
    """Those of `brand_ids` that are stored."""
    wanted = sorted(set(brand_ids))
    found: dict[str, Brand] = {}
    for start in range(0, len(wanted), _CHUNK):
        part = brands.c.brand_id.in_(wanted[start : start + _CHUNK])
        for document in connection.execute(sa.select(brands.c.document).where(part)).scalars():
            entry = msgspec.convert(document, Brand)
            found[entry.brand_id] = entry
    return found


def ids_by_name(connection: sa.Connection, name: str) -> list[str]:
    """The stored brands that are called `name`, in any spelling that folds alike."""
    query = sa.select(brand_names.c.brand_id).where(brand_names.c.folded == fold_name(name))
    return list(connection.execute(query.order_by(brand_names.c.brand_id)).scalars())


def learned_bands(connection: sa.Connection, brand_id: str | None = None) -> dict[str, list[PriceBand]]:
    """The learned price bands by brand (of one brand when given), in a fixed order."""
    table = brand_price_bands
    query = sa.select(table).order_by(table.c.brand_id, table.c.category, table.c.currency)
    if brand_id is not None:
        query = query.where(table.c.brand_id == brand_id)
    found: dict[str, list[PriceBand]] = {}
    for row in connection.execute(query):
        band = PriceBand(
            category=row.category or None,
            low=Money(row.low, row.currency),
            high=Money(row.high, row.currency),
            provenance=row.provenance,
            n=row.n,
            at=rfc3339(row.learned_at),
        )
        found.setdefault(row.brand_id, []).append(band)
    return found


def open_proposals(
    connection: sa.Connection, limit: int = 100, *, after: tuple[float, str] | None = None
) -> list[Proposal]:
    """The proposals behind the score and id `after` that nobody has decided, best first."""
    table = brand_proposals
    query = sa.select(table.c.document).join_from(table, brands)
    query = query.where(brands.c.status == "proposed", table.c.decided_at.is_(None))
    if after is not None:
        score, last = after
        behind = sa.and_(table.c.score == score, table.c.brand_id > last)
        query = query.where(sa.or_(table.c.score < score, behind))
    query = query.order_by(table.c.score.desc(), table.c.brand_id).limit(limit)
    return msgspec.convert(list(connection.execute(query).scalars()), list[Proposal])


def proposal(connection: sa.Connection, brand_id: str) -> Proposal | None:
    """What spoke for the brand when it was proposed; None when it never was."""
    table = brand_proposals
    query = sa.select(table.c.document).where(table.c.brand_id == brand_id)
    found = connection.execute(query).scalar_one_or_none()
    return None if found is None else msgspec.convert(found, Proposal)


def decided_names(connection: sa.Connection) -> set[str]:
    """The folded names of all that is stored and no longer open: accepted, merged or rejected."""
    query = sa.select(brand_names.c.folded).join_from(brand_names, brands)
    return set(connection.execute(query.where(brands.c.status != "proposed")).scalars())


def counts(connection: sa.Connection) -> dict[str, int]:
    """How many stored brands there are by status."""
    query = sa.select(brands.c.status, sa.func.count().label("n")).group_by(brands.c.status)
    return {row.status: row.n for row in connection.execute(query.order_by(brands.c.status))}


def names_rows(entry: Brand) -> Sequence[dict[str, str]]:
    """The rows of `brand_names` for `entry`, one per folded form."""
    folded: dict[str, str] = {}
    for name in entry.called():
        folded.setdefault(fold_name(name), name)
    return [{"brand_id": entry.brand_id, "folded": key, "name": name} for key, name in folded.items()]
