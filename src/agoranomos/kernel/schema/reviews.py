"""Reviews, and how stores reach the people who write them."""

from __future__ import annotations

from typing import Annotated, Literal

import msgspec

from agoranomos.kernel.schema.base import Body, Id, Moment, Picture, Seconds, Text

Rating = Annotated[int, msgspec.Meta(ge=1, le=5)]
Editor = Literal["author", "platform"]


class ReviewPosted(Body, frozen=True, kw_only=True):
    """`review.posted`: what a buyer thinks, 1 (bad) to 5."""

    review_id: Id
    author_id: Id
    store_id: Id
    rating: Rating
    order_id: Id | None = None
    listing_id: Id | None = None
    text: str | None = None
    anonymous: bool | None = None
    pictures: tuple[Picture, ...] = ()


class ReviewEdited(Body, frozen=True, kw_only=True):
    """`review.edited` and `review.deleted`: who changed it, and to what."""

    review_id: Id
    by: Editor
    rating: Rating | None = None
    text: str | None = None
    reason: str | None = None


class NumberBound(Body, frozen=True, kw_only=True):
    """`number.bound`: a virtual number stands for a buyer until `expires_at`."""

    virtual_number: Text
    order_id: Id
    expires_at: Moment
    store_id: Id | None = None
    account_id: Id | None = None


class NumberCalled(Body, frozen=True, kw_only=True):
    """`number.called`: someone rang a virtual number."""

    virtual_number: Text
    from_: Literal["store", "unknown"] = msgspec.field(name="from")
    duration_s: Seconds | None = None


class ContactMade(Body, frozen=True, kw_only=True):
    """`contact.made`: a store and a buyer spoke or wrote."""

    store_id: Id
    channel: Literal["call", "message"]
    direction: Literal["to_buyer", "to_store"]
    order_id: Id | None = None
    virtual_number: str | None = None
    account_id: Id | None = None
    duration_s: Seconds | None = None
    text: str | None = None


class HarassmentReported(Body, frozen=True, kw_only=True):
    """`harassment.reported`: a buyer says that a store leaves them no peace."""

    report_id: Id
    buyer_id: Id
    store_id: Id
    review_id: Id | None = None
    text: str | None = None


TYPES: dict[str, type[Body]] = {
    "review.posted": ReviewPosted,
    "review.edited": ReviewEdited,
    "review.deleted": ReviewEdited,
    "number.bound": NumberBound,
    "number.called": NumberCalled,
    "contact.made": ContactMade,
    "harassment.reported": HarassmentReported,
}
