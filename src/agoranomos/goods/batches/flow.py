"""The way of goods as events tell it: which batch came where, which listing it feeds, which parcel it left in.

In memory, for a monitor and for a trace; the tables of the store hold the same.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from typing import Any, Final, get_args

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
            batch.why, batch.condemned_at, batch.against = before.why, before.condemned_at, before.against
        self.batches[batch.batch_id] = batch
        if batch.inspection == "failed":
            self.condemn(batch.batch_id, "inspection", at)
        return batch

    def condemn(self, batch_id: str, why: Why, at: datetime, testbuy_id: str = "") -> bool:
        """Something speaks against a batch; whether it changes `why`. What the marketplace says outweighs the rest."""
        batch = self.batches.setdefault(batch_id, Batch(batch_id=batch_id))
        said = f"{why} {testbuy_id}" if testbuy_id else why
        before = batch.why
        batch.against = [*dict.fromkeys((*batch.against, said))]
        batch.why, batch.condemned_at = _strongest(batch.against), batch.condemned_at or at
        return batch.why != before

    def overturn(self, testbuy_id: str) -> list[str]:
        """An appraisal no longer holds; the batches against which it spoke, in the order of their ids."""
        said = f"appraisal {testbuy_id}"
        concerned = sorted(name for name, batch in self.batches.items() if said in batch.against)
        for batch in (self.batches[name] for name in concerned):
            batch.against = [each for each in batch.against if each != said]
            batch.why = _strongest(batch.against)
            batch.condemned_at = batch.condemned_at if batch.against else None
        return concerned

    def tie(self, listing_id: str, batch_id: str, at: datetime) -> None:
        """A batch feeds a listing, from the earliest moment that is told."""
        known = self.ties.setdefault(listing_id, {})
        known[batch_id] = min(known.get(batch_id, at), at)

    def place(self, data: dict[str, Any], at: datetime) -> None:
        """`order.placed`."""
        self.parcels[data["order_id"]] = parcels_of(data, at)

    def ship(self, data: dict[str, Any], at: datetime) -> None:
        """`order.shipped`; the batch that it names is that of the lines that it feeds, else of those that none feeds,
        else of all.
        """
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
        fed = [each for each in lines if batch_id in self.ties.get(each.listing_id, {})]
        for line in fed or [each for each in lines if each.listing_id not in self.ties] or lines:
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


def _strongest(against: Iterable[str]) -> Why | None:
    whys = {each.partition(" ")[0] for each in against}
    return next((why for why in get_args(Why) if why in whys), None)


def overturned_by(data: dict[str, Any]) -> str | None:
    """What a `case.decided` overturns, if it does."""
    return data.get("overturns") if data["outcome"] == "overturned" else None


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
