"""The trace of a batch: every listing, order and buyer it reached, what is left, and what else came from its source."""

from __future__ import annotations

import math
from collections import defaultdict
from collections.abc import Sequence

from agoranomos.goods.batches.flow import Flow
from agoranomos.goods.batches.mixing import Mixed, listings_of, mixed, next_share, reached
from agoranomos.goods.batches.model import Batch, Buyer, Fed, Kin, Left, Parcel, Share, Trace
from agoranomos.kernel.errors import NotFound


def trace(flow: Flow, batch_id: str) -> Trace:
    """The trace, over what `flow` knows. Raises NotFound."""
    batch = flow.batches.get(batch_id)
    if batch is None:
        raise NotFound("there is no batch with this id; ingest its goods.received, or see `agora batches list`")
    flow = reached(flow, batch_id)
    found = mixed(flow)
    orders = _orders(flow, found, batch_id)
    listings = tuple(
        Fed(
            listing_id=listing_id, since=since, share=round(next_share(flow, found, listing_id, batch_id), 6),
            beside=tuple(sorted(name for name in flow.ties[listing_id] if name != batch_id)),
        )
        for listing_id, since in listings_of(flow, batch_id).items()
    )  # fmt: skip
    return Trace(
        batch=batch,
        listings=listings,
        orders=tuple(orders),
        buyers=_buyers(orders),
        stock=_left(flow, found, batch),
        kin=_kin(flow, batch),
    )


def _orders(flow: Flow, found: Mixed, batch_id: str) -> list[Share]:
    shares = []
    for parcel in flow.lines():
        origin = found.origins.get((parcel.order_id, parcel.listing_id))
        if origin is None or batch_id not in origin.shares:
            continue
        chance, articles = origin.shares[batch_id]
        shares.append(
            Share(
                order_id=parcel.order_id, listing_id=parcel.listing_id, store_id=parcel.store_id,
                buyer_id=parcel.buyer_id, quantity=parcel.quantity, stage=parcel.stage, basis=origin.basis,
                probability=round(chance, 6), articles=round(articles, 4),
            )
        )  # fmt: skip
    return sorted(shares, key=lambda each: (-each.probability, each.order_id, each.listing_id))


def _buyers(orders: Sequence[Share]) -> tuple[Buyer, ...]:
    mine: dict[str, list[Share]] = defaultdict(list)
    for each in orders:
        mine[each.buyer_id].append(each)
    found = [
        Buyer(
            name,
            round(1.0 - math.prod(1.0 - each.probability for each in shares), 6),
            tuple(dict.fromkeys(each.order_id for each in shares)),
        )
        for name, shares in mine.items()
    ]
    return tuple(sorted(found, key=lambda each: (-each.probability, each.buyer_id)))


def _left(flow: Flow, found: Mixed, batch: Batch) -> Left | None:
    if batch.quantity is None:
        return None
    gone = [each for each in flow.lines() if each.shipped_at is not None]
    certain = sum(each.quantity for each in gone if each.batch_id == batch.batch_id)
    most = max(0, batch.quantity - certain)
    possible = sum(each.quantity for each in gone if each.batch_id is None and _touches(found, each, batch.batch_id))
    # What was shipped from nothing but this batch is gone as well, though no parcel says so.
    sure = sum(each.quantity for each in gone if _only(found, each, batch.batch_id))
    return Left(round(found.left[batch.batch_id], 2), max(0, most - possible), max(0, most - sure))


def _touches(found: Mixed, parcel: Parcel, batch_id: str) -> bool:
    origin = found.origins.get((parcel.order_id, parcel.listing_id))
    return origin is not None and batch_id in origin.shares


def _only(found: Mixed, parcel: Parcel, batch_id: str) -> bool:
    origin = found.origins.get((parcel.order_id, parcel.listing_id))
    return origin is not None and origin.basis == "only" and batch_id in origin.shares


def _kin(flow: Flow, batch: Batch) -> tuple[Kin, ...]:
    found = []
    for name, other in sorted(flow.batches.items()):
        same = []
        if batch.supplier_id is not None and other.supplier_id == batch.supplier_id:
            same.append("supplier")
        if batch.factory is not None and other.factory == batch.factory:
            same.append("factory")
        if same and name != batch.batch_id:
            found.append(Kin(name, other.store_id, tuple(same), other.why))  # type: ignore[arg-type] # the two of Kin
    return tuple(found)
