"""What all desks have in common, as `wiring` sees them: monitors that follow the log, and files of policies."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Final, Protocol

from agoranomos.access.exposure.deciding import CHECK as READ_CHECK
from agoranomos.access.policies import NAMES as ACCESS
from agoranomos.engine.rules.types import CHECKS
from agoranomos.engine.stream.monitor import Monitor
from agoranomos.goods.listings.deciding import CHECK as LISTING_CHECK
from agoranomos.promotions.policies import NAMES as PROMOTIONS
from agoranomos.reviews.policies import NAMES as REVIEWS
from agoranomos.rules.book import Book
from agoranomos.rules.monitor import RuleMonitor
from agoranomos.sellers.conduct.policies import NAMES as SELLERS
from agoranomos.sellers.rooms import SELLERS_CHECKS

DESKS: Final = ("sellers", "promotions", "reviews", "access")
"""The desks whose rooms hear by themselves, as `wiring` calls them."""
DESKS_CHECKS: Final = SELLERS_CHECKS | {LISTING_CHECK, READ_CHECK}
"""The checks that a desk makes, which asks the rules of its check itself."""
DESK_POLICIES: Final = (*ACCESS, *PROMOTIONS, *REVIEWS, *SELLERS)
"""The files that a folder of policies may hold for these desks, each with the ending `.toml`."""


class Desk(Protocol):
    """A desk's rooms."""

    def followed(self) -> Mapping[str, Callable[[], Monitor]]:
        """The monitors that follow the log live, by name."""


def rule_monitor(book: Book | None = None) -> Monitor:
    """The monitor of rules that no desk asks; live (no `book`) only listings of the log are judged with their rules."""
    return RuleMonitor(book, checks=CHECKS.keys() - (DESKS_CHECKS if book is not None else {LISTING_CHECK}))
