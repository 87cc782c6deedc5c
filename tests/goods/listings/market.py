"""A small market to check listings in: the real store, and a judge that knows three tricks and
nothing else.

The judge stands behind the port `ListingJudge`; whoever tests the real one uses the real one.
"""

from __future__ import annotations

import math
import os
import re
from datetime import UTC, datetime, timedelta
from typing import Any

from litestar import Litestar

from agoranomos.application import create_app
from agoranomos.goods.listings.model import Assessment, Concern, Field, Listing, Quote, Signal
from agoranomos.goods.listings.policy import load_policy
from agoranomos.goods.rooms import Rooms
from agoranomos.intake.actions import NOBODY
from agoranomos.kernel.money import Money
from agoranomos.kernel.store import Store
from tests.builders import (
    make_access,
    make_cases,
    make_promotions,
    make_referrals,
    make_reports,
    make_retention,
    make_reviews,
    make_sellers,
    make_vault,
)
from tests.web.callers import caller_with

START = datetime(2026, 5, 1, 0, 0, tzinfo=UTC)
PRIOR = -3.0
# Pattern, what it reads as, concern, weight of evidence, code.
TRICKS: tuple[tuple[re.Pattern[str], str, Concern, float, str], ...] = (
    (
        re.compile("N\u0456\uff4b\uff45|\u8010\u200b\u514b"),
        "nike",
        Concern.COUNTERFEIT,
        3.5,
        "goods.brand_disguised",
    ),
    (re.compile("1:1|原单"), "1:1", Concern.COUNTERFEIT, 2.5, "goods.copy_offered"),
    (
        re.compile("加薇\u2764信|V\u2764X|WeChat"),
        "微信",
        Concern.DIVERSION,
        3.6,
        "goods.contact_in_text",
    ),
    (re.compile("workshop|自家作坊"), "workshop", Concern.COUNTERFEIT, -1.0, "goods.own_make"),
)
MESSAGES = {
    "goods.brand_disguised": (
        "The title writes the name Nike in unusual letters.",
        "标题用特殊字符书写了耐克的名称。",
    ),
    "goods.copy_offered": ("Buyers use these words for copies.", "这些词常用来指仿品。"),
    "goods.contact_in_text": (
        "The description gives a contact outside the marketplace.",
        "描述中包含平台以外的联系方式。",
    ),
    "goods.own_make": ("The goods are of your own make.", "商品为自产。"),
}


class TrickJudge:
    """Deterministic; counts how often it was asked."""

    version = "tricks-1"

    def __init__(self) -> None:
        self.asked = 0

    def assess(self, listing: Listing) -> Assessment:
        self.asked += 1
        signals = tuple(self._signals(listing))
        sums: dict[Concern, float] = {}
        for signal in signals:
            sums[signal.concern] = sums.get(signal.concern, PRIOR) + signal.weight
        return Assessment(
            listing_id=listing.listing_id,
            store_id=listing.store_id,
            profile="cosmetics" if "cosmetics" in listing.category else "general",
            scores={concern: 1 / (1 + math.exp(-total)) for concern, total in sums.items()},
            signals=signals,
            findings=(),
        )

    def glance(self, listing: Listing) -> Assessment | None:
        return None if any(self._signals(listing)) else self.assess(listing)

    def _signals(self, listing: Listing) -> list[Signal]:
        fields: tuple[Field, ...] = ("title", "description", "brand")
        found = []
        for pattern, reads, concern, weight, code in TRICKS:
            quotes = tuple(
                Quote(field, hit.start(), hit.end(), hit[0], reads)
                for field in fields
                for hit in pattern.finditer(getattr(listing, field))
            )
            if quotes:
                message, message_zh = MESSAGES[code]
                found.append(
                    Signal(
                        code=code,
                        concern=concern,
                        weight=weight,
                        message=message,
                        message_zh=message_zh,
                        quotes=quotes,
                        detector=code,
                    )
                )
        return found


class TickingClock:
    """A clock that tests move by hand."""

    def __init__(self) -> None:
        self.now = START

    def __call__(self) -> datetime:
        return self.now

    def forward(self, **delta: float) -> None:
        self.now += timedelta(**delta)


class Market:
    """The application with its parts at hand."""

    def __init__(self, store: Store) -> None:
        self.judge = TrickJudge()
        self.clock = TickingClock()
        self.store = store
        self.policy = load_policy()
        sellers, rooms = make_sellers(store, self.clock), Rooms(store, make_vault(), NOBODY, self.clock, os.urandom)
        cases = make_cases(store, sellers, rooms, self.clock)
        self.app: Litestar = create_app(
            self.judge,
            self.store,
            self.policy,
            self.clock,
            vault=make_vault(),
            authenticate=caller_with("checks.run", "decisions.read", "promotions.read"),
            sellers=sellers,
            cases=cases,
            promotions=make_promotions(store, self.clock),
            reviews=make_reviews(store, self.clock),
            access=make_access(store, self.clock),
            referrals=make_referrals(store, cases, self.clock),
            reports=make_reports(store, cases, self.clock),
            retention=make_retention(store, self.clock),
        )


def make_listing(**changes: Any) -> Listing:
    """An honest listing, changed as said."""
    plain: dict[str, Any] = {
        "listing_id": "l-1",
        "store_id": "s-1",
        "title": "Hand-thrown mug",
        "price": Money(6800, "CNY"),
    }
    return Listing(**{**plain, **changes})


def make_event(**data: Any) -> dict[str, Any]:
    """A listing.submitted event about that listing; `data` changes fields, None removes one."""
    plain: dict[str, Any] = {
        "listing_id": "l-1",
        "store_id": "s-1",
        "title": "Hand-thrown mug",
        "price": {"amount": 6800, "currency": "CNY"},
    }
    merged = {name: value for name, value in {**plain, **data}.items() if value is not None}
    return {
        "specversion": "1.0",
        "id": "e-1",
        "source": "market",
        "type": "listing.submitted",
        "time": "2026-05-01T08:00:00+08:00",
        "data": merged,
    }
