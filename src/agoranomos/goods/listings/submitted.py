"""The listing that an event tells of."""

from __future__ import annotations

from agoranomos.goods.listings.model import Listing
from agoranomos.kernel import events
from agoranomos.kernel.clock import rfc3339
from agoranomos.kernel.errors import Invalid
from agoranomos.kernel.schema.goods import ListingSubmitted


def listing_of(event: events.Event) -> Listing:
    """The listing that `event` tells of. Raises Invalid for an event about anything else."""
    body = event.body
    if not isinstance(body, ListingSubmitted):
        raise Invalid(
            "an event of this type is not judged here; send listing.submitted or listing.updated", pointer="/type"
        )
    if not body.title.strip():
        raise Invalid("a title is required", pointer="/data/title")
    if body.price.amount < 0:
        raise Invalid("a price cannot be negative", pointer="/data/price/amount")
    return Listing(
        listing_id=body.listing_id,
        store_id=body.store_id,
        title=body.title,
        price=body.price,
        description=body.description,
        brand=body.brand,
        category=body.category,
        pictures=body.pictures,
        listed_at=rfc3339(event.time),
    )
