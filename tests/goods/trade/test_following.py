"""The log is heard once, in parts of any size, and alarms ring on the clock of the events."""

from __future__ import annotations

from datetime import timedelta

import pytest
import sqlalchemy as sa

from agoranomos.goods.trade import following
from agoranomos.goods.trade.queries import StoreTrade
from agoranomos.kernel.store import Store
from tests.builders import NOW
from tests.goods.redress.test_desk import BEGUN, appraised, sold, step
from tests.goods.trade.builders import Shop, cny, filed, listed, registered, told

AGAIN = told("order.placed", "again", 0.1, **{**sold(1, 0).data, "paid": cny(1)})
"""An order is placed once; what was told first stands."""
HISTORY = (
    *BEGUN, sold(1, 0), AGAIN, step("shipped", 1, 1, batch_id="B7"), sold(2, 2),
    step("delivered", 9, 2.5), filed("n1", 3), appraised(4), step("delivered", 1, 5),
)  # fmt: skip


@pytest.mark.parametrize("size", [1, 2, 3, 5_000])
def test_parts_of_any_size_come_to_the_same(store: Store, size: int, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(following, "STEP_EVENTS_MAX", size)
    shop = Shop(store)
    shop.take(*HISTORY)
    with store.reading() as connection:
        assert following.position(connection) == len(HISTORY)
        orders = StoreTrade(connection).orders_of("l1", NOW - timedelta(days=1))
        assert StoreTrade(connection).store_of("l2") == "s1"
    assert [(each.order_id, each.paid, each.shipped, each.delivered, each.batch_id) for each in orders] == [
        ("o1", 1_000, True, True, "B7"), ("o2", 1_000, False, False, None),
    ]  # fmt: skip
    found, asked = shop.said()
    assert (len(found), len(asked)) == (3, 8)


def late(shop: Shop) -> bool:
    return any("notice_overdue" in code for code in codes(shop))


def codes(shop: Shop) -> list[str]:
    with shop.store.reading() as connection:
        return list(connection.execute(sa.text("SELECT code FROM findings")).scalars())


def test_these_days_the_clock_goes_on_although_nothing_comes(store: Store) -> None:
    shop = Shop(store)
    shop.take(registered(), listed(), filed("n1", 0))
    shop.hear(NOW + timedelta(hours=119))
    assert not late(shop)
    shop.hear(NOW + timedelta(hours=121))
    assert late(shop)


def test_in_a_history_that_was_read_in_it_stands_still(store: Store) -> None:
    shop = Shop(store)
    years = NOW + timedelta(days=700)
    shop.take(registered(), listed(), filed("n1", 0), now=years)
    shop.hear(years)
    assert not late(shop)
    shop.take(told("brand.registered", "much later", 200, brand_id="b9", names=["x"]), now=years)
    assert late(shop)


def test_orders_of_no_more_use_are_forgotten_and_no_others(store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(following, "STEP_EVENTS_MAX", 2)
    shop = Shop(store)
    shop.take(*BEGUN, *(sold(number, 24 * number) for number in range(6)))
    kept = timedelta(days=2)
    turns: list[bool] = []
    while not turns or not turns[-1]:
        with store.transaction() as connection:
            turns.append(following.prune(connection, kept))
    assert turns == [False, False, True], "orders 0, 1 and 2 in two turns; the newest event is of the fifth day"
    with store.reading() as connection:
        left = StoreTrade(connection).orders_of("l1", NOW - timedelta(days=9))
        lines = connection.execute(sa.text("SELECT count(*) FROM trade_lines")).scalar_one()
        assert StoreTrade(connection).store_of("l1") == "s1", "who offers what is kept"
    assert ([each.order_id for each in left], lines) == (["o3", "o4", "o5"], 3)


def test_where_nothing_was_heard_nothing_is_forgotten(store: Store) -> None:
    with store.transaction() as connection:
        assert following.prune(connection, timedelta(days=1))
