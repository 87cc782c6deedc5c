"""The chances of the design are exact: held against every basket there is."""

from __future__ import annotations

from itertools import product

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from agoranomos.goods.testbuys.chances import Chances

LISTINGS = st.lists(st.tuples(st.floats(0.01, 0.5), st.integers(1, 9)), min_size=1, max_size=9)


def by_hand(p: list[float], units: list[int], cap: int) -> tuple[float, np.ndarray, np.ndarray]:
    """Acceptance, chances of one, chances of two, by going through all baskets."""
    count = len(p)
    accepted, one, two = 0.0, np.zeros(count), np.zeros((count, count))
    for basket in product((0, 1), repeat=count):
        if sum(unit for unit, taken in zip(units, basket, strict=True) if taken) > cap:
            continue
        chance = float(np.prod([each if taken else 1 - each for each, taken in zip(p, basket, strict=True)]))
        accepted += chance
        one += chance * np.array(basket)
        two += chance * np.outer(basket, basket)
    return accepted, one / accepted, two / accepted


@given(LISTINGS, st.integers(0, 40))
def test_chances_are_those_of_all_baskets(listings: list[tuple[float, int]], cap: int) -> None:
    p, units = [each[0] for each in listings], [each[1] for each in listings]
    chances = Chances(np.array(p), np.array(units, dtype=np.int64), cap)
    accepted, one, two = by_hand(p, units, cap)
    assert chances.accepted == pytest.approx(accepted)
    assert chances.inclusion() == pytest.approx(one, abs=1e-9)
    everybody = np.arange(len(p), dtype=np.int64)
    assert chances.joint(everybody) == pytest.approx(two, abs=1e-9)


def test_a_budget_for_all_is_drawing_each_by_itself() -> None:
    p = np.array([0.1, 0.4, 0.5])
    chances = Chances(p, np.array([3, 2, 1], dtype=np.int64), 6)
    assert chances.inclusion() == pytest.approx(p)
    joint = chances.joint(np.arange(3, dtype=np.int64))
    assert joint[0, 1] == pytest.approx(0.04)
    assert np.diag(joint) == pytest.approx(p)


def test_what_costs_more_than_the_budget_is_never_drawn() -> None:
    chances = Chances(np.array([0.5, 0.5]), np.array([9, 1], dtype=np.int64), 5)
    assert chances.inclusion() == pytest.approx([0.0, 0.5])
    assert chances.accepted == pytest.approx(0.5)


def test_many_cheap_listings_lose_no_accuracy() -> None:
    """The series has thousands of terms here; the sum of the chances is the mean size of the basket."""
    count, cap = 4_000, 1_900
    p = np.full(count, 0.5)
    chances = Chances(p, np.ones(count, dtype=np.int64), cap)
    sizes = np.arange(cap + 1)
    log_binomial = np.cumsum(np.log(np.concatenate(([1.0], (count - sizes[:-1]) / (sizes[:-1] + 1.0)))))
    weights = np.exp(log_binomial - log_binomial.max())
    assert chances.inclusion().sum() == pytest.approx(float((sizes * weights).sum() / weights.sum()), rel=1e-6)
