"""What is known of sellers, stores and applications beside their rows, and what a link is."""

from __future__ import annotations

from datetime import datetime
from typing import Final, Literal

import msgspec

from agoranomos.engine.links.explaining import Explanation, Fact

State = Literal["open", "closed"]
OPEN: Final[State] = "open"
CLOSED: Final[State] = "closed"


class Seller(msgspec.Struct):
    """A seller: `closed` when a store of his was closed for a reason for which one is not to come back; `because` is
    that event. `returns`: the closed seller who was found to come back as this one, with the application
    `returned_with`; "" for nobody, or once a case has said otherwise. `let_in`: that application was decided in his
    favour all the same, so that he is not closed for it. `stores` are all he has opened; `alone`: when he was closed,
    nobody else was at his address.
    """

    seller_id: str
    state: State = OPEN
    closed_at: datetime | None = None
    because: str = ""
    returns: str = ""
    returned_with: str = ""
    stores: list[str] = []
    let_in: bool = False
    alone: bool = False

    @property
    def taken_for(self) -> str:
        """The closed seller whom he is treated as; "" for nobody."""
        return "" if self.let_in else self.returns


class Store(msgspec.Struct):
    """A store, and the finding that stands on it: since when (`told_at`), how often it was said, and for whose sake."""

    store_id: str
    seller_id: str
    state: State = OPEN
    told_at: str = ""
    revision: int = 0
    sources: list[str] = []


class Link(msgspec.Struct, frozen=True):
    """Another seller who may be the same, how likely, and why: the facts first, the sum of weights behind them."""

    seller_id: str
    state: State
    probability: float
    stores: tuple[str, ...]
    facts: tuple[Fact, ...]
    explanation: Explanation
