"""The plots of the reviews desk: what they say they plant is there, and nobody else is touched."""

from __future__ import annotations

from collections import Counter, defaultdict

import pytest

from agoranomos.engine.market.plots import Plot
from agoranomos.engine.market.plots.bought_praise import BoughtPraise
from agoranomos.engine.market.plots.hired_operator import HiredOperator
from agoranomos.engine.market.plots.review_extortion import ReviewExtortion
from tests.engine.market.builders import Market, make_market, make_settings
from tests.engine.market.contract import faults

PLOTS: tuple[Plot, ...] = (BoughtPraise(day=2, every=1), HiredOperator(day=2), ReviewExtortion(days=8))
MARKET = make_market(make_settings(11), *PLOTS)


def roles(plot: str, market: Market = MARKET) -> dict[str, set[str]]:
    """Who has which role in a plot."""
    found = defaultdict(set)
    for row in market.truth:
        if row.plot == plot:
            found[row.role].add(row.subject_id)
    return found


def test_everything_is_of_the_contract() -> None:
    assert [fault for event in MARKET.events for fault in faults(event.line())] == []


def test_without_them_the_market_is_the_same() -> None:
    alone = {(event.source, event.id): event for event in make_market(make_settings(11)).events}
    planted = {(event.source, event.id): event for event in MARKET.events}
    assert alone.keys() <= planted.keys()
    assert all(planted[name].raw() == event.raw() for name, event in alone.items())


def test_a_ring_praises_its_clients_within_hours_each_time() -> None:
    found = roles("bought-praise")
    bought = [each for each in MARKET.of("review.posted") if each.data["review_id"] in found["bought"]]
    assert {each.data["author_id"] for each in bought} <= found["ring"]
    assert {each.data["store_id"] for each in bought} == found["client"]
    assert {each.data["rating"] for each in bought} == {5}
    texts = Counter(each.data["text"] for each in bought)
    assert sum(many for many in texts.values() if many > 2) > 0.3 * len(bought)


def test_a_team_signs_in_for_its_clients_and_calls_before_reviews_end() -> None:
    found = roles("hired-operator")
    [device] = found["operator"]
    stores = {each.data["store_id"] for each in MARKET.of("session.started") if each.data.get("device_id") == device}
    assert stores == found["client"]
    calls = {each.data["order_id"]: each.at for each in MARKET.of("contact.made") if each.data["store_id"] in stores}
    orders = {each.data["review_id"]: each.data["order_id"] for each in MARKET.of("review.posted")}
    ends = [each for each in MARKET.of("review.deleted", "review.edited") if each.data["review_id"] in found["pressed"]]
    assert ends
    assert all(calls[orders[each.data["review_id"]]] <= each.at for each in ends)
    assert len(found["innocent"]) == 4, "two agencies with a device and an account each"


def test_extortionists_take_back_what_was_paid_for() -> None:
    found = roles("review-extortion")
    posted = [each.data for each in MARKET.of("review.posted") if each.data["review_id"] in found["extorted"]]
    assert {each["author_id"] for each in posted} == found["extortionist"]
    assert max(each["rating"] for each in posted) <= 2
    paid = {each.data["to_account_id"] for each in MARKET.of("payment.made")}
    assert found["extortionist"] <= paid


@pytest.mark.parametrize("plot", [BoughtPraise(day=1), HiredOperator(day=1), ReviewExtortion(day=1, days=1)])
def test_it_can_begin_on_the_first_days(plot: Plot) -> None:
    assert make_market(make_settings(5), plot).truth
