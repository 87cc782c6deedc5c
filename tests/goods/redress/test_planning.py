"""What is paid back of an order, and which orders came from a batch: sums that never come to more than was paid."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from agoranomos.goods.redress.planning import plan, share_of
from agoranomos.goods.trade.model import Order, order_of, shared
from agoranomos.kernel.schema.orders import OrderPlaced
from tests.builders import NOW
from tests.goods.trade.builders import cny, told


def order(
    *lines: tuple[str, int, int], paid: int, order_id: str = "o1", prices: str = "CNY", **more: Any
) -> Order:  # fmt: skip
    """(listing, quantity, price) of each line."""
    event = told(
        "order.placed", "e", 0, order_id=order_id, buyer_id="u1", store_id="s1", paid=cny(paid),
        lines=[
            {"listing_id": name, "quantity": count, "price": {"amount": price, "currency": prices}}
            for name, count, price in lines
        ],
        coupon_ids=["k1"],
    )  # fmt: skip
    assert isinstance(event.body, OrderPlaced)
    placed = order_of(event.body, event.time)
    return Order(**{name: more.get(name, getattr(placed, name)) for name in placed.__struct_fields__})


def refund(*orders: Order, listing: str = "l1", batches: frozenset[str] | None = None, taken: int = 0) -> list[Any]:
    share = share_of(listing, orders, batches)
    return plan(listing, orders, batches, share, 0.9, lambda _: taken)


def test_what_was_paid_is_laid_to_the_lines_by_their_price() -> None:
    mixed = order(("l1", 2, 100), ("l2", 1, 300), paid=250)
    assert [(line.listing_id, line.paid) for line in mixed.lines] == [("l1", 100), ("l2", 150)]
    assert [line.refund.amount for line in refund(mixed)] == [100]
    assert refund(mixed)[0].coupon_ids == (), "the coupon also bought what is genuine"
    alone = order(("l1", 2, 100), paid=150)
    assert refund(alone)[0].refund.amount == 150
    assert refund(alone)[0].coupon_ids == ("k1",)
    assert refund(order(("l2", 1, 5), paid=5)) == []


def test_lines_of_one_listing_are_one_and_other_currencies_share_by_pieces() -> None:
    twice = order(("l1", 1, 100), ("l1", 2, 50), ("l2", 1, 200), paid=200)
    assert [(line.listing_id, line.quantity, line.paid) for line in twice.lines] == [("l1", 3, 100), ("l2", 1, 100)]
    abroad = order(("l1", 3, 999), ("l2", 1, 1), paid=400, prices="USD")
    assert [line.paid for line in abroad.lines] == [300, 100]
    free = order(("l1", 1, 0), ("l2", 3, 0), paid=8)
    assert [line.paid for line in free.lines] == [2, 6]


def test_never_more_than_is_left() -> None:
    assert refund(order(("l1", 1, 100), paid=100, refunded=70))[0].refund.amount == 30
    assert refund(order(("l1", 1, 100), paid=100, refunded=500))[0].refund.amount == 0
    assert refund(order(("l1", 1, 100), paid=100), taken=90)[0].refund.amount == 10


def test_parcels_that_arrived_are_not_stopped() -> None:
    steps: list[dict[str, Any]] = [{}, {"shipped": True}, {"delivered": True}]
    assert [refund(order(("l1", 1, 1), paid=1, **far))[0].stop for far in steps] == [True, True, False]


@pytest.mark.parametrize(
    ("batch", "shipped", "fake", "good", "basis", "whole"),
    [
        ("B1", True, 1, 9, "same_batch", True),
        ("B2", True, 1, 9, "other_batch", False),
        (None, True, 1, 9, "unclear_batch", False),
        (None, True, 95, 5, "likely_batch", True),
        (None, True, 0, 0, "likely_batch", True),
        (None, False, 1, 9, "not_shipped", True),
    ],
)
def test_goods_that_lie_together(
    batch: str | None, shipped: bool, fake: int, good: int, basis: str, whole: bool
) -> None:
    others = [
        order(("l1", count, 10), paid=count * 10, order_id=name, batch_id=name[:2], shipped=True)
        for name, count in (("B1-", fake), ("B2-", good))
        if count
    ]
    mine = order(("l1", 1, 100), paid=100, order_id="mine", batch_id=batch, shipped=shipped)
    batches = frozenset({"B1"})
    share = share_of("l1", others, batches)
    assert share == (fake / (fake + good) if fake + good else None)
    (line,) = plan("l1", [mine], batches, share, 0.9, lambda _: 0)
    assert line.basis == basis
    assert (line.refund.amount == 100) is whole
    assert line.stop is whole
    assert plan("l1", [mine], None, None, 0.9, lambda _: 0)[0].basis == "listing"


@given(st.integers(0, 10**12), st.lists(st.integers(0, 10**9), min_size=1, max_size=8))
def test_shares_add_up_and_none_is_far_from_its_part(amount: int, weights: list[int]) -> None:
    parts = shared(amount, weights)
    assert sum(parts) == amount
    total = sum(weights)
    for part, weight in zip(parts, weights, strict=True):
        assert part >= 0
        if total:
            assert abs(part * total - amount * weight) < total


LINES = st.tuples(st.sampled_from(["l1", "l2", "l3"]), st.integers(1, 9), st.integers(0, 5_000))


@given(st.lists(LINES, min_size=1, max_size=5), st.integers(0, 50_000), st.integers(0, 50_000))
def test_all_listings_of_an_order_together_are_refunded_what_was_paid(
    lines: list[tuple[str, int, int]], paid: int, refunded: int
) -> None:
    one = order(*lines, paid=paid, refunded=refunded)
    taken = 0
    for listing in dict.fromkeys(name for name, _, _ in lines):
        (line,) = plan(listing, [one], None, None, 0.9, lambda _, taken=taken: taken)  # type: ignore[misc]
        taken += line.refund.amount
    assert taken == max(0, paid - refunded)


def test_nothing_is_paid_without_lines() -> None:
    assert shared(5, []) == []
    assert order(paid=5, placed_at=NOW - timedelta(days=1)).lines == ()
