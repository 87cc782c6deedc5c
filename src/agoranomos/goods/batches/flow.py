"""The way of goods as events tell it: which batch came where, which listing it feeds, which parcel it left in.

In memory, for a monitor and for a trace; the tables of the store hold the same.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from typing import Any, Final

import msgspec

from agoranomos.goods.batches.model import Batch, Parcel, Why

SOLD_MAX: Final = 200_000
"""Listings that are remembered to have sent goods of no batch."""


class Flow(msgspec.Struct):
    """`ties`: listing → batch → since when it feeds it. `parcels`: order → its lines. `sold`: listings that sent goods
    of no batch, and since when.
    """

    batches: dict[str, Batch] = {}
    ties: dict[str, dict[str, datetime]] = {}
    parcels: dict[str, list[Parcel]] = {}
    sold: dict[str, datetime] = {}

    def receive(self, data: dict[str, Any], at: datetime) -> Batch:
        """`goods.received`; told again, the later one stands, and what speaks against the batch stays."""
        before = self.batches.get(data["batch_id"])
        batch = received(data, at)
        if before is not None:
            batch.why, batch.condemned_at = before.why, before.condemned_at
        self.batches[batch.batch_id] = batch
        if batch.inspection == "failed":
            self.condemn(batch.batch_id, "inspection", at)
        return batch

    def condemn(self, batch_id: str, why: Why, at: datetime) -> bool:
        """Something speaks against a batch; whether that is new. What the marketplace says outweighs the rest."""
        batch = self.batches.setdefault(batch_id, Batch(batch_id=batch_id))
        if batch.why in (why, "condemned"):
            return False
        batch.why, batch.condemned_at = why, batch.condemned_at or at
        return True

    def tie(self, listing_id: str, batch_id: str, at: datetime) -> None:
        """A batch feeds a listing, from the earliest moment that is told."""
        known = self.ties.setdefault(listing_id, {})
        known[batch_id] = min(known.get(batch_id, at), at)

    def place(self, data: dict[str, Any], at: datetime) -> None:
        """`order.placed`."""
        self.parcels[data["order_id"]] = parcels_of(data, at)

    def ship(self, data: dict[str, Any], at: datetime) -> None:
        """`order.shipped`; the batch that it names is that of the lines that it feeds, or else of all."""
        lines = self.parcels.get(data["order_id"], [])
        for line in lines:
            line.shipped_at = at
        batch_id = data.get("batch_id")
        if batch_id is None:
            for line in lines:
                if line.listing_id not in self.ties:
                    self.sold.setdefault(line.listing_id, at)
            while len(self.sold) > SOLD_MAX:
                del self.sold[next(iter(self.sold))]
            return
        for line in [each for each in lines if batch_id in self.ties.get(each.listing_id, {})] or lines:
            line.batch_id = batch_id
            self.tie(line.listing_id, batch_id, line.placed_at)

    def deliver(self, order_id: str, at: datetime) -> None:
        """`order.delivered`."""
        for line in self.parcels.get(order_id, ()):
            line.delivered_at = at

    def refund(self, order_id: str, at: datetime) -> None:
        """`order.refunded`."""
        for line in self.parcels.get(order_id, ()):
            line.refunded_at = line.refunded_at or at

    def lines(self) -> Iterable[Parcel]:
        """Every line of every order."""
        return (line for lines in self.parcels.values() for line in lines)


def received(data: dict[str, Any], at: datetime) -> Batch:
    """The batch of a `goods.received`."""
    return Batch(
        batch_id=data["batch_id"], store_id=data["store_id"], warehouse_id=data["warehouse_id"],
        supplier_id=data.get("supplier_id"), factory=data.get("factory"), brand_id=data.get("brand_id"),
        quantity=data.get("quantity"), inspection=data.get("inspection"), received_at=at,
    )  # fmt: skip


def parcels_of(data: dict[str, Any], at: datetime) -> list[Parcel]:
    """The lines of an `order.placed`, those of one listing together."""
    lines: dict[str, Parcel] = {}
    for line in data["lines"]:
        known = lines.setdefault(
            line["listing_id"],
            Parcel(data["order_id"], line["listing_id"], data["store_id"], data["buyer_id"], 0, at),
        )
        known.quantity += line["quantity"]
    return list(lines.values())
