"""A second market: most who press are found, and next to nobody else; and the statistics behind it."""

from __future__ import annotations

import math
import random

import pytest

from agoranomos.engine.stream.run import Run
from agoranomos.kernel.findings import Finding
from agoranomos.reviews.pressure.chances import Pool, poisson_tail, stand_out, tail
from agoranomos.reviews.pressure.model import Counts
from agoranomos.reviews.pressure.monitor import PressureMonitor
from agoranomos.reviews.pressure.policy import load_policy
from agoranomos.reviews.pressure.telling import HARASSMENT, PRESSURE
from tests.reviews.pressure.market import make_market

POLICY = load_policy()


def test_stores_that_press_are_found_and_honest_ones_are_not() -> None:
    found_of = {"call": 0, "paid": 0, "report": 0}
    active_of, false, honest = dict(found_of), 0, 0
    for seed in (11, 12):
        market = make_market(1_000, 60, seed=seed)
        said = [each for each in Run([PressureMonitor(POLICY)]).feed(market.events) if isinstance(each, Finding)]
        named = {each.subject.id for each in said}
        false += len(named - market.pressing.keys())
        honest += 1_000 - len(market.pressing)
        for store_id, means in market.pressing.items():
            if market.victims[store_id] >= (3 if means == "paid" else 8):
                active_of[means] += 1
                found_of[means] += store_id in named
    assert false <= honest / 1_000
    assert sum(found_of.values()) >= 0.9 * sum(active_of.values()) > 15, (found_of, active_of)
    assert found_of["paid"] == active_of["paid"]


def test_stores_of_which_people_only_complain_are_looked_at() -> None:
    market = make_market(400, 24, seed=5)
    said = [each for each in Run([PressureMonitor(POLICY)]).feed(market.events) if isinstance(each, Finding)]
    by_word = {store_id for store_id, means in market.pressing.items() if means == "report"}
    looked = {each.subject.id for each in said if each.code == HARASSMENT}
    assert looked
    assert looked <= by_word
    pressed = {each.subject.id for each in said if each.code == PRESSURE and each.score >= 0.9}
    assert pressed <= market.pressing.keys()


def test_tails_are_those_of_the_distributions() -> None:
    for size, rate in ((5, 0.3), (40, 0.02), (200, 0.5)):
        for count in (0, 1, size // 3, size):
            exact = sum(math.comb(size, k) * rate**k * (1 - rate) ** (size - k) for k in range(count, size + 1))
            assert tail(count, size, rate) == pytest.approx(exact, rel=1e-6)
    for expected in (0.01, 1.0, 30.0):
        for count in (0, 1, 5, 60):
            terms = (math.exp(k * math.log(expected) - expected - math.lgamma(k + 1)) for k in range(count, 400))
            assert poisson_tail(count, expected) == pytest.approx(sum(terms), rel=1e-6)


def test_the_share_of_false_ones_is_kept() -> None:
    draw = random.Random(3)
    false = found = 0
    for _ in range(40):
        stores = {f"h{n}": (60, 0.02) for n in range(400)} | {f"p{n}": (12, 0.5) for n in range(8)}
        counts = {}
        for name, (reached, rate) in stores.items():
            counts[name] = Counts(reached=reached, seen=sum(draw.random() < rate for _ in range(reached)))
        pool = Pool()
        for each in counts.values():
            pool.change(Counts(), each, POLICY)
        candidates = {name: each for name, each in counts.items() if each.taken_back >= POLICY.people_min}
        named = stand_out(candidates, pool, POLICY)
        found += sum(name[0] == "p" for name in named)
        false += sum(name[0] == "h" for name in named)
    assert found > 0.85 * 320
    assert false <= 2 * POLICY.false_share * found


def test_a_store_that_presses_hundreds_does_not_make_it_usual() -> None:
    pool = Pool()
    pool.change(Counts(), Counts(reached=500, seen=400), POLICY)
    assert pool.usual(POLICY) < 2 * POLICY.reached_share
    rest = pool.without([Counts(reached=500, seen=400)], POLICY)
    assert rest.usual(POLICY) == pytest.approx(POLICY.reached_share)


def test_where_every_store_pays_its_critics_paying_tells_less() -> None:
    counts = Counts(reached=6, paid=4, seen=3, bought=3)
    alone, usual = Pool(), Pool()
    for pool, others in ((alone, Counts(alone=6)), (usual, counts)):
        pool.change(Counts(), counts, POLICY)
        for _ in range(300):
            pool.change(Counts(), others, POLICY)
    assert stand_out({"s": counts}, alone, POLICY)
    assert not stand_out({"s": counts}, usual, POLICY)
