"""Whom to test: shares, strata, budgets, and a draw that anybody can repeat."""

from __future__ import annotations

import hashlib
import random

import numpy as np
import pytest

from agoranomos.goods.testbuys.chances import CHANCE_MAX
from agoranomos.goods.testbuys.design import Candidate, Settings, design, is_seen, stratum_of
from agoranomos.goods.testbuys.drawing import commitment, draw, numbers, seed_of
from tests.goods.testbuys.builders import make_candidates

BUDGET = 600_000
DEFAULT = Settings()
SEED = b"s" * 32


def expected(candidates: list[Candidate], settings: Settings = DEFAULT) -> float:
    made = design(candidates, BUDGET, settings)
    return float(sum(p * each.cost for p, each in zip(made.chances.p, made.candidates, strict=True)))


def test_the_expected_cost_fills_the_budget() -> None:
    assert expected(make_candidates(300)) == pytest.approx(0.92 * BUDGET, rel=1e-6)
    assert expected(make_candidates(300), Settings(fill=0.5)) == pytest.approx(0.5 * BUDGET, rel=1e-6)


def test_everybody_can_be_drawn_and_nobody_more_than_every_other_time() -> None:
    made = design(make_candidates(300), BUDGET, Settings())
    assert (made.inclusion > 0).all()
    assert made.chances.p.max() <= CHANCE_MAX


def test_evidence_raises_the_chance_and_a_price_lowers_it() -> None:
    plain, spoken, dear = (
        Candidate("plain", "s", "shoes", 0.02, 40_000), Candidate("spoken", "s", "shoes", 0.9, 40_000),
        Candidate("dear", "s", "shoes", 0.9, 160_000),
    )  # fmt: skip
    others = make_candidates(300, category="shoes", score=0.02)
    made = design([*others, plain, spoken, dear], BUDGET, Settings())
    chance = {each.listing_id: p for each, p in zip(made.candidates, made.inclusion, strict=True)}
    assert chance["spoken"] > chance["dear"] > chance["plain"] > 0


def test_a_small_stratum_gets_its_part_of_the_random_share() -> None:
    many = make_candidates(300, category="shoes", score=0.02)
    few = [Candidate(f"x{number}", "s", "watches", 0.02, 40_000) for number in range(5)]
    made = design([*many, *few], BUDGET, Settings(random_share=1.0))
    of_few = sum(p for each, p in zip(made.candidates, made.inclusion, strict=True) if each.category == "watches")
    assert of_few > 10 * len(few) / len(many) * 0.05 * made.inclusion.sum()


def test_without_evidence_all_are_alike() -> None:
    made = design(make_candidates(100, score=0.0, category="", cost=30_000), BUDGET, Settings())
    assert np.ptp(made.inclusion) == pytest.approx(0.0, abs=1e-12)


def test_strata_are_categories_and_bands() -> None:
    bands = (0.1, 0.5)
    names = [stratum_of(Candidate("l", "s", "shoes", score, 1), bands) for score in (0.0, 0.1, 0.49, 0.5, 1.0)]
    assert names == ["shoes/0", "shoes/1", "shoes/1", "shoes/2", "shoes/2"]
    assert [is_seen(name, bands) for name in names] == [False, False, False, True, True]
    assert stratum_of(Candidate("l", "s", "", 0.0, 1), bands) == "-/0"


def test_the_order_of_the_candidates_changes_nothing() -> None:
    candidates = make_candidates(120)
    shuffled = random.Random(3).sample(candidates, len(candidates))
    one, other = design(candidates, BUDGET, Settings()), design(shuffled, BUDGET, Settings())
    assert one.candidates == other.candidates
    assert (one.inclusion == other.inclusion).all()
    assert (draw(one, SEED) == draw(other, SEED)).all()


def test_no_draw_costs_more_than_the_budget() -> None:
    made = design(make_candidates(200), BUDGET, Settings(fill=1.0))
    assert made.chances.accepted < 0.9
    for number in range(60):
        chosen = draw(made, number.to_bytes(32, "big"))
        assert sum(made.candidates[place].cost for place in chosen) <= BUDGET


def test_what_is_drawn_often_is_what_has_the_chance() -> None:
    made = design(make_candidates(40), BUDGET, Settings())
    counts = np.zeros(40)
    for number in range(1_500):
        counts[draw(made, number.to_bytes(32, "big"))] += 1
    spread = np.sqrt(made.inclusion * (1 - made.inclusion) / 1_500)
    assert (np.abs(counts / 1_500 - made.inclusion) < 4.5 * spread).all()


def test_numbers_are_those_of_a_hash_that_anybody_has() -> None:
    key = hashlib.blake2b(bytes(4), digest_size=32, key=SEED).digest()
    by_hand = [int.from_bytes(hashlib.blake2b(name, digest_size=8, key=key).digest(), "big") for name in (b"l1", b"l2")]
    assert numbers(SEED, ["l1", "l2"], 0) == pytest.approx([each / 2**64 for each in by_hand])
    assert numbers(SEED, ["l1", "l2"], 0) == pytest.approx([0.83242655, 0.51005114])  # as it was, so it stays
    assert (numbers(SEED, ["l1"], 0) != numbers(SEED, ["l1"], 1)).all()


def test_both_halves_make_the_seed_and_the_commitment_binds_the_design() -> None:
    digest, other = "ab" * 32, "cd" * 32
    assert seed_of(b"a" * 32, b"r" * 32) != seed_of(b"b" * 32, b"r" * 32)
    assert seed_of(b"a" * 32, b"r" * 32) != seed_of(b"a" * 32, b"q" * 32)
    assert commitment(b"a" * 32, digest) != commitment(b"a" * 32, other)
    assert commitment(b"a" * 32, digest) != commitment(b"b" * 32, digest)
