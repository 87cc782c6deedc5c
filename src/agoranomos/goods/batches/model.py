"""The values of the way of goods: batches, what they feed, parcels, and what a trace tells."""

from __future__ import annotations

from datetime import datetime
from typing import Literal

import msgspec

Why = Literal["condemned", "appraisal", "inspection"]
"""By the event `batch.condemned`, an article of it that was appraised as counterfeit, or a failed inspection: the
strongest first."""
Basis = Literal["shipped", "only", "mixed", "equal"]
"""`shipped`: the parcel was shipped as of this batch. `only`: nothing else was there. `mixed`: by what was left of each
batch. `equal`: a quantity is not known, or more was shipped than came in; batches count alike.
"""
Stage = Literal["waiting", "on_the_way", "delivered", "cancelled"]


class Batch(msgspec.Struct, kw_only=True):
    """A batch. `quantity` None: nobody said. `why` None: nothing speaks against it."""

    batch_id: str
    store_id: str = ""
    warehouse_id: str = ""
    supplier_id: str | None = None
    factory: str | None = None
    brand_id: str | None = None
    quantity: int | None = None
    inspection: str | None = None
    received_at: datetime | None = None
    why: Why | None = None
    condemned_at: datetime | None = None
    against: list[str] = []
    """All that speaks against it: `condemned`, `inspection`, `appraisal ID` with the id of the test buy; `why` is the
    strongest of them."""


class Parcel(msgspec.Struct):
    """The line of an order: so many articles of a listing. `batch_id`: as it was shipped."""

    order_id: str
    listing_id: str
    store_id: str
    buyer_id: str
    quantity: int
    placed_at: datetime
    shipped_at: datetime | None = None
    delivered_at: datetime | None = None
    refunded_at: datetime | None = None
    batch_id: str | None = None

    @property
    def stage(self) -> Stage:
        """How far it has come. Paid back before it was shipped, it never goes."""
        if self.delivered_at is not None:
            return "delivered"
        if self.shipped_at is not None:
            return "on_the_way"
        return "cancelled" if self.refunded_at is not None else "waiting"


class Share(msgspec.Struct, frozen=True, kw_only=True):
    """What of a parcel came (or would come) from the batch: the chance that any article did, how many are expected."""

    order_id: str
    listing_id: str
    store_id: str
    buyer_id: str
    quantity: int
    stage: Stage
    basis: Basis
    probability: float
    articles: float


class Fed(msgspec.Struct, frozen=True, kw_only=True):
    """A listing that the batch feeds, since when, beside which other batches; `share`: of what it sends next."""

    listing_id: str
    since: datetime
    beside: tuple[str, ...]
    share: float


class Buyer(msgspec.Struct, frozen=True):
    """Whom to inform: the chance that anything of theirs came from the batch, and by which orders."""

    buyer_id: str
    probability: float
    order_ids: tuple[str, ...]


class Kin(msgspec.Struct, frozen=True):
    """Another batch of the same supplier or factory."""

    batch_id: str
    store_id: str
    same: tuple[Literal["supplier", "factory"], ...]
    why: Why | None


class Left(msgspec.Struct, frozen=True):
    """Articles of the batch that were not shipped: expected, and between which bounds. None where the quantity is not
    known.
    """

    expected: float
    least: int
    most: int


class Trace(msgspec.Struct, frozen=True, kw_only=True):
    """All that came of a batch, and where it came from. Shares are in the order of falling chance, then of orders."""

    batch: Batch
    listings: tuple[Fed, ...]
    orders: tuple[Share, ...]
    buyers: tuple[Buyer, ...]
    stock: Left | None
    kin: tuple[Kin, ...]

    @property
    def certain(self) -> int:
        """How many orders are of it without doubt."""
        return sum(each.basis == "shipped" for each in self.orders)

    @property
    def expected(self) -> float:
        """How many orders are expected to hold something of it."""
        return round(sum(each.probability for each in self.orders), 2)
