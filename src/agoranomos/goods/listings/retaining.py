"""Checks of listings that led to nothing, for the schedule."""

from __future__ import annotations

from typing import Final

from agoranomos.goods.listings.tables import listing_checks
from agoranomos.kernel.retained import Kept

_C = listing_checks.c
KEPT: Final = (
    Kept(
        kind="listings.approvals", about="checks of listings that approved", table=listing_checks, at=_C.at,
        subjects={"listing": _C.listing_id, "store": _C.store_id, "seller": _C.seller_id},
        where=_C.outcome == "approve", least_days=90,
    ),
)  # fmt: skip
"""What was warned or refused stays: it is the record of a measure, and a seller may ask about it."""
