"""Orders and receipts in whole minor units of one currency."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Literal

import msgspec

from agoranomos.kernel.errors import Invalid
from agoranomos.kernel.money import AMOUNT_MAX

Unused = Literal["no_benefit", "no_goods", "below_min_spend", "currency"]
"""Why a campaign gives nothing for an order: it says not what, no line is of its goods, the list total is below its
`min_spend`, or its amounts are in another currency.
"""


class Line(msgspec.Struct, frozen=True):
    """`quantity` pieces of one listing at the unit list price `price` (minor units)."""

    listing_id: str
    quantity: int
    price: int
    category: str | None = None

    @property
    def listed(self) -> int:
        """List price times quantity."""
        return self.quantity * self.price


class Basket(msgspec.Struct, frozen=True):
    """What somebody buys in one order."""

    currency: str
    lines: tuple[Line, ...]

    def __post_init__(self) -> None:
        for place, line in enumerate(self.lines):
            if line.quantity < 1 or line.price < 0:
                raise Invalid("a line has at least one piece, and no price below zero", pointer=f"/lines/{place}")
        if self.listed > AMOUNT_MAX:
            raise Invalid(f"the list total is beyond {AMOUNT_MAX} minor units", pointer="/lines")

    @property
    def listed(self) -> int:
        """The list total: price times quantity, over all lines."""
        return sum(line.listed for line in self.lines)


class Step(msgspec.Struct, frozen=True):
    """One benefit: it took `taken` off an order of which `before` was left to pay, line by line in `by_line`."""

    campaign_id: str
    kind: str
    before: int
    taken: int
    by_line: tuple[int, ...]

    @property
    def after(self) -> int:
        """What is left to pay."""
        return self.before - self.taken


class Receipt(msgspec.Struct, frozen=True):
    """What an order costs: `listed`, then each step, then `paid`; `by_line` is what is paid for each line. `unused`
    says of each campaign that gave nothing why.
    """

    currency: str
    listed: int
    steps: tuple[Step, ...]
    paid: int
    by_line: tuple[int, ...]
    unused: tuple[tuple[str, Unused], ...] = ()

    @property
    def taken(self) -> int:
        """All benefits together: the face value of the order."""
        return self.listed - self.paid

    def taken_by(self, campaign_ids: Sequence[str]) -> int:
        """What the campaigns among `campaign_ids` took off."""
        return sum(step.taken for step in self.steps if step.campaign_id in campaign_ids)
