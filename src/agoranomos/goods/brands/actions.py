"""What can be done to the registry; each verb takes an open transaction and the moment at which it
is done.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from contextlib import suppress
from datetime import datetime
from typing import Literal

import msgspec
import sqlalchemy as sa
from msgspec.structs import replace

from agoranomos.goods.brands import queries
from agoranomos.goods.brands.formats import of_event
from agoranomos.goods.brands.model import Brand, PriceBand, Proposal, unique
from agoranomos.goods.brands.tables import brand_names, brand_price_bands, brand_proposals, brands
from agoranomos.kernel.dialects import upsert
from agoranomos.kernel.errors import Conflict, Invalid, NotFound
from agoranomos.kernel.events import Event

Change = Literal["added", "changed", "unchanged"]


def register(connection: sa.Connection, entries: Iterable[Brand], now: datetime) -> list[Change]:
    """Stores `entries`, each replacing the brand of the same id; says for each what it did.

    Of two entries with one id in `entries` the later wins and the earlier counts as what it did.
    What people have decided is kept: an entry that was merged or rejected stays so until it is
    accepted again.
    """
    given = list(entries)
    known = queries.brands_by_id(connection, (entry.brand_id for entry in given))
    changes: list[Change] = []
    dirty: dict[str, Brand] = {}
    for entry in given:
        before = known.get(entry.brand_id)
        if before is not None and before.status in ("rejected", "merged_into"):
            entry = replace(entry, status=before.status, merged_into=before.merged_into)  # noqa: PLW2901 - the kept decision
        changes.append("added" if before is None else "unchanged" if before == entry else "changed")
        if before != entry:
            known[entry.brand_id] = dirty[entry.brand_id] = entry
    _save(connection, list(dirty.values()), now)
    return changes


def hear(connection: sa.Connection, event: Event, now: datetime) -> None:
    """`brand.registered`: a brand owner's word goes into the registry; one without a usable name does not.

    The event itself stays in the log, and the monitor says why it is not used.
    """
    with suppress(Invalid):
        register(connection, [of_event(event)], now)


def authorise(
    connection: sa.Connection,
    entry: Brand,
    store_ids: Sequence[str],
    now: datetime,
    *,
    remove: bool = False,
) -> Brand:
    """Adds `store_ids` to the stores that may sell `entry`, which closes the brand to all others;
    or removes them.

    `entry` is the brand as the snapshot has it, so that a brand of the seed can be authorised as
    well. Removing the last store leaves the brand closed to everyone; `sell_openly` opens it.
    """
    current = queries.brand(connection, entry.brand_id, lock=True) or _stated(entry)
    already = current.authorised_store_ids or ()
    if remove and (missing := sorted(set(store_ids) - set(already))):
        raise NotFound(f"{missing[0]} is not an authorised store of {entry.brand_id}")
    kept = [s for s in already if s not in store_ids] if remove else [*already, *store_ids]
    return _stored(connection, replace(current, authorised_store_ids=unique(kept), sold="selective"), now)


def sell_openly(connection: sa.Connection, entry: Brand, now: datetime) -> Brand:
    """Lets every store sell `entry`, which is the brand as the snapshot has it."""
    current = queries.brand(connection, entry.brand_id, lock=True) or _stated(entry)
    return _stored(connection, replace(current, authorised_store_ids=None, sold="open"), now)


def propose(connection: sa.Connection, proposals: Iterable[Proposal], now: datetime) -> tuple[int, int]:
    """Keeps `proposals` for a person to decide; returns how many are new and how many were seen
    again.

    One whose id is stored already (accepted, merged or rejected) is left out: it is not asked a
    second time.
    """
    given = {proposal.brand_id: proposal for proposal in proposals}
    known = queries.brands_by_id(connection, given)
    fresh = [proposal for key, proposal in given.items() if key not in known]
    seen = [proposal for key, proposal in given.items() if key in known and known[key].status == "proposed"]
    _save(connection, [_as_brand(proposal) for proposal in fresh], now)
    rows = [
        {
            "brand_id": proposal.brand_id,
            "score": proposal.score,
            "document": msgspec.to_builtins(proposal),
            "found_at": now,
        }
        for proposal in (*fresh, *seen)
    ]
    upsert(connection, brand_proposals, rows, ["brand_id"])
    return len(fresh), len(seen)


def accept(connection: sa.Connection, brand_id: str, now: datetime) -> Brand:
    """Makes a proposed (or rejected, or merged) brand part of the registry."""
    entry = _required(connection, brand_id)
    _decided(connection, brand_id, now)
    return _stored(connection, replace(entry, status="accepted", merged_into=None), now)


def reject(connection: sa.Connection, entry: Brand, now: datetime) -> Brand:
    """Takes `entry` out of the registry and remembers that; also a brand that only the seed has."""
    current = queries.brand(connection, entry.brand_id, lock=True) or _stated(entry)
    _decided(connection, entry.brand_id, now)
    return _stored(connection, replace(current, status="rejected", merged_into=None), now)


def merge(connection: sa.Connection, entry: Brand, into: Brand, now: datetime) -> Brand:
    """Makes every name of `entry` another name of `into`; returns `into` as it is afterwards.

    Both are as the snapshot has them. Raises Conflict when they are one, or `into` is not in the
    registry.
    """
    if entry.brand_id == into.brand_id:
        raise Conflict("a brand cannot be merged into itself")
    current = queries.brand(connection, entry.brand_id, lock=True) or _stated(entry)
    target = queries.brand(connection, into.brand_id, lock=True) or _stated(into)
    if target.status != "accepted":
        raise Conflict(f"{into.brand_id} is {target.standing}; merge into a brand of the registry, or accept it first")
    _decided(connection, entry.brand_id, now)
    _stored(connection, replace(current, status="merged_into", merged_into=into.brand_id), now)
    fields = {
        "misspellings": unique([*target.misspellings, *current.misspellings]),
        "nicknames": unique([*target.nicknames, *current.nicknames]),
        "lines": unique([*target.lines, *current.lines]),
        "ordinary": unique([*target.ordinary, *current.ordinary]),
        "categories": unique([*target.categories, *current.categories]),
    }
    names = (name for name in (*target.aliases, *current.names, *current.aliases) if name not in target.names)
    return _stored(connection, replace(target, aliases=unique(names), **fields), now)


def record_bands(connection: sa.Connection, bands: Mapping[str, Iterable[PriceBand]], now: datetime) -> int:
    """Keeps learned price bands by brand id, in place of earlier ones for the same category and
    currency.
    """
    rows = [
        {
            "brand_id": brand_id,
            "category": band.category or "",
            "currency": band.low.currency,
            "low": band.low.amount,
            "high": band.high.amount,
            "n": band.n or 0,
            "provenance": band.provenance,
            "learned_at": now,
        }
        for brand_id, of_brand in sorted(bands.items())
        for band in of_brand
    ]
    if any(row["low"] <= 0 for row in rows):  # type: ignore[operator] # the rows mix types
        raise Invalid("a price band starts above zero")
    upsert(connection, brand_price_bands, rows, ["brand_id", "category", "currency"])
    return len(rows)


def _stated(entry: Brand) -> Brand:
    """`entry` of a snapshot without what was learned, which is kept elsewhere."""
    return replace(entry, price_bands=tuple(band for band in entry.price_bands if band.n is None))


def _as_brand(proposal: Proposal) -> Brand:
    return Brand(
        brand_id=proposal.brand_id,
        names=(proposal.name,),
        aliases=proposal.aliases,
        unverified=(proposal.name, *proposal.aliases),
        status="proposed",
        source="proposed from listings",
    )


def _required(connection: sa.Connection, brand_id: str) -> Brand:
    entry = queries.brand(connection, brand_id, lock=True)
    if entry is None:
        raise NotFound(f"no brand {brand_id[:128]} was proposed or imported")
    return entry


def _decided(connection: sa.Connection, brand_id: str, now: datetime) -> None:
    update = brand_proposals.update().where(brand_proposals.c.brand_id == brand_id)
    connection.execute(update.values(decided_at=now))


def _stored(connection: sa.Connection, entry: Brand, now: datetime) -> Brand:
    _save(connection, [entry], now)
    return entry


def _save(connection: sa.Connection, entries: Sequence[Brand], now: datetime) -> None:
    """Writes `entries` (each id once) and their names over what is there; `added_at` stays the
    first.
    """
    rows = [
        {
            "brand_id": entry.brand_id,
            "status": entry.status,
            "merged_into": entry.merged_into,
            "main_name": entry.main_name,
            "document": msgspec.to_builtins(entry),
            "added_at": now,
            "changed_at": now,
        }
        for entry in entries
    ]
    upsert(connection, brands, rows, ["brand_id"], keep=["added_at"])
    old = brand_names.delete().where(brand_names.c.brand_id == sa.bindparam("of"))
    if entries:
        connection.execute(old, [{"of": entry.brand_id} for entry in entries])
    upsert(
        connection,
        brand_names,
        [row for entry in entries for row in queries.names_rows(entry)],
        ["brand_id", "folded"],
    )
