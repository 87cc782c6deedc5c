"""Codes that are tried through the checks: who guesses waits, whoever types wrongly does not, nobody loses his own."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import closing
from datetime import timedelta

import pytest

from agoranomos.judgements import queries as judgements
from agoranomos.judgements.queries import About
from agoranomos.kernel.decisions import Decision
from agoranomos.kernel.store import Store
from agoranomos.promotions.tries import gate
from agoranomos.promotions.tries.policy import Tries
from tests.builders import make_promotions
from tests.promotions.guard.test_live import House
from tests.promotions.scenes import Scene, at, campaign, cny, outcomes

POLICY = Tries()
CODES = {"codes": {"length": 10, "alphabet": "alnum"}}


@pytest.fixture
def house(store: Store) -> Iterator[House]:
    found = House(store)
    found.declare(**CODES)
    found.tell(*[
        found.scene.tell("coupon.issued", at(0), coupon_id=f"code{number}", campaign_id="c1", account_id=f"a{number}",
                         face_value=cny(1_000))
        for number in range(60)
    ])  # fmt: skip
    with closing(found.guard):
        yield found


def why(decision: Decision) -> str:
    return decision.hits[0].code.removeprefix("promotions.") if decision.hits else decision.outcome.value


def test_who_guesses_is_shut_out_ever_longer_and_is_always_told_the_same(house: House) -> None:
    answers = [house.claim(f"guess{number}", "thief", device_id="d") for number in range(POLICY.account + 1)]
    assert {why(each) for each in answers} == {"code_unknown"}
    shut = [house.claim("guess", "thief"), house.claim("code1", "thief"), house.claim("guess", "other", device_id="d")]
    assert {why(each) for each in shut} == {"too_many_tries"}
    assert {each.retry_after for each in shut} == {POLICY.first_s}, "no matter whether the code was a good one"
    assert len({repr(each.reasons) for each in (*answers, *shut)}) == 1
    house.pass_(seconds=POLICY.first_s + 1)
    again = house.claim("guess-again", "thief", device_id="d")
    assert (why(again), again.retry_after) == ("code_unknown", None)
    longer = house.claim("code2", "thief", device_id="d")
    assert (why(longer), longer.retry_after) == ("too_many_tries", 2 * POLICY.first_s)
    house.guard.settle()
    with house.store.reading() as connection:
        assert house.guard.full_decision(connection, longer.id) == longer


def test_many_guesses_at_once_are_no_more_than_one_after_the_other(house: House) -> None:
    asked = [house.event("coupon.claimed", f"guess{number}", "thief") for number in range(200)]
    answers = [each.result(30) for each in [house.guard.claim(event, None) for event in asked]]
    looked_at = sum(why(each) == "code_unknown" for each in answers)
    assert looked_at == POLICY.account + 1
    assert sum(why(each) == "too_many_tries" for each in answers) == 200 - looked_at


def test_typing_errors_are_let_in_and_nobody_loses_what_is_his(house: House) -> None:
    for number in range(POLICY.account):
        assert why(house.claim(f"tippo{number}", "a7", device_id="mine", ip="10.0.0.7")) == "code_unknown"
    assert why(house.claim("code7", "a7", device_id="mine", ip="10.0.0.7")) == "approve"
    for number in range(3 * POLICY.network):
        house.claim(f"guess{number}", f"thief{number}", device_id=f"t{number}", ip="10.0.0.66")
    neighbour = house.claim("code8", "a8", device_id="d8", ip="10.0.0.8")
    assert why(neighbour) == "approve", "of one network with those who guess, and it is his"
    held = house.claim("code7", "a7", ip="10.0.0.7")
    assert (why(held), held.reservation_id) == ("approve", house.claim("code7", "a7", ip="10.0.0.7").reservation_id)
    assert why(house.claim("guess", "a9", ip="10.0.0.9")) == "too_many_tries"


def test_more_who_wait_than_a_batch_looks_at_wait_all_the_same(
    house: House, monkeypatch: pytest.MonkeyPatch
) -> None:  # fmt: skip
    for number in range(3 * (POLICY.account + 1)):
        house.claim(f"guess{number}", f"thief{number % 3}")
    for most in (2, 3):  # of three: first too many to be looked at together, then just as many as are
        monkeypatch.setattr(gate, "SHUT_OUT_MAX", most)
        assert {why(house.claim("guess", f"thief{number}")) for number in range(3)} == {"too_many_tries"}
        assert why(house.claim("code1", "a1")) == "approve"


def test_processes_count_one_anothers_misses(house: House) -> None:
    with closing(make_promotions(house.store, lambda: house.now).guard) as second:
        for number in range(POLICY.account + 1):
            guard = (house.guard, second)[number % 2]
            guard.claim(house.event("coupon.claimed", f"guess{number}", "thief"), None).result(30)
        for guard in (house.guard, second):
            answer = guard.claim(house.event("coupon.claimed", "code1", "thief"), None).result(30)
            assert (why(answer), answer.retry_after) == ("too_many_tries", POLICY.first_s)


def test_coupons_of_others_are_misses_as_well_and_what_is_over_is_forgotten(house: House) -> None:
    for number in range(POLICY.account + 1):
        assert why(house.claim(f"code{number + 20}", "thief")) == "coupon_of_another"
    assert why(house.claim("code50", "thief")) == "too_many_tries"
    house.pass_(minutes=POLICY.window_minutes + 1)
    house.guard.prune()
    for number in range(POLICY.account):
        assert why(house.claim(f"later{number}", "thief")) == "code_unknown"
    assert why(house.claim("later", "thief")) == "code_unknown", "the wait begins behind it"


def test_guesses_under_many_names_are_told_of_and_leave_each_name_fewer(house: House) -> None:
    events = [
        house.event("coupon.claimed", f"guess{number}", f"t{number}", device_id=f"d{number}",
                    ip=f"10.{number // 200}.{number % 200}.1")
        for number in range(POLICY.campaign)
    ]  # fmt: skip
    answers = [each.result(30) for each in [house.guard.claim(event, None) for event in events]]
    assert {why(each) for each in answers} == {"code_unknown"}
    assert [why(house.claim(f"more{number}", "late")) for number in range(3)] == [
        "code_unknown", "code_unknown", "too_many_tries",
    ]  # fmt: skip
    assert why(house.claim("code3", "a3")) == "approve"
    with house.store.reading() as connection:
        found = judgements.list_findings(
            connection, About(code="promotions.codes_tried_widely"), after=None, limit=9
        )  # fmt: skip
    assert [(each.subject.id, each.reasons[0].evidence["misses"]) for each in found] == [("c1", POLICY.campaign)]


def test_who_takes_without_codes_is_never_shut_out(store: Store) -> None:
    house = House(store)
    house.declare()
    with closing(house.guard):
        assert {why(house.claim(f"k{number}", "a1", ip="10.0.0.1")) for number in range(60)} == {"approve"}


def test_a_replay_answers_as_the_store_does() -> None:
    scene = Scene()
    scene.declare({**campaign(), **CODES})
    for number in range(20):
        scene.tell("coupon.issued", at(1), coupon_id=f"code{number}", campaign_id="c1", account_id=f"a{number}",
                   face_value=cny(1_000))  # fmt: skip
    for number in range(POLICY.account + 3):
        scene.claim(f"guess{number}", "thief", 2 + number / 600)
    scene.claim("code1", "thief", 2.1)
    scene.claim("code2", "a2", 2.2, device_id="d")
    said = scene.played()
    assert outcomes(said) == ["code_unknown"] * (POLICY.account + 1) + ["too_many_tries"] * 3 + ["approve"]
    waits = [each for each in said if isinstance(each, Decision) and each.outcome == "decline"]
    assert len({repr(each.reasons) for each in waits}) == 1
    assert timedelta(0) < at(2.2) - at(2.1) < timedelta(seconds=POLICY.first_s)
