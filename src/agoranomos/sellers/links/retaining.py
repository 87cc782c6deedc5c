"""Sellers whose stores are all closed, for the schedule: after so long their personal data goes, with their digests."""

from __future__ import annotations

from typing import Final

from agoranomos.kernel.retained import Kept
from agoranomos.sellers.links.tables import link_sellers

KEPT: Final = (
    Kept(
        kind="sellers.closed", about="personal data of sellers all of whose stores are closed", table=link_sellers,
        at=link_sellers.c.closed_at, action="erase", subjects={"seller": link_sellers.c.seller_id},
        where=link_sellers.c.state == "closed", person="seller", least_days=365,
    ),
)  # fmt: skip
