"""What is kept by the million is kept once, also after a stop, and goes when it is over."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from agoranomos.enforcement.asking import needs_of
from agoranomos.enforcement.policy import load_policy as load_actions
from agoranomos.engine.stream.run import Run
from agoranomos.kernel.events import Event
from agoranomos.promotions.policies import ring_policies
from agoranomos.promotions.tracing.memory import Memory
from agoranomos.promotions.tracing.monitor import RingMonitor
from agoranomos.promotions.tracing.neighbours import Neighbours
from tests.builders import NOW
from tests.promotions.tracing.events import RING, told, used


def placed(order: str, account: str, minutes: float, *coupons: str, **more: Any) -> Event:
    money = {"amount": 100, "currency": "CNY"}
    line = {"listing_id": "l", "quantity": 1, "price": money}
    return told(
        "order.placed", order, minutes, order_id=order, buyer_id=account, store_id="s", lines=[line], paid=money,
        coupon_ids=list(coupons), **more,
    )  # fmt: skip


def test_texts_that_come_again_are_one_object_also_after_a_stop() -> None:
    first = RingMonitor(*ring_policies(()), needs_of(load_actions()))
    Run([first]).feed(RING)
    second = RingMonitor(*ring_policies(()), needs_of(load_actions()))
    second.resume(first.state())
    for monitor in (first, second):
        known = monitor._known
        mine = [each for each in known.memory.coupons.values() if each.account_id == "r0"]
        assert len(mine) == 3
        assert len({id(each.account_id) for each in mine}) == 1
        assert len({id(each.device_id) for each in mine}) == 1
        assert mine[0].account_id is known.memory.people["r0"].account_id
        assert mine[0].device_id is next(iter(known.memory.people["r0"].devices))
    assert second._known == first._known


def test_one_holder_is_no_set_and_more_are_found_all_the_same() -> None:
    policy, known = ring_policies(())[0], Neighbours({}, {}, {}, {})
    assert not known.acted("a", {"device_id": "d"}, policy)
    assert known.holders == {"device:d": "a"}
    assert not known.acted("b", {"device_id": "d"}, policy)
    assert known.acted("c", {"device_id": "d"}, policy), "a third holder is worth a look"
    assert not known.acted("c", {"device_id": "d"}, policy)
    assert known.around(["a"], policy) == ["a", "b", "c"]
    assert known.sharing(policy) == {"a", "b", "c"}
    for each in ("k1", "k2", "k2"):
        known.given("a", each)
    assert set(known.coupons_of("a")) == {"k1", "k2"}
    known.forget([])
    assert (known.holders, known.keys, known.coupons) == ({}, {}, {})


def test_orders_go_with_the_last_coupon_that_names_them_and_those_that_none_names_by_their_age() -> None:
    memory = Memory({}, {}, {})
    old, new = used("a", 1, 0), used("b", 1, 500 * 24 * 60)
    events = [
        *old, placed("o-a-1", "a", 1, "k-a-1"), placed("never-told", "a", 1, "k-nobody"), *new,
        placed("o-b-1", "b", 500 * 24 * 60, "k-b-1"),
    ]  # fmt: skip
    for event in events:
        memory.hear(event)
    line = NOW + timedelta(days=300)
    memory.forget(line, line)
    assert set(memory.orders) == {"o-b-1"}
    assert set(memory.coupons) == {"k-b-1"}
