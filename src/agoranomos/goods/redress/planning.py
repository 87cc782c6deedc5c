"""What becomes of each order of a listing whose goods are fake: pure, the same in a replay and live."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from agoranomos.goods.redress.model import WHOLE, Basis, Line
from agoranomos.goods.trade.model import Order
from agoranomos.kernel.money import Money

Taken = Callable[[str], int]
"""By order: what other recalls pay back of it, in minor units."""


def plan(
    listing_id: str,
    wanted: Sequence[Order],
    batches: frozenset[str] | None,
    share: float | None,
    share_min: float,
    taken: Taken,
) -> list[Line]:
    """The lines for the orders `wanted` of a listing.

    `batches` are those that are fake (None: the goods of the listing as such), `share` which share of what the listing
    sent came from them (`share_of`), `share_min` from which share on an order of unknown batch is refunded.
    """
    return [
        _line(order, listing_id, _basis(order, batches, share, share_min), share, taken(order.order_id))
        for order in wanted
        if order.line(listing_id) is not None
    ]


def share_of(listing_id: str, sold: Sequence[Order], batches: frozenset[str] | None) -> float | None:
    """Of the pieces of a listing whose batch is known, the share that came from `batches`; None when nothing is known.

    Goods that lie together cannot be told apart: the share is the probability that a piece came from the batch.
    """
    if batches is None:
        return None
    known = fake = 0
    for order in sold:
        line = order.line(listing_id)
        if line is not None and order.batch_id is not None:
            known += line.quantity
            fake += line.quantity if order.batch_id in batches else 0
    return fake / known if known else None


def _basis(order: Order, batches: frozenset[str] | None, share: float | None, share_min: float) -> Basis:
    if batches is None:
        return "listing"
    if order.batch_id is not None:
        return "same_batch" if order.batch_id in batches else "other_batch"
    if not order.shipped:
        return "not_shipped"
    return "likely_batch" if share is None or share >= share_min else "unclear_batch"


def _line(order: Order, listing_id: str, basis: Basis, share: float | None, taken: int) -> Line:
    line = order.line(listing_id)
    assert line is not None, "only orders of the listing"
    whole = basis in WHOLE
    # What was paid for the order bounds all that is paid back of it, whoever asked for it.
    left = max(0, order.paid - order.refunded - taken)
    refund = min(line.paid, left) if whole else 0
    alone = len(order.lines) == 1
    return Line(
        order_id=order.order_id,
        buyer_id=order.buyer_id,
        store_id=order.store_id,
        placed_at=order.placed_at,
        basis=basis,
        paid=Money(line.paid, order.currency),
        refund=Money(refund, order.currency),
        stop=whole and not order.delivered,
        share=round(share, 4) if basis in ("likely_batch", "unclear_batch") and share is not None else None,
        coupon_ids=order.coupon_ids if whole and alone else (),
    )
