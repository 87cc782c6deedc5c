"""Scores are fitted to what cases came to: rising, better on what they were not fitted to, applied by two."""

from __future__ import annotations

import random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from agoranomos.cases.calibration.fitting import Labelled, fit, isotonic, platt
from agoranomos.cases.calibration.queries import Calibrated
from agoranomos.cases.policy import Calibration, load_policy
from agoranomos.kernel.approvals.model import Approval
from agoranomos.kernel.errors import Conflict, Forbidden
from agoranomos.kernel.store import Store
from agoranomos.staff import approving
from tests.cases.office import ADA, BEN, CYD, Office, make_finding

POLICY = load_policy().calibration
FEW = Calibration(platt_min=6, isotonic_min=9_999, each_min=2, days=365, drift_max=0.1)


def made(count: int, truth: float, seed: int = 1) -> list[Labelled]:
    """Scores between a half and one that are right `truth` times as often as they say."""
    draw = random.Random(seed)
    found = []
    for number in range(count):
        score = round(0.5 + draw.random() / 2, 3)
        found.append(Labelled(f"c{number}", score, draw.random() < score * truth))
    return found


def test_scores_that_say_too_much_are_fitted_and_said_to_drift() -> None:
    found = fit("goods.x", made(800, 0.5), POLICY)
    assert (found.method, found.drifted, found.why_not) == ("isotonic", True, None)
    assert found.brier is not None
    assert found.brier_fitted is not None
    assert found.brier_fitted < found.brier
    assert found.drift == pytest.approx(0.375, abs=0.05)
    assert 0.3 < dict(found.curve)[max(score for score, _ in found.curve)] < 0.75


def test_scores_that_are_right_stay_as_they_are() -> None:
    found = fit("goods.x", made(2_000, 1.0, seed=3), POLICY)
    assert not found.drifted
    assert found.brier_fitted is not None
    assert found.why_not == "the scores are as good as a curve would be"
    assert sum(each.count for each in found.bins) == 2_000


def test_too_little_is_too_little() -> None:
    assert fit("goods.x", [], POLICY).why_not == "no case was decided about it"
    assert "it takes 50" in str(fit("goods.x", made(49, 0.5), POLICY).why_not)
    all_right = [Labelled(f"c{n}", 0.9, right=True) for n in range(99)]
    assert "99 right" in str(fit("goods.x", all_right, POLICY).why_not)
    assert fit("goods.x", made(120, 0.5), POLICY).method == "platt"


def test_the_order_of_cases_does_not_matter() -> None:
    cases = made(400, 0.6)
    assert fit("goods.x", cases, POLICY) == fit("goods.x", cases[::-1], POLICY)


@given(st.lists(st.tuples(st.integers(0, 100), st.booleans()), min_size=2, max_size=80))
def test_curves_never_fall_and_stay_probabilities(found: list[tuple[int, bool]]) -> None:
    cases = sorted(
        (Labelled(f"c{n}", score / 100, right) for n, (score, right) in enumerate(found)),
        key=lambda each: (each.score, each.key),
    )
    for curve in (isotonic(cases), platt(cases)):
        scores, values = [each[0] for each in curve], [each[1] for each in curve]
        assert scores == sorted(scores)
        assert values == sorted(values)
        assert all(0 < value < 1 for value in values)


def test_platt_finds_a_known_slope() -> None:
    draw = random.Random(5)
    cases = []
    for number in range(4_000):
        score = draw.random()
        odds = (score / (1 - score)) ** 0.5 * 0.5  # half the log-odds, and log 2 less
        cases.append(Labelled(f"c{number}", score, draw.random() < odds / (1 + odds)))
    curve = dict(platt(sorted(cases, key=lambda each: each.score)))
    assert curve[0.5] == pytest.approx(1 / 3, abs=0.03)
    assert curve[0.8] == pytest.approx(0.5, abs=0.03)


def test_a_curve_changes_what_is_shown_first_when_two_agree(store: Store) -> None:
    office = Office(store, calibration=FEW)
    office.find(*(make_finding(f"l{n}", score=0.9) for n in range(12)))
    for number in range(12):
        office.decide(office.next(), "upheld" if number % 4 == 0 else "rejected", clause="misleading_listing")
    calibration = office.rooms.calibration
    (found,) = calibration.fits()
    assert (found.count, found.right, found.drifted) == (12, 3, True)
    with pytest.raises(Conflict, match="no case was decided"):
        calibration.propose("goods.other", by=ADA)
    curve = calibration.propose("goods.counterfeit_suspected", by=ADA)
    asked = calibration.apply(curve.calibration_id, by=ADA)
    assert isinstance(asked, Approval)
    with pytest.raises(Conflict, match="needs the approval"):
        calibration.apply(curve.calibration_id, by=ADA, approval_id=asked.approval_id)
    with store.transaction() as connection, pytest.raises(Forbidden):
        approving.approve(connection, asked.approval_id, by=ADA, now=office.now)
    with store.transaction() as connection:
        approving.approve(connection, asked.approval_id, by=BEN, now=office.now)
    applied = calibration.apply(curve.calibration_id, by=ADA, approval_id=asked.approval_id)
    assert isinstance(applied, Calibrated)
    assert applied.state == "applied"
    office.find(make_finding("new", score=0.9))
    (case,) = office.cases.page("goods", after=None, limit=9)
    assert case.harm.calibrated
    assert case.harm.probability < 0.5
    assert case.priority == pytest.approx(case.harm.probability * 50_000 * 0.6, abs=1)
    assert office.cases.view(case.case_id).findings[0].score == 0.9, "the finding says what its detector said"
    assert calibration.end("goods.counterfeit_suspected", by=CYD)
    assert not calibration.end("goods.counterfeit_suspected", by=CYD)
    assert [each.state for each in calibration.listed(after=None, limit=9)] == ["ended"]


def test_what_was_overturned_was_wrong(store: Store) -> None:
    office = Office(store)
    office.find(make_finding())
    case = office.decide(office.next())
    assert office.rooms.calibration.fits()[0].right == 1
    office.tell("appeal.filed", appeal_id="a1", case_id=case.case_id, statement="No.")
    office.decide(office.next(BEN, "appeals"), "overturned", BEN)
    assert office.rooms.calibration.fits()[0].right == 0
