"""A listing as the seller submits it, what is noticed in it, and how that adds up."""

from __future__ import annotations

from enum import StrEnum
from typing import Any, Literal

import msgspec

from agoranomos.kernel.findings import Finding, Related
from agoranomos.kernel.money import Money

Field = Literal["title", "description", "brand"]


class Concern(StrEnum):
    """What a listing can be suspected of; evidence is summed within one concern, never across."""

    COUNTERFEIT = "counterfeit"
    DIVERSION = "diversion"
    PROHIBITED = "prohibited"
    """Goods that nobody may sell, or only who has shown a licence."""
    BORROWED = "borrowed"
    """Somebody else's pictures."""


class Listing(msgspec.Struct, frozen=True, kw_only=True):
    """One offer. `category` is the marketplace's own path or name; `listed_at` RFC 3339 or None."""

    listing_id: str
    store_id: str
    title: str
    price: Money | None
    description: str = ""
    brand: str = ""
    category: str = ""
    seller_id: str | None = None
    pictures: tuple[str, ...] = ()
    listed_at: str | None = None


class Quote(msgspec.Struct, frozen=True):
    """The seller's own words: `text` is `field[start:end]` in code points; `reads` what it stands for."""

    field: Field
    start: int
    end: int
    text: str
    reads: str


class Signal(msgspec.Struct, frozen=True, kw_only=True):
    """What one detector noticed in one listing.

    `weight` is the weight of evidence in natural log-odds (Good 1985); negative speaks for the seller.
    `message` and `message_zh` are complete sentences for the seller and the analyst, without personal data. `related`
    and `ring_id` go into the finding.
    """

    code: str
    concern: Concern
    weight: float
    message: str
    message_zh: str
    quotes: tuple[Quote, ...] = ()
    brand_ids: tuple[str, ...] = ()
    values: dict[str, Any] = {}
    related: tuple[Related, ...] = ()
    ring_id: str | None = None
    detector: str = ""
    version: str = "1"


class Assessment(msgspec.Struct, frozen=True, kw_only=True):
    """Everything that was noticed in one listing and what it adds up to.

    `scores` maps each concern with any signal to its fused probability; `findings` are those at or above
    the policy's report line; `profile` names the category profile that was applied.
    """

    listing_id: str
    store_id: str
    profile: str
    scores: dict[Concern, float]
    signals: tuple[Signal, ...]
    findings: tuple[Finding, ...]

    @property
    def score(self) -> float:
        """The largest of the concerns' probabilities; 0 when nothing was noticed."""
        return max(self.scores.values(), default=0.0)
