from __future__ import annotations

from collections import Counter, defaultdict

from agoranomos.engine.market.plots.top_up_glitch import FACE, PAID, TopUpGlitch
from agoranomos.engine.market.rhythm import DAY, HOUR, midnight
from tests.engine.market.builders import START, make_market, make_settings

PLOT = TopUpGlitch()
MARKET = make_market(make_settings(4), PLOT)
ROLES = {row.subject_id: row.role for row in MARKET.truth if row.plot == PLOT.name}
CAMPAIGN = next(row.subject_id for row in MARKET.truth if row.role == "tool")
ORDERS = [
    event for event in MARKET.of("order.placed") if event.data.get("face_value", {}).get("amount") == FACE
]  # fmt: skip


def test_everybody_pays_forty_fen_for_a_hundred_yuan() -> None:
    assert PAID == 40
    assert len(ORDERS) > 500
    for order in ORDERS:
        assert order.data["paid"]["amount"] == PAID
        assert order.data["lines"][0]["price"]["amount"] == 10_000
        assert ROLES[order.data["buyer_id"]] in ("ring", "good_faith")


def test_the_ring_takes_many_and_shares_phones_and_devices_the_others_take_one_or_two() -> None:
    counts = Counter(order.data["buyer_id"] for order in ORDERS)
    by_role = defaultdict(list)
    for account, role in ROLES.items():
        if role != "tool":
            by_role[role].append(counts[account])
    assert min(by_role["ring"]) >= 15
    assert max(by_role["good_faith"]) <= 2
    ring = [order.data for order in ORDERS if ROLES[order.data["buyer_id"]] == "ring"]
    others = [order.data for order in ORDERS if ROLES[order.data["buyer_id"]] == "good_faith"]
    assert len({data["payee_id"] for data in ring}) == PLOT.payees
    assert len({data["device_id"] for data in ring}) == PLOT.devices
    assert len({data["payee_id"] for data in others}) == len({data["buyer_id"] for data in others})


def test_each_top_up_is_a_coupon_issued_claimed_redeemed_and_an_order_delivered() -> None:
    steps = defaultdict(list)
    for event in MARKET.of("coupon.issued", "coupon.claimed", "coupon.redeemed"):
        if event.data["campaign_id"] == CAMPAIGN:
            steps[event.data["coupon_id"]].append(event.type)
    assert {tuple(way) for way in steps.values()} == {("coupon.issued", "coupon.claimed", "coupon.redeemed")}
    assert set(steps) == {order.data["coupon_ids"][0] for order in ORDERS}
    delivered = {event.data["order_id"] for event in MARKET.of("order.delivered")}
    assert {order.data["order_id"] for order in ORDERS} <= delivered


def test_it_lasts_as_long_as_was_said() -> None:
    opens = midnight(START) + PLOT.day * DAY
    assert all(opens <= order.at < opens + PLOT.hours * HOUR + 10_000 for order in ORDERS)
    ended = next(event for event in MARKET.of("campaign.ended") if event.data["campaign_id"] == CAMPAIGN)
    assert ended.at == opens + PLOT.hours * HOUR


def test_the_ring_registers_shortly_before() -> None:
    registered = {event.data["account_id"]: event.at for event in MARKET.of("account.registered")}
    opens = midnight(START) + PLOT.day * DAY
    for account, role in ROLES.items():
        if role == "ring":
            assert opens - 2 * DAY <= registered[account] < opens
        elif role == "good_faith":
            assert account in registered
