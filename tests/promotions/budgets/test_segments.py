"""Claims in segments by compare-and-swap, as benchmarks have them: equal to plain rules, whoever races or is killed."""

from __future__ import annotations

import random
from pathlib import Path

import numpy as np
import pytest

from benchmarks import claim_segments
from benchmarks.claim_segments import Segments, Terms, column, create, packed, texts, torment, unpacked
from benchmarks.claim_segments_kernel import CAP, CLAIMED, GIVEN, GONE, OF_ANOTHER, RESERVED, SPENT, STANDS


class Shelf:
    """Segments in memory."""

    def __init__(self) -> None:
        self.kept: list[tuple[int, int, bytes]] = []

    def since(self, number: int) -> list[tuple[int, int, bytes]]:
        return self.kept[number:]

    def put(self, number: int, kind: int, body: bytes) -> bool:
        if number != len(self.kept):
            return False
        self.kept.append((number, kind, body))
        return True


class Plain:
    """The same rules, a claim at a time."""

    def __init__(self, terms: Terms) -> None:
        self.terms = terms
        self.coupons: dict[str, tuple[str, int]] = {}

    def claim(self, coupon: str, account: str) -> int:
        by, state = self.coupons.get(coupon, ("", GONE))
        if state != GONE:
            return STANDS if by == account else OF_ANOTHER
        held = [who for who, state in self.coupons.values() if state != GONE]
        if held.count(account) >= self.terms.cap:
            return CAP
        left = self.terms.money - len(held) * self.terms.amount
        if len(held) >= self.terms.count or left < self.terms.amount:
            return SPENT
        self.coupons[coupon] = (account, RESERVED)
        return GIVEN

    def change(self, coupon: str, to: int) -> bool:
        by, state = self.coupons.get(coupon, ("", GONE))
        if state == RESERVED:
            self.coupons[coupon] = (by, to)
        return state == RESERVED


@pytest.mark.parametrize("terms", [Terms(count=40, cap=2), Terms(money=20_000, cap=5)])
def test_three_racers_answer_as_plain_rules_do(terms: Terms, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(claim_segments, "_SLOTS", 4)  # tables grow all the time
    shelf, plain, draw = Shelf(), Plain(terms), random.Random(7)
    racers = [Segments(shelf, terms) for _ in range(3)]
    seen = set()
    for _ in range(400):
        racer, size = draw.choice(racers), draw.randint(1, 9)  # most have not heard of the last segments
        coupons = [f"k{draw.randrange(150)}" for _ in range(size)]
        if draw.random() < 0.4:
            to, coupons = draw.choice((GONE, GONE, CLAIMED)), list(dict.fromkeys(coupons))
            if to == CLAIMED:
                coupons = coupons[:1]
            assert racer.change(coupons, to).tolist() == [plain.change(each, to) for each in coupons]
        else:
            accounts = [f"é{draw.randrange(30)}" for _ in range(size)]
            verdicts = racer.claim(coupons, accounts, np.arange(size)).tolist()
            assert verdicts == [plain.claim(*each) for each in zip(coupons, accounts, strict=True)]
            seen.update(verdicts)
    assert seen == {GIVEN, STANDS, OF_ANOTHER, CAP, SPENT}
    assert sum(racer.lost for racer in racers) > 50, "races were lost, and decisions taken back"
    held = sum(state != GONE for _, state in plain.coupons.values())
    for racer in racers:
        racer.catch_up()
        assert racer.purse.tolist()[:2] == [terms.count - held, terms.money - held * terms.amount]


def test_a_segment_gives_back_what_was_put_in() -> None:
    coupons, accounts, at = ["k1", "", "优惠券", "k" * 40], ["a", "b\x1f", "c", "d"], np.array([1, 2, 3, 2**60])
    of, by, moments = unpacked(packed(column(coupons), column(accounts), at))
    assert (texts(of), texts(by), moments.tolist()) == (coupons, accounts, at.tolist())
    assert np.array_equal(of.hashes, column(coupons).hashes)


def test_texts_that_differ_in_length_or_zeros_alone_have_different_hashes() -> None:
    several = ["\0" * length for length in range(40)] + ["a" * length for length in range(1, 40)]
    low, high = column(several).hashes
    assert len(set(zip(low.tolist(), high.tolist(), strict=True))) == len(several)
    assert all(high)


@pytest.mark.slow
def test_kills_give_nothing_twice_and_lose_nothing(postgresql_url: str, tmp_path: Path) -> None:
    create(postgresql_url)
    outcome = torment(postgresql_url, tmp_path, kills=3, count=60_000)
    assert outcome.whole, outcome
    assert outcome.kills == 3
