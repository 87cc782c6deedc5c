"""What is noticed in a listing, as weights of evidence for whoever knows more of it."""

from __future__ import annotations

from datetime import datetime
from typing import Final

from agoranomos.goods.evidence.model import WEIGHT_MAX, Source, Weight
from agoranomos.goods.listings.model import Assessment, Concern, Listing, Signal
from agoranomos.kernel.findings import Subject

_PRICE: Final = frozenset({"goods.price_too_low"})
_PICTURES: Final = ("goods.picture", "goods.brand_shown", "goods.contact_in_picture", "goods.words_in_picture")
"""How the codes of what pictures show begin."""


def weights_of(listing: Listing, assessment: Assessment, at: datetime) -> list[Weight]:
    """A weight for each signal that the goods are fake, or that they are not."""
    subject = Subject("listing", assessment.listing_id)
    return [
        Weight(
            subject=subject,
            source=_source(signal),
            code=signal.code,
            weight=max(-WEIGHT_MAX, min(WEIGHT_MAX, signal.weight)),
            message=signal.message,
            message_zh=signal.message_zh,
            at=at,
            store_id=assessment.store_id,
            category=listing.category,
        )
        for signal in assessment.signals
        if signal.concern is Concern.COUNTERFEIT and signal.weight
    ]


def _source(signal: Signal) -> Source:
    if signal.code in _PRICE:
        return "price"
    return "picture" if signal.code.startswith(_PICTURES) else "text"
