"""The tests that are looked at after every coupon: how seldom they are wrong, and how soon they are right."""

from __future__ import annotations

import itertools
import math
import random

import msgspec
import pytest

from agoranomos.promotions.breaker.evidence import MeanTest, RateTest, share

ALPHA = 0.05  # large, so that a few hundred honest campaigns would show a test that alarms too often
CAMPAIGNS, COUPONS = 300, 400


def test_the_shares_of_the_stake_add_up_to_one() -> None:
    assert math.isclose(sum(share(count) for count in range(1, 10_001)), 1 - 1 / math.log2(10_002))


def _alarmed(test: MeanTest | RateTest, values: list[float], alpha: float) -> bool:
    for value in values:
        test.see(value)
        if test.capital >= 1 / alpha:
            return True
    return False


@pytest.mark.parametrize("least", [True, False])
@pytest.mark.parametrize("spread", ["all or nothing", "even"])
def test_honest_means_are_seldom_alarmed_however_often_one_looks(least: bool, spread: str) -> None:
    draw = random.Random(5)
    bound = 0.5 if spread == "even" else 0.3
    value = draw.random if spread == "even" else lambda: float(draw.random() < bound)
    wrong = sum(_alarmed(MeanTest(bound, least), [value() for _ in range(COUPONS)], ALPHA) for _ in range(CAMPAIGNS))
    # Ville: at most ALPHA; three standard deviations above that would still be chance.
    assert wrong <= CAMPAIGNS * ALPHA + 3 * math.sqrt(CAMPAIGNS * ALPHA)


def test_values_that_depend_on_each_other_are_no_excuse() -> None:
    """Half of what follows a high value is low and the other way round: each is fair, given those before."""
    draw = random.Random(6)

    def stubborn() -> list[float]:
        values, last = [], 0.0
        for _ in range(COUPONS):
            swing = 0.45 * last
            last = 1.0 if draw.random() < 0.5 else -1.0
            values.append(0.5 + last * (0.5 - abs(swing)))
        return values

    wrong = sum(_alarmed(MeanTest(0.5, least=True), stubborn(), ALPHA) for _ in range(CAMPAIGNS))
    assert wrong <= CAMPAIGNS * ALPHA + 3 * math.sqrt(CAMPAIGNS * ALPHA)


def test_an_honest_stream_is_seldom_alarmed() -> None:
    draw = random.Random(7)
    wrong = sum(
        _alarmed(RateTest(12.0), [draw.expovariate(12.0) for _ in range(COUPONS)], ALPHA) for _ in range(CAMPAIGNS)
    )
    assert wrong <= CAMPAIGNS * ALPHA + 3 * math.sqrt(CAMPAIGNS * ALPHA)


@pytest.mark.parametrize("before", [0, 100, 2_000])
@pytest.mark.parametrize(("bound", "mean"), [(0.45, 0.004), (0.3, 0.004), (0.3, 0.1)])
def test_what_is_needed_is_what_is_said(bound: float, mean: float, before: int) -> None:
    test, line = MeanTest(bound, least=True), 1e4
    for _ in range(before):
        test.see(0.8)
    assert test.capital < 1
    count = next(n for n in itertools.count(1) if _alarmed(test, [mean], 1 / line))
    assert count <= test.needed(mean, line, after=before)


def test_sixty_orders_of_the_glitch_are_enough_after_any_history() -> None:
    """40 fen for 100 yuan, in a campaign that declared to take 90 % of the list price."""
    test = MeanTest(0.45, least=True)
    assert test.needed(0.004, 1e4) == 21
    assert test.needed(0.004, 1e4, after=1_000_000) < 60


def test_a_faster_stream_is_found_and_a_slow_one_never() -> None:
    fast, slow = RateTest(5.0), RateTest(5.0)
    for _ in range(40):
        fast.see(1 / 60)
        slow.see(1.0)
    assert fast.capital > 1e4
    assert slow.capital < 1


def test_all_at_one_moment_is_fast() -> None:
    test = RateTest(5.0)
    assert _alarmed(test, [0.0] * 12, 1e-4)


@pytest.mark.parametrize("told", ["in whole seconds", "by two processes"])
def test_how_moments_are_told_makes_no_burst(told: str) -> None:
    """A tenth of the line, a hundred a second: nobody is in a hurry, whatever the clock says."""
    test = RateTest(60_000.0)
    moments = [number / 100 for number in range(3_000)]
    if told == "in whole seconds":
        moments = [float(int(moment)) for moment in moments]
    else:  # each tells what it has seen in half a second
        moments.sort(key=lambda moment: (int(2 * moment), round(moment * 100) % 2))
    latest = 0.0
    for moment in moments:
        test.see(max(0.0, moment - latest) / 60)
        latest = max(latest, moment)
        assert test.capital < 1
    assert test.count == 3_000


def test_what_no_later_one_follows_is_found_all_the_same() -> None:
    test = RateTest(600.0)
    assert _alarmed(test, [0.0] * 64, 1e-4)


def test_evidence_is_kept_and_taken_up_again() -> None:
    test = MeanTest(0.45, least=True)
    for value in (0.1, 0.9, 0.4):
        test.see(value)
    again = msgspec.json.decode(msgspec.json.encode(test), type=MeanTest | RateTest)
    assert again == test


def test_evidence_grows_into_no_infinity() -> None:
    test = MeanTest(0.9, least=True)
    for _ in range(5_000):
        test.see(0.0)
    assert math.isfinite(test.capital)
