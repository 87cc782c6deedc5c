"""Prices come out exact, whole, in one order, and the same for everybody who asks."""

from __future__ import annotations

from fractions import Fraction
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from agoranomos.kernel.errors import Conflict
from agoranomos.kernel.schema.promotions import Campaign
from agoranomos.promotions.pricing.model import Basket
from agoranomos.promotions.pricing.pricing import priced, shared
from tests.promotions.making import cny, fixed, make_basket, make_campaign, percent, points, price


@pytest.mark.parametrize(
    ("benefit", "paid"),
    [
        (fixed(9_960), 40),
        (fixed(20_000), 0),
        (fixed(9_960, cap=cny(500)), 9_500),
        (percent(20), 8_000),
        (percent(20, cap=1_500), 8_500),
        (percent(100), 0),
        (percent(250), 0),
        (price(1), 1),
        (price(20_000), 10_000),
        (points(250), 9_750),
    ],
)
def test_one_benefit(benefit: dict[str, Any], paid: int) -> None:
    receipt = priced(make_basket((1, 10_000)), [make_campaign(benefit=benefit)])
    assert (receipt.listed, receipt.paid, receipt.taken) == (10_000, paid, 10_000 - paid)


def test_a_price_is_that_of_each_piece() -> None:
    assert priced(make_basket((3, 1_000)), [make_campaign(benefit=price(1))]).paid == 3


def test_the_order_is_price_percent_fixed_points_whoever_comes_first() -> None:
    given = [
        make_campaign("a", points(100)), make_campaign("b", fixed(1_000)), make_campaign("c", percent(50)),
        make_campaign("d", price(8_000)),
    ]  # fmt: skip
    receipt = priced(make_basket((1, 10_000)), given)
    assert [(step.campaign_id, step.after) for step in receipt.steps] == [
        ("d", 8_000), ("c", 4_000), ("b", 3_000), ("a", 2_900),
    ]  # fmt: skip
    assert priced(make_basket((1, 10_000)), reversed(given)) == receipt


def test_an_order_of_its_own_goes_before_the_usual_one() -> None:
    first, second = make_campaign("a", fixed(1_000), order=0), make_campaign("b", percent(50))
    assert priced(make_basket((1, 10_000)), [first, second]).paid == 4_500
    assert priced(make_basket((1, 10_000)), [make_campaign("a", fixed(1_000)), second]).paid == 4_000


def test_least_spending_tests_the_list_total_before_benefits() -> None:
    half, off = make_campaign("a", percent(50)), make_campaign("b", fixed(1_000), min_spend=cny(10_000))
    assert priced(make_basket((1, 10_000)), [half, off]).paid == 4_000
    below = priced(make_basket((1, 9_999)), [half, off])
    assert (below.paid, below.unused) == (5_000, (("b", "below_min_spend"),))


def test_other_goods_count_for_the_least_spending_and_stay_as_dear() -> None:
    off = make_campaign(benefit=fixed(5_000), applies_to={"categories": ["food"]}, min_spend=cny(10_000))
    receipt = priced(make_basket((1, 3_000, "food"), (1, 8_000, "shoes")), [off])
    assert receipt.by_line == (0, 8_000)


def test_a_percentage_is_the_one_written_and_rounded_down_once() -> None:
    tenth = make_campaign(benefit=percent(0.1))
    assert priced(make_basket((1, 1_000)), [tenth]).taken == 1  # 0.1 is a little more than a tenth in binary
    assert priced(make_basket((1, 999), (1, 999)), [tenth]).by_line == (999, 998)


def test_points_are_worth_what_the_policy_says() -> None:
    assert priced(make_basket((1, 1_000)), [make_campaign(benefit=points(3))], point=Fraction(1, 2)).taken == 1


def test_goods_of_other_prices_kinds_and_currencies() -> None:
    cases: list[tuple[dict[str, Any], str]] = [
        ({"applies_to": {"listing_ids": ["other"]}}, "no_goods"),
        ({"applies_to": {"categories": ["other"]}}, "no_goods"),
        ({"applies_to": {"prices": {"min": cny(1_001)}}}, "no_goods"),
        ({"applies_to": {"prices": {"max": cny(999)}}}, "no_goods"),
        ({"min_spend": cny(1_001)}, "below_min_spend"),
    ]
    for fields, why in cases:
        assert priced(make_basket((1, 1_000)), [make_campaign(**fields)]).unused == (("a", why),)
    assert priced(make_basket((1, 1_000), currency="USD"), [make_campaign()]).unused == (("a", "currency"),)
    named = make_campaign(applies_to={"listing_ids": ["l0"], "categories": ["other"], "prices": {"min": cny(1_000)}})
    assert priced(make_basket((1, 1_000)), [named]).paid == 0


@pytest.mark.parametrize(
    "fields",
    [
        {"exclusive": True},
        {"stacks_with": []},
        {"stacks_with": ["c"]},
        {"ends_at": "2026-01-01T00:00:00Z"},
    ],
)
def test_two_that_do_not_go_together_are_refused(fields: dict[str, Any]) -> None:
    other = make_campaign("b", starts_at="2026-01-01T00:00:00Z")
    with pytest.raises(Conflict, match="a and b are not used together"):
        priced(make_basket((1, 1_000)), [make_campaign("a", **fields), other])


def test_two_that_name_each_other_go_together() -> None:
    pair = [make_campaign("a", stacks_with=["b"]), make_campaign("b", stacks_with=["a"])]
    assert priced(make_basket((1, 5_000)), pair).paid == 3_000


AMOUNTS = st.integers(0, 30_000)


@st.composite
def campaigns(draw: st.DrawFn) -> list[Campaign]:
    made = []
    for number in range(draw(st.integers(0, 4))):
        benefit: dict[str, Any] = draw(
            st.one_of(
                AMOUNTS.map(fixed), AMOUNTS.map(price), st.floats(0, 120, allow_nan=False).map(percent),
                st.integers(0, 9_000).map(points),
                st.tuples(st.integers(0, 100), AMOUNTS).map(lambda two: percent(*two)),
            )
        )  # fmt: skip
        fields: dict[str, Any] = {"min_spend": cny(draw(AMOUNTS))} if draw(st.booleans()) else {}
        if draw(st.booleans()):
            fields["applies_to"] = {"categories": draw(st.lists(st.sampled_from("xyz"), min_size=1))}
        if draw(st.booleans()):
            fields["order"] = draw(st.integers(0, 9))
        made.append(make_campaign(f"c{number}", benefit, **fields))
    return made


BASKETS = st.lists(
    st.tuples(st.integers(1, 5), st.integers(0, 20_000), st.sampled_from("xyz")), min_size=1, max_size=4
).map(lambda lines: make_basket(*lines))


@given(BASKETS, campaigns())
def test_every_fen_is_somewhere(basket: Basket, used: list[Campaign]) -> None:
    receipt = priced(basket, used)
    assert 0 <= receipt.paid <= receipt.listed == basket.listed
    assert receipt.paid == sum(receipt.by_line) == receipt.listed - sum(step.taken for step in receipt.steps)
    assert all(0 <= paid <= line.listed for paid, line in zip(receipt.by_line, basket.lines, strict=True))
    for before, after in zip(receipt.steps, receipt.steps[1:], strict=False):
        assert before.after == after.before
    for step in receipt.steps:
        assert sum(step.by_line) == step.taken >= 0
    assert len(receipt.steps) + len(receipt.unused) == len(used)


@given(BASKETS, campaigns())
def test_one_more_benefit_takes_something_off_even_if_rounding_gives_a_fen_back(
    basket: Basket, used: list[Campaign]
) -> None:
    for without in range(len(used)):
        fewer = used[:without] + used[without + 1 :]
        assert priced(basket, used).paid <= priced(basket, fewer).paid + len(used) * len(basket.lines)


@given(st.lists(st.integers(0, 10**9), max_size=6), st.data())
def test_shares_are_whole_add_up_and_fit(room: list[int], data: st.DataObject) -> None:
    amount = data.draw(st.integers(0, sum(room)))
    parts = shared(amount, room)
    assert sum(parts) == amount
    for part, each in zip(parts, room, strict=True):
        assert 0 <= part <= each
        assert abs(part - Fraction(amount * each, sum(room) or 1)) < len(room)
