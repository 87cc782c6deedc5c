"""The listing that an event tells of."""

from __future__ import annotations

from datetime import datetime

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


def event_of(listing: Listing, at: datetime) -> events.Event:
    """The event that would tell of `listing`, for a draft that nobody has sent yet."""
    price = {"amount": listing.price.amount, "currency": listing.price.currency} if listing.price else None
    data = {
        "listing_id": listing.listing_id,
        "store_id": listing.store_id,
        "title": listing.title,
        "price": price,
        "description": listing.description,
        "brand": listing.brand,
        "category": listing.category,
        "pictures": list(listing.pictures),
    }
    envelope = {"id": listing.listing_id, "source": "console", "type": "listing.submitted", "time": rfc3339(at)}
    return events.parse_event({**envelope, "data": data})
