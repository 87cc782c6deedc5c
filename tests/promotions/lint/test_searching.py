"""What the solver says of small questions, held against every basket there is."""

from __future__ import annotations

from fractions import Fraction

import pytest

from agoranomos.promotions.lint.searching import fewest, lowest, violations
from agoranomos.promotions.lint.solving import Asked, Effort, bound_at, most_taken
from tests.promotions.lint.instances import all_receipts, make_problem, make_question, ratio
from tests.promotions.making import cny, fixed, make_campaign, percent

SEEDS = range(24)


@pytest.mark.parametrize("seed", SEEDS)
def test_the_lowest_basket_is_the_lowest_of_all(seed: int) -> None:
    campaigns, goods = make_question(seed)
    problem = make_problem(campaigns, goods)
    found = lowest(problem, range(len(problem.cells)), Fraction(0), Effort(20))
    best = min((ratio(each) for each in all_receipts(campaigns, goods)), default=Fraction(1))
    told = Fraction(1) if found.found is None else found.found.ratio
    assert found.bound <= best <= told
    assert told == best or not found.proven
    assert told - best < Fraction(1, 100)


@pytest.mark.parametrize("seed", SEEDS)
def test_what_is_refused_is_below_the_floor_and_nothing_else_is(seed: int) -> None:
    campaigns, goods = make_question(seed)
    problem, floor = make_problem(campaigns, goods), Fraction(1, 2)
    weights = dict.fromkeys(range(len(problem.cells)), floor)
    found, complete = violations(problem, weights, frozenset(), Effort(20), most=50)
    sets = [frozenset(each.id for each in one.campaigns) for one in found]
    assert all(one.ratio < floor for one in found)
    assert not any(one < other for one in sets for other in sets)
    below = [
        frozenset(step.campaign_id for step in each.steps if step.taken)
        for each in all_receipts(campaigns, goods)
        if ratio(each) < floor
    ]
    missed = [each for each in below if not any(one <= each for one in sets)]
    assert not missed or not complete
    assert bool(sets) >= bool(below and complete)


@pytest.mark.parametrize("seed", SEEDS)
def test_no_order_takes_more_from_the_platform(seed: int) -> None:
    campaigns, goods = make_question(seed)
    problem = make_problem(campaigns, goods)
    platform = [each.id for each in campaigns if each.funded_by != "merchant"]
    most = max((each.taken_by(platform) for each in all_receipts(campaigns, goods)), default=0)
    _, _, bound = most_taken(problem, Effort(20))
    assert bound >= most


def test_a_basket_is_told_without_campaigns_that_it_does_not_need() -> None:
    campaigns = [make_campaign("a", fixed(800)), make_campaign("b", percent(1)), make_campaign("c", percent(2))]
    problem = make_problem(campaigns, make_question(0)[1])
    weights = dict.fromkeys(range(len(problem.cells)), Fraction(3, 10))
    (found,) = violations(problem, weights, frozenset(), Effort(20), most=1)[0]
    assert [each.id for each in fewest(problem, found).campaigns] == ["a"]


def test_the_same_question_has_the_same_answer() -> None:
    campaigns, goods = make_question(3)
    problem = make_problem(campaigns, goods)
    level = problem.levels(problem.cells)[0]
    asked = Asked(dict.fromkeys(range(len(problem.cells)), Fraction(1)), Fraction(0))
    assert bound_at(problem, level, asked, Effort(20)) == bound_at(problem, level, asked, Effort(20))


def test_without_work_nothing_is_proven() -> None:
    campaigns = [make_campaign(f"c{number}", percent(7), min_spend=cny(100 * number)) for number in range(12)]
    problem = make_problem(campaigns, make_question(1)[1])
    found = lowest(problem, range(len(problem.cells)), Fraction(0), Effort(0))
    assert found.found is not None
    assert not found.proven
    assert found.bound < found.found.ratio
