"""The values of test buys: what a plan is, the states of a purchase, and which state may follow which."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from enum import StrEnum
from typing import Final, Literal

import msgspec

from agoranomos.kernel.errors import Conflict
from agoranomos.kernel.money import Money

Verdict = Literal["genuine", "counterfeit", "inconclusive"]
PlanState = Literal["committed", "drawn", "dropped"]
DRAW: Final = "testbuy.draw"
"""The kind of approval that a plan above the line needs."""


class State(StrEnum):
    """Of a purchase. `booked`, `cancelled` and `lost` are the ends: nothing is reserved for it any more."""

    PLANNED = "planned"
    BOUGHT = "bought"
    RECEIVED = "received"
    SENT = "sent"
    APPRAISED = "appraised"
    BOOKED = "booked"
    CANCELLED = "cancelled"
    LOST = "lost"


FOLLOWS: Final[Mapping[State, frozenset[State]]] = {
    State.PLANNED: frozenset({State.BOUGHT, State.CANCELLED}),
    State.BOUGHT: frozenset({State.RECEIVED, State.CANCELLED, State.LOST}),
    State.RECEIVED: frozenset({State.SENT, State.LOST}),
    State.SENT: frozenset({State.APPRAISED, State.LOST}),
    State.APPRAISED: frozenset({State.BOOKED}),
    State.BOOKED: frozenset(),
    State.CANCELLED: frozenset(),
    State.LOST: frozenset(),
}
OPEN: Final = frozenset(state for state, after in FOLLOWS.items() if after)
AT_THE_APPRAISER: Final = frozenset({State.BOUGHT, State.RECEIVED, State.SENT})
"""From here a verdict is taken: who forgot to say that a parcel was received or sent has not undone it."""


def require_follows(before: State, after: State) -> None:
    """Raises Conflict unless `after` may follow on `before`."""
    if after not in FOLLOWS[before]:
        able = ", ".join(sorted(FOLLOWS[before])) or "nothing: it is over"
        raise Conflict(f"this test buy is {before}; what may follow is {able}")


class Plan(msgspec.Struct, frozen=True, kw_only=True):
    """A plan. `commitment` and `digest` (of the design) were written into the audit log, at `entry`, before the draw;
    `root` is of the checkpoint over `root_size` entries that the seed is made of as well. `sizes` are listings of the
    shelf by stratum. `listings_expected` is how many will be bought on average.
    """

    plan_id: str
    at: datetime
    by: str
    state: PlanState
    budget: Money
    listings: int
    listings_expected: float
    sizes: dict[str, int]
    digest: str
    commitment: str
    entry: int
    approval_id: str | None = None
    drawn_at: datetime | None = None
    root: str | None = None
    root_size: int | None = None
    secret: str | None = None


class Purchase(msgspec.Struct, frozen=True, kw_only=True):
    """A test buy. `cost_max` is reserved for it, `cost` what it came to. `inclusion` was its chance to be drawn;
    `place` is its number among the candidates. `twice`: a second appraiser is to see it too.
    """

    testbuy_id: str
    plan_id: str
    place: int
    listing_id: str
    store_id: str
    stratum: str
    inclusion: float
    cost_max: Money
    state: State
    changed_at: datetime
    twice: bool = False
    shopper_id: str | None = None
    address_id: str | None = None
    verdict: Verdict | None = None
    cost: Money | None = None


class Move(msgspec.Struct, frozen=True, kw_only=True):
    """A step of a purchase: who, when; `before` None: it was planned."""

    number: int
    at: datetime
    by: str
    before: State | None
    after: State


class Appraisal(msgspec.Struct, frozen=True, kw_only=True):
    """What one appraiser said."""

    testbuy_id: str
    appraiser_id: str
    verdict: Verdict
    at: datetime
    cost: Money


class Shopper(msgspec.Struct, frozen=True, kw_only=True):
    """Somebody who buys for us. Ids are opaque: name and addresses are kept where personal data is."""

    shopper_id: str
    address_ids: tuple[str, ...]
    active: bool = True
