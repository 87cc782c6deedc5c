"""From which batch a parcel came: certain where it was noted, a probability that adds up where batches lie together."""

from __future__ import annotations

import random
from collections import Counter
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from agoranomos.goods.batches.flow import Flow
from agoranomos.goods.batches.following import hear
from agoranomos.goods.batches.mixing import UNTRACKED, mixed, next_share
from agoranomos.goods.batches.tracing import trace
from agoranomos.kernel.errors import NotFound
from agoranomos.kernel.events import parse_event
from tests.goods.batches.builders import (
    CNY,
    condemned,
    delivered,
    listed,
    placed,
    raw,
    received,
    refunded,
    shipped,
    sold,
)


def flow_of(*events: dict[str, Any]) -> Flow:
    flow = Flow()
    for event in sorted(map(parse_event, events), key=lambda each: each.time):
        hear(flow, event.type, event.time, event.data)
    return flow


def shares(flow: Flow, batch: str) -> dict[str, tuple[float, str]]:
    return {each.order_id: (each.probability, each.basis) for each in trace(flow, batch).orders}


TWO = (received("A"), received("B", quantity=30), listed("A"), listed("B", kind="listing.updated"))


def test_what_was_shipped_as_of_a_batch_is_certain() -> None:
    flow = flow_of(*TWO, placed("o1", 1), shipped("o1", 2, "A"), placed("o2", 1.5), shipped("o2", 3))
    assert shares(flow, "A") == {"o1": (1.0, "shipped"), "o2": (round(9 / 39, 6), "mixed")}
    assert shares(flow, "B") == {"o2": (round(30 / 39, 6), "mixed")}


def test_a_batch_alone_on_a_listing_is_the_only_source() -> None:
    flow = flow_of(received("A"), listed("A"), *sold(3))
    assert set(shares(flow, "A").values()) == {(1.0, "only")}
    found = trace(flow, "A")
    assert (found.certain, found.expected) == (0, 3.0)
    assert found.stock is not None
    assert (found.stock.expected, found.stock.least, found.stock.most) == (7.0, 7, 7)


def test_parcels_share_what_is_left_and_nothing_is_counted_twice() -> None:
    flow = flow_of(*TWO, *sold(20))
    origins = mixed(flow).origins
    for origin in origins.values():
        assert sum(articles for _, articles in origin.shares.values()) == pytest.approx(1.0)
    assert {share[0] for share in shares(flow, "A").values()} == {0.25}  # the share is expected to stay
    stock = trace(flow, "A").stock
    assert stock is not None
    assert (stock.expected, stock.least, stock.most) == (5.0, 0, 10)


def test_a_batch_that_comes_later_is_in_no_earlier_parcel() -> None:
    flow = flow_of(
        received("A"), listed("A"), *sold(4), received("B", 10, quantity=6), listed("B", 10, kind="listing.updated"),
        placed("late", 11), shipped("late", 12),
    )  # fmt: skip
    assert shares(flow, "B") == {"late": (0.5, "mixed")}
    assert shares(flow, "A")["late"] == (0.5, "mixed")


def test_several_articles_are_likelier_to_hold_one() -> None:
    flow = flow_of(*TWO, placed("o1", 1, quantity=3), shipped("o1", 2))
    [(chance, _)] = shares(flow, "A").values()
    assert chance == pytest.approx(1 - (30 * 29 * 28) / (40 * 39 * 38), abs=1e-6)
    assert trace(flow, "A").orders[0].articles == pytest.approx(0.75)


def test_where_quantities_are_unknown_batches_count_alike_and_it_is_said() -> None:
    flow = flow_of(
        received("A"), received("B", quantity=None), listed("A"), listed("B", kind="listing.updated"), *sold(1)
    )
    assert list(shares(flow, "A").values()) == [(0.5, "equal")]
    assert trace(flow, "B").stock is None


def test_goods_of_before_any_batch_may_lie_there_still() -> None:
    flow = flow_of(listed(None), *sold(2), received("A", 9), listed("A", 9, kind="listing.updated"), *sold(1, start=10))
    assert list(shares(flow, "A").values()) == [(0.5, "equal")]
    origin = next(origin for (order, _), origin in mixed(flow).origins.items() if "-10-" in order)
    assert UNTRACKED in origin.shares


def test_more_shipped_than_came_in_is_said_to_be_unknown() -> None:
    flow = flow_of(
        received("A", quantity=1), received("B", quantity=1), listed("A"), listed("B", kind="listing.updated"), *sold(4)
    )
    assert [basis for _, basis in shares(flow, "A").values()].count("equal") == 2


def test_parcels_that_wait_take_from_what_is_left_and_cancelled_ones_nothing() -> None:
    flow = flow_of(
        received("A", quantity=2), listed("A"), placed("gone", 1), shipped("gone", 2), delivered("gone", 3),
        placed("waits", 4), placed("never", 5), refunded("never", 6),
    )  # fmt: skip
    found = trace(flow, "A")
    assert {each.order_id: each.stage for each in found.orders} == {"gone": "delivered", "waits": "waiting"}
    assert found.stock is not None
    assert (found.stock.expected, found.stock.most) == (1.0, 1)


def test_one_batch_feeds_several_listings() -> None:
    flow = flow_of(received("A"), listed("A"), listed("A", listing="l2"), *sold(3), *sold(2, listing="l2"))
    found = trace(flow, "A")
    assert [each.listing_id for each in found.listings] == ["l1", "l2"]
    assert found.stock is not None
    assert found.stock.expected == 5.0


def test_shipping_teaches_which_listing_a_batch_feeds() -> None:
    flow = flow_of(
        received("A"), listed(None), placed("o1", 1), shipped("o1", 2, "A"), placed("o2", 3), shipped("o2", 4)
    )
    assert shares(flow, "A")["o1"] == (1.0, "shipped")
    assert [each.listing_id for each in trace(flow, "A").listings] == ["l1"]


def test_buyers_and_the_rest_of_the_source() -> None:
    flow = flow_of(
        received("A", supplier_id="sup", factory="f"), received("B", supplier_id="sup", factory="g", quantity=30),
        received("C", factory="f", store_id="s9"), received("D", supplier_id="other"), listed("A"),
        listed("B", kind="listing.updated"), placed("o1", 1, buyer="ana"), shipped("o1", 2),
        placed("o2", 3, buyer="ana"), shipped("o2", 4), condemned("B", 9),
    )  # fmt: skip
    found = trace(flow, "A")
    [buyer] = found.buyers
    assert (buyer.buyer_id, buyer.order_ids) == ("ana", ("o1", "o2"))
    assert buyer.probability == pytest.approx(1 - 0.75**2, abs=1e-6)
    assert [(each.batch_id, each.same, each.why) for each in found.kin] == [
        ("B", ("supplier",), "condemned"), ("C", ("factory",), None),
    ]  # fmt: skip
    with pytest.raises(NotFound):
        trace(flow, "none")


def test_what_several_lines_of_an_order_came_from() -> None:
    lines = [{"listing_id": name, "quantity": 1, "price": CNY} for name in ("l1", "l2", "l1")]
    both = raw("order.placed", 1, order_id="o1", buyer_id="b", store_id="s1", paid=CNY, lines=lines)
    found = trace(flow_of(received("A"), listed("A"), listed(None, listing="l2"), both, shipped("o1", 2, "A")), "A")
    assert [(each.listing_id, each.quantity) for each in found.orders] == [("l1", 2)]


def test_a_batch_that_nothing_tells_of_is_that_of_the_line_that_no_other_feeds() -> None:
    lines = [{"listing_id": name, "quantity": 1, "price": CNY} for name in ("l1", "l2")]
    both = raw("order.placed", 1, order_id="o1", buyer_id="b", store_id="s1", paid=CNY, lines=lines)
    flow = flow_of(received("A"), received("B"), listed("B"), listed(None, listing="l2"), both, shipped("o1", 2, "A"))
    assert [(each.listing_id, each.basis) for each in trace(flow, "A").orders] == [("l2", "shipped")]
    assert [(each.listing_id, each.basis) for each in trace(flow, "B").orders] == [("l1", "only")]


@settings(max_examples=60)
@given(
    st.lists(st.integers(1, 12), min_size=2, max_size=3),
    st.lists(st.tuples(st.integers(1, 2), st.sampled_from([None, None, 0, 1])), max_size=8),
)
def test_articles_add_up_however_they_were_sold(quantities: list[int], orders: list[tuple[int, int | None]]) -> None:
    """Over all batches each parcel has exactly its articles, chances are chances, and stock lies within its bounds."""
    names = "ABC"[: len(quantities)]
    events = [received(name, quantity=quantity) for name, quantity in zip(names, quantities, strict=True)]
    events += [listed(name, kind="listing.updated") for name in names]
    for number, (quantity, batch) in enumerate(orders):
        events.append(placed(f"o{number}", 1 + number, quantity=quantity))
        events.append(shipped(f"o{number}", 1.5 + number, None if batch is None else names[batch]))
    flow = flow_of(*events)
    for (order_id, _), origin in mixed(flow).origins.items():
        [line] = flow.parcels[order_id]
        assert sum(articles for _, articles in origin.shares.values()) == pytest.approx(line.quantity)
        assert all(0.0 <= chance <= 1.0 + 1e-12 for chance, _ in origin.shares.values())
    for name in names:
        stock = trace(flow, name).stock
        assert stock is not None
        assert 0 <= stock.least <= stock.most
        assert stock.least - 1e-9 <= stock.expected <= stock.most + 1e-9
        assert 0.0 <= next_share(flow, mixed(flow), "l1", name) <= 1.0


def test_the_chances_are_those_of_a_warehouse_where_anybody_takes_anything() -> None:
    """Thousands of warehouses, picked from at random; of these, those in which the noted parcels came out as noted."""
    chance = random.Random(11)
    hits: Counter[int] = Counter()
    runs = 0
    for _ in range(60_000):
        pool = list("AAAABBBBBB")
        chance.shuffle(pool)
        if (pool[1], pool[3]) == ("A", "B"):  # the second and fourth parcel were shipped as of A and of B
            runs += 1
            hits.update(place for place in (0, 2, 4) if pool[place] == "A")
    flow = flow_of(
        received("A", quantity=4), received("B", quantity=6), listed("A"), listed("B", kind="listing.updated"),
        *(placed(f"o{number}", 1 + number) for number in range(5)),
        *(shipped(f"o{number}", 10 + number, {1: "A", 3: "B"}.get(number)) for number in range(5)),
    )  # fmt: skip
    found = shares(flow, "A")
    for place in (0, 2, 4):
        assert found[f"o{place}"][0] == pytest.approx(hits[place] / runs, abs=0.012)
        assert found[f"o{place}"][0] == pytest.approx(3 / 8)
