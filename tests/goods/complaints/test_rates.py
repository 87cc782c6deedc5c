"""Rates with shrinkage, and since when."""

from __future__ import annotations

import pytest

from agoranomos.goods.complaints.bursts import burst
from agoranomos.goods.complaints.rates import SETTINGS, Usual, estimate, expected, shrunk, usual, weight

USUAL = Usual(0.0005, 1_000)


def test_the_same_complaints_weigh_less_on_more_orders() -> None:
    weights = [weight(3, orders, USUAL, SETTINGS) for orders in (10, 100, 1_000, 10_000)]
    assert weights == sorted(weights, reverse=True)
    assert weights[1] > 4
    assert weights[3] < 0


def test_more_complaints_on_the_same_orders_weigh_more() -> None:
    weights = [weight(accusers, 1_000, USUAL, SETTINGS) for accusers in range(12)]
    assert weights == sorted(weights)
    assert weights[0] < 0, "a thousand content buyers speak for the seller"


def test_a_category_in_which_many_suspect_fakes_asks_for_more() -> None:
    assert weight(3, 100, Usual(0.02, 1_000), SETTINGS) < weight(3, 100, USUAL, SETTINGS) - 3


def test_more_people_than_orders_are_as_many_orders() -> None:
    assert weight(5, 2, USUAL, SETTINGS) == weight(5, 5, USUAL, SETTINGS)


def test_a_share_is_drawn_towards_what_is_usual() -> None:
    about = Usual(0.01, 100)
    assert shrunk(0, 0, about) == pytest.approx(0.01)
    assert shrunk(5, 10, about) == pytest.approx(6 / 110)
    assert shrunk(5_000, 10_000, about) == pytest.approx(0.5, abs=0.01)


def test_what_is_usual_is_learned() -> None:
    assert estimate([], SETTINGS) == usual(SETTINGS)
    alike = estimate([(2.0, 1_000.0)] * 200, SETTINGS)
    assert alike.share == pytest.approx(0.002, rel=0.05)
    assert alike.orders == SETTINGS.spread_max
    unlike = estimate([(0.0, 1_000.0)] * 150 + [(40.0, 1_000.0)] * 50, SETTINGS)
    assert unlike.share == pytest.approx(0.01, rel=0.05)
    assert unlike.orders == SETTINGS.spread_min
    between = estimate([(10.0 + 14 * (number % 2), 1_000.0) for number in range(200)], SETTINGS)
    assert SETTINGS.spread_min < between.orders < SETTINGS.spread_max
    assert estimate([(0.0, 0.0), (0.0, 50.0)], SETTINGS).orders == SETTINGS.usual_orders


def test_a_burst_is_dated() -> None:
    orders = dict.fromkeys(range(1, 91), 40.0)
    quiet = {5: (0.9, 1), 40: (0.9, 1)}
    assert burst(quiet, orders, 90, USUAL, SETTINGS) is None
    loud = {**quiet, 84: (2.7, 3), 86: (1.8, 2), 89: (2.7, 3)}
    found = burst(loud, orders, 90, USUAL, SETTINGS)
    assert found is not None
    assert found.first_day == 84
    assert found.people == 8
    assert found.orders == 40 * 14, "since a week before, when the goods were ordered"
    assert found.weight > weight(9, 3_600, USUAL, SETTINGS), "sharper than the whole window, in spite of its price"


def test_a_burst_needs_people() -> None:
    assert burst({1: (1.0, 1), 2: (1.0, 1)}, {1: 2.0}, 2, USUAL, SETTINGS) is None


def test_what_is_expected_lies_between_the_stories() -> None:
    about = Usual(0.0005, 5_000.0)
    honest, fake = (expected(5, 58, about, chance, SETTINGS) for chance in (0.0, 1.0))
    assert honest == shrunk(5, 58, about) < 0.002
    assert 0.06 < fake < 5 / 58, "drawn towards the few percent that fakes bring"
    assert expected(5, 58, about, 0.5, SETTINGS) == pytest.approx((honest + fake) / 2)
