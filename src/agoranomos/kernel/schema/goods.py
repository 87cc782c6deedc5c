"""What is sold: brands, batches, listings, and goods bought to be examined."""

from __future__ import annotations

from typing import Annotated, Any, Literal

import msgspec

from agoranomos.kernel.money import Money
from agoranomos.kernel.schema.base import Body, Count, Id, Picture, Text


class RegisteredBand(msgspec.Struct, frozen=True, kw_only=True):
    """What a new genuine article costs, as the brand owner says; `category` None: any."""

    low: Money
    high: Money
    category: str | None = None


class BrandRegistered(Body, frozen=True, kw_only=True):
    """`brand.registered`. `authorised_store_ids` absent: the brand sells openly; a list, even empty: closed.
    `rights_holder_ids` are those who may file notices in its name.
    """

    brand_id: Id
    names: Annotated[tuple[str, ...], msgspec.Meta(min_length=1)]
    aliases: tuple[str, ...] = ()
    categories: tuple[str, ...] = ()
    authorised_store_ids: tuple[Id, ...] | None = None
    price_bands: tuple[RegisteredBand, ...] = ()
    reference_pictures: tuple[Picture, ...] = ()
    features: Any = None
    rights_holder_ids: tuple[Id, ...] = ()


class GoodsReceived(Body, frozen=True, kw_only=True):
    """`goods.received`: a batch came into a warehouse."""

    batch_id: Id
    warehouse_id: Id
    store_id: Id
    supplier_id: Id | None = None
    factory: str | None = None
    brand_id: Id | None = None
    quantity: Count | None = None
    inspection: Literal["passed", "failed", "none"] | None = None


class BatchCondemned(Body, frozen=True, kw_only=True):
    """`batch.condemned`: no article of the batch may be sold."""

    batch_id: Id
    reason: Text


class ListingSubmitted(Body, frozen=True, kw_only=True):
    """`listing.submitted` and `listing.updated`; the latter carries the full listing as well."""

    listing_id: Id
    store_id: Id
    title: str
    price: Money
    description: str = ""
    brand: str = ""
    category: str = ""
    attributes: dict[str, Any] = msgspec.field(default_factory=dict)
    pictures: tuple[Picture, ...] = ()
    batch_id: Id | None = None


class ListingRemoved(Body, frozen=True, kw_only=True):
    """`listing.removed`: the listing is gone, and who took it away."""

    listing_id: Id
    by: Text


class TestbuyAppraised(Body, frozen=True, kw_only=True):
    """`testbuy.appraised`: goods were bought anonymously and examined."""

    testbuy_id: Id
    listing_id: Id
    store_id: Id
    verdict: Literal["genuine", "counterfeit", "inconclusive"]
    appraiser_id: Id
    cost: Money
    batch_id: Id | None = None


TYPES: dict[str, type[Body]] = {
    "brand.registered": BrandRegistered,
    "goods.received": GoodsReceived,
    "batch.condemned": BatchCondemned,
    "listing.submitted": ListingSubmitted,
    "listing.updated": ListingSubmitted,
    "listing.removed": ListingRemoved,
    "testbuy.appraised": TestbuyAppraised,
}
