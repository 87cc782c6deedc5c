"""The orders of one store as its merchant sees them, in columns: a row for each kind of goods in an order."""

from __future__ import annotations

from typing import Final

import msgspec

NEVER: Final = float("inf")
"""Seconds since 1970 of what has not happened, as far as anybody knows."""
_SWEPT_FROM: Final = 256
"""Rows from which on it pays to look for old ones."""


class Shop(msgspec.Struct):
    """Buyers and listings are numbers, in the order in which they came. Times are seconds since 1970; `came`: the goods
    were delivered; `trouble`: a complaint, a return or a refund; `named`: reviewed under a name, so that the merchant
    knows this one; `listened`: until when its virtual number is alive.
    """

    buyers: dict[str, int] = msgspec.field(default_factory=dict)
    listings: dict[str, int] = msgspec.field(default_factory=dict)
    rows: dict[str, tuple[int, int]] = msgspec.field(default_factory=dict)
    buyer: list[int] = msgspec.field(default_factory=list)
    listing: list[int] = msgspec.field(default_factory=list)
    placed: list[float] = msgspec.field(default_factory=list)
    came: list[float] = msgspec.field(default_factory=list)
    trouble: list[float] = msgspec.field(default_factory=list)
    named: list[float] = msgspec.field(default_factory=list)
    listened: list[float] = msgspec.field(default_factory=list)
    share: list[float] = msgspec.field(default_factory=list)

    def sell(self, order_id: str, buyer_id: str, listings: tuple[str, ...], at: float) -> None:
        """A new order."""
        self.rows[order_id] = (len(self.buyer), len(listings))
        buyer = self.buyers.setdefault(buyer_id, len(self.buyers))
        for name in listings:
            self.buyer.append(buyer)
            self.listing.append(self.listings.setdefault(name, len(self.listings)))
            self.placed.append(at)
            self.came.append(NEVER)
            self.trouble.append(NEVER)
            self.named.append(NEVER)
            self.listened.append(0.0)
            self.share.append(1.0 / len(listings))

    def happened(self, order_id: str, column: list[float], at: float) -> None:
        """What `column` is about, unless it happened before."""
        first, count = self.rows[order_id]
        for row in range(first, first + count):
            column[row] = min(column[row], at)

    def listens(self, order_id: str, until: float) -> None:
        """The buyer can be called until then."""
        first, count = self.rows[order_id]
        for row in range(first, first + count):
            self.listened[row] = max(self.listened[row], until)

    def times(self, order_id: str) -> tuple[float, float]:
        """When the goods came, and when there was trouble."""
        row = self.rows[order_id][0]
        return self.came[row], self.trouble[row]

    def goods(self, order_id: str) -> list[int]:
        """The listings of an order."""
        first, count = self.rows[order_id]
        return self.listing[first : first + count]

    def old(self, before: float) -> bool:
        """Whether so much is older than `before` that it pays to make the shop anew without it."""
        places = len(self.placed)
        return places >= _SWEPT_FROM and self.placed[places // 3] < before

    def since(self, before: float) -> Shop:
        """Without the orders placed before `before`."""
        buyers, listings = list(self.buyers), list(self.listings)
        kept = Shop()
        for order_id, (first, count) in self.rows.items():
            if self.placed[first] < before:
                continue
            goods = tuple(listings[code] for code in self.listing[first : first + count])
            kept.sell(order_id, buyers[self.buyer[first]], goods, self.placed[first])
            for row in range(kept.rows[order_id][0], len(kept.placed)):
                source = first + row - kept.rows[order_id][0]
                kept.came[row], kept.trouble[row] = self.came[source], self.trouble[source]
                kept.named[row], kept.listened[row] = self.named[source], self.listened[source]
        return kept
