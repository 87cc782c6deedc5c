"""What was missed, as test buys say: worked out by hand for one plan, pooled for two."""

from __future__ import annotations

import math
from datetime import date
from pathlib import Path

import pytest

from agoranomos.goods.testbuys.model import Plan, State
from agoranomos.goods.testbuys.policy import load_policy
from agoranomos.kernel.store import Store
from agoranomos.reports.integrity.making import make
from agoranomos.reports.integrity.period import Period
from agoranomos.reports.integrity.prevalence import Missed
from tests.goods.testbuys.builders import Desk

BOUGHT = (State.BOUGHT, State.RECEIVED, State.SENT)


def appraise(desk: Desk, plan: Plan, fakes: int) -> None:
    """Says that the first few of what was drawn are fakes, and the others genuine."""
    for number, purchase in enumerate(desk.purchases(plan)):
        desk.bring_to(purchase, *BOUGHT)
        desk.appraised(purchase, "counterfeit" if number < fakes else "genuine")


@pytest.mark.slow
def test_the_rate_is_that_of_the_unseen_and_plans_are_pooled(store: Store, tmp_path: Path) -> None:
    desk = Desk(store, tmp_path)
    desk.add_shoppers(12)
    first = desk.drawn_plan()
    appraise(desk, first, 4)
    desk.clock.forward(days=3)
    second = desk.drawn_plan()
    appraise(desk, second, 1)
    now = desk.clock().date()
    period = Period(date(now.year, now.month, 1), now)
    with store.reading() as connection:
        reading = make(connection, period, "1").figure("missed").now
        rows = list(Missed().all_rows(connection, period.window))
    seen_band = str(len(load_policy().design.bands))
    expected = []
    for plan in (first, second):
        drawn = [each for each in desk.purchases(plan) if each.stratum.rpartition("/")[2] != seen_band]
        weights = [(1 / each.inclusion, each.verdict == "counterfeit") for each in drawn if each.verdict]
        # Few answers: all strata are one cell, and the rate is the ratio of expanded counts.
        rate = sum(weight for weight, fake in weights if fake) / sum(weight for weight, _ in weights)
        found = desk.service.estimate(plan.plan_id).unseen
        assert found is not None
        assert len(found.cells) == 1
        assert found.rate == pytest.approx(rate)
        expected.append((len(weights), sum(fake for _, fake in weights), rate, found.low, found.high))
    answers = sum(each[0] for each in expected)
    rate = sum(each[0] / answers * each[2] for each in expected)
    below = math.sqrt(sum((each[0] / answers * (each[2] - each[3])) ** 2 for each in expected))
    above = math.sqrt(sum((each[0] / answers * (each[4] - each[2])) ** 2 for each in expected))
    assert reading.value == pytest.approx(rate)
    assert (reading.count, reading.of) == (sum(each[1] for each in expected), answers)
    assert reading.low == pytest.approx(max(0.0, rate - below))
    assert reading.high == pytest.approx(min(1.0, rate + above))
    assert len(rows) == answers
    assert sum(row.counted for row in rows) == reading.count
