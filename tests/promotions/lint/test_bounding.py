"""What is never paid less than, held against every basket of small questions."""

from __future__ import annotations

from fractions import Fraction

import pytest

from agoranomos.promotions.lint.bounding import rest_at, worth_asking
from agoranomos.promotions.lint.goods import Listed
from agoranomos.promotions.lint.problem import Problem
from tests.promotions.lint.instances import all_receipts, make_problem, make_question, ratio
from tests.promotions.making import cny, make_campaign, percent


def able_at(problem: Problem, level: int) -> list[int]:
    """The campaigns whose least spending is met."""
    return [number for number, terms in enumerate(problem.terms) if terms.least <= level]


@pytest.mark.parametrize("seed", range(100, 140))
def test_no_basket_pays_less_and_none_that_does_needs_another_campaign(seed: int) -> None:
    campaigns, goods = make_question(seed)
    problem, wanted = make_problem(campaigns, goods), Fraction(3, 5)
    cells = range(len(problem.cells))
    for receipt in all_receipts(campaigns, goods):
        able = able_at(problem, receipt.listed)
        assert rest_at(problem, receipt.listed, able, cells) <= ratio(receipt)
        under, worth = worth_asking(problem, receipt.listed, able, dict.fromkeys(cells, wanted))
        assert under <= ratio(receipt) - wanted
        if ratio(receipt) < wanted:
            assert {problem.number(step.campaign_id) for step in receipt.steps if step.taken} <= worth


def test_a_cap_is_of_the_whole_and_not_of_what_is_left() -> None:
    """Half off, then a fifth but at most 8 of 100: 42 is paid, and not 50 less 8 in the hundred of it."""
    campaigns = [
        make_campaign("a-half", percent(50), stacks_with=["b-fifth"]),
        make_campaign("b-fifth", percent(20, 800), stacks_with=["a-half"], min_spend=cny(10_000)),
    ]
    problem = make_problem(campaigns, [Listed("s1", 10_000, "CNY", "k0")])
    (least,) = {ratio(each) for each in all_receipts(campaigns, [Listed("s1", 10_000, "CNY", "k0")])
                if each.listed == 10_000 and len(each.steps) == 2}  # fmt: skip
    assert least == Fraction(42, 100)
    bound = rest_at(problem, 10_000, [0, 1], range(len(problem.cells)))
    assert Fraction(41, 100) < bound <= least
