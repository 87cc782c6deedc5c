"""What happened around a bad review before it was taken back."""

from __future__ import annotations

from datetime import datetime
from typing import Literal

import msgspec

from agoranomos.reviews.standing import How

Gain = Literal["paid", "refunded"]


class Signs(msgspec.Struct):
    """Around a review that stands. `first`: who spoke first; `paid` and `refunded`: since when, and how much in minor
    units.
    """

    paid_at: datetime | None = None
    paid: int = 0
    refunded_at: datetime | None = None
    refunded: int = 0
    returned: bool = False
    first: Literal["", "author", "store"] = ""
    harassed: bool = False
    event_ids: list[str] = []


class Episode(msgspec.Struct, frozen=True, kw_only=True):
    """A bad review that was taken back for a gain of `amount` minor units; `first`: who spoke first."""

    review_id: str
    author_id: str
    store_id: str
    seller_id: str
    posted_at: datetime
    ended_at: datetime
    how: How
    gain: Gain
    amount: int
    first: str
    harassed: bool
    event_ids: tuple[str, ...]
