"""What all desks have in common, as `wiring` sees them: monitors that follow the log, and files of policies."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Final, Protocol

from agoranomos.access.policies import NAMES as ACCESS
from agoranomos.cases.policy import NAME as CASES
from agoranomos.cases.referral.policy import NAME as REFERRAL
from agoranomos.engine.stream.monitor import Monitor
from agoranomos.promotions.policies import NAMES as PROMOTIONS
from agoranomos.retention.policy import NAME as RETENTION
from agoranomos.reviews.policies import NAMES as REVIEWS
from agoranomos.sellers.conduct.policies import NAMES as SELLERS
from agoranomos.vault.revealing.policy import NAME as VAULT

DESKS: Final = ("sellers", "promotions", "reviews", "access")
"""The desks whose rooms hear by themselves, as `wiring` calls them."""
DESK_POLICIES: Final = (CASES, *ACCESS, *PROMOTIONS, REFERRAL, RETENTION, *REVIEWS, *SELLERS, VAULT)
"""The files that a folder of policies may hold for these desks, for cases and what goes out, and for the vault, each
with the ending `.toml`."""


class Desk(Protocol):
    """A desk's rooms."""

    def followed(self) -> Mapping[str, Callable[[], Monitor]]:
        """The monitors that follow the log live, by name."""
