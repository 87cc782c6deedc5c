"""A recall: all that follows from one listing's goods being fake. Pure values."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Final, Literal

import msgspec

from agoranomos.kernel.ids import derived
from agoranomos.kernel.money import Money

CauseKind = Literal["testbuy", "case", "notice"]
RecallState = Literal["standing", "withdrawn"]
Basis = Literal["listing", "same_batch", "likely_batch", "not_shipped", "unclear_batch", "other_batch"]
"""Why an order is treated as it is. `listing`: the goods of the listing as such are fake. The others when it is known
which batch is: the order came from it; very likely did; was not sent yet; may have; came from another one."""


WHOLE: Final = frozenset[Basis]({"listing", "same_batch", "likely_batch", "not_shipped"})
"""Treated as fake in full; of the others the buyers are told, and may send the goods back."""


class Cause(msgspec.Struct, frozen=True, kw_only=True):
    """Something that says the goods are fake: an appraisal, an upheld case, an upheld notice.

    `indirect`: it was said of an article of the same batch that another listing sold.
    """

    kind: CauseKind
    id: str
    at: datetime
    batch_id: str | None = None
    overturned: bool = False
    indirect: bool = False


class Line(msgspec.Struct, frozen=True, kw_only=True):
    """What becomes of one order. `refund` is what the buyer gets back, `stop` whether the parcel is called back.

    `share`: which share of the pieces of the listing came from the batch that is fake, where that decided.
    `coupon_ids` are given back as well: everything in the order is fake.
    """

    order_id: str
    buyer_id: str
    store_id: str
    placed_at: datetime
    basis: Basis
    paid: Money
    refund: Money
    stop: bool
    share: float | None = None
    coupon_ids: tuple[str, ...] = ()


class Total(msgspec.Struct, frozen=True, kw_only=True):
    """What a recall comes to in one currency, in minor units."""

    currency: str
    refund: int
    paid: int


class Recall(msgspec.Struct, frozen=True, kw_only=True):
    """A recall as it stands; it stands while one of its causes does. `number` counts the recalls of a listing.

    `look_at`: when new orders are next looked for. `informed`, `refunded` and `stopped` count orders.
    """

    recall_id: str
    listing_id: str
    number: int
    began_at: datetime
    causes: tuple[Cause, ...]
    state: RecallState = "standing"
    look_at: datetime | None = None
    revision: int = 0
    informed: int = 0
    refunded: int = 0
    stopped: int = 0
    totals: tuple[Total, ...] = ()
    measure_ids: tuple[str, ...] = ()
    withdrawn_at: datetime | None = None

    @property
    def standing(self) -> tuple[Cause, ...]:
        """The causes that were not overturned."""
        return tuple(each for each in self.causes if not each.overturned)

    def batches(self) -> frozenset[str] | None:
        """The batches that are fake, when that is all that is known; None: the goods of the listing as such."""
        found = [each.batch_id for each in self.standing]
        return None if None in found or not found else frozenset(each for each in found if each is not None)

    @property
    def only_shipped(self) -> bool:
        """Nothing was said of this listing itself: only what was shipped from the batch is known to be fake."""
        return all(each.indirect for each in self.standing)

    def with_lines(self, lines: Sequence[Line], instead_of: Sequence[Line] = ()) -> Recall:
        """The recall with further orders in it; `instead_of` are earlier lines, of some of the same orders."""
        sums = {each.currency: (each.refund, each.paid) for each in self.totals}
        for sign, part in ((-1, instead_of), (1, lines)):
            for line in part:
                refund, paid = sums.get(line.paid.currency, (0, 0))
                sums[line.paid.currency] = (refund + sign * line.refund.amount, paid + sign * line.paid.amount)
        return msgspec.structs.replace(
            self,
            informed=self.informed + len(lines) - len(instead_of),
            refunded=self.refunded + sum(line.refund.amount > 0 for line in lines),
            stopped=self.stopped + sum(line.stop for line in lines),
            totals=tuple(
                Total(currency=currency, refund=refund, paid=paid) for currency, (refund, paid) in sorted(sums.items())
            ),
        )


def new_recall(listing_id: str, number: int, cause: Cause) -> Recall:
    """The recall of a listing that `cause` begins."""
    name = derived("rc", listing_id, str(number))
    return Recall(recall_id=name, listing_id=listing_id, number=number, began_at=cause.at, causes=(cause,))
