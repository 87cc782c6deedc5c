"""The breaker over a history: what it stops, how soon, and what it lets be."""

from __future__ import annotations

import random
from datetime import date
from typing import Any

import pytest

from agoranomos.engine.market.generate import generate
from agoranomos.engine.market.lives import Event as Told
from agoranomos.engine.market.plots.top_up_glitch import FACE, TopUpGlitch
from agoranomos.engine.market.world import Settings
from agoranomos.kernel.events import parse_line
from agoranomos.kernel.findings import Finding
from agoranomos.promotions.breaker.evidence import MeanTest
from tests.promotions.scenes import Scene, actions, at, campaign, cny, codes, crowd, kinds, outcomes

EXPECTED = {"claims_per_minute": 2.0, "paid_to_face_ratio": 0.75, "new_account_share": 0.05}


def scene(**terms: Any) -> Scene:
    made = Scene()
    made.declare(campaign(**{"expected": EXPECTED, **terms}), at(-60))
    return made


def test_the_story_of_2019_is_over_after_a_few_orders() -> None:
    """Ring and good faith alike pay 40 fen for 100 yuan; what it costs is what was said."""
    told = scene(
        benefit={"kind": "fixed", "value": cny(9_960)}, applies_to={"cash_equivalent": True},
        expected={"claims_per_minute": 100.0, "paid_to_face_ratio": 0.9, "new_account_share": 0.05},
    )  # fmt: skip
    for number in range(400):
        told.use(f"k{number}", f"a{number % 40}", 1 + number / 100, 40, payee_id=f"p{number % 6}")
    said = told.played()
    stop = actions(said, "campaign.stop")
    assert len(stop) == 1
    assert (stop[0].subject.id, stop[0].status, stop[0].requested_by) == ("c1", "pending", "model:promotions.breaker")
    found = next(each for each in said if isinstance(each, Finding) and each.id in stop[0].because)
    bound = MeanTest(0.45, least=True).needed(0.004, 1e4) * 9_960
    assert 0 < found.reasons[0].evidence["given"] <= bound
    assert "campaign.alert" in kinds(said)
    # Afterwards nobody may claim, and who claimed before is looked at by a person.
    assert outcomes(said)[-1] == outcomes(said, "coupon-redeem")[-1] == "campaign_stopped"
    assert "given_after_stop" in codes(said)


def test_a_glitch_in_the_middle_of_an_honest_campaign_stops_it_too() -> None:
    told = scene(applies_to={"cash_equivalent": True})
    crowd(told, 3, people=600, per_minute=2.0)
    for number in range(200):
        told.use(f"g{number}", f"g{number}", 600 + number / 10, 4, face_value=cny(996))
    said = told.played()
    found = next(
        each for each in said if isinstance(each, Finding) and each.code == "promotions.paid_below_floor"
    )  # fmt: skip
    wrong = found.reasons[0].evidence["count"] - 600
    assert 0 < wrong <= MeanTest(0.375, least=True).needed(0.004, 1e4, after=600)
    assert actions(said, "campaign.stop")


def test_accounts_made_for_it_stop_it() -> None:
    told = scene()
    crowd(told, 4, people=200, per_minute=60.0, new_share=0.97)
    said = told.played()
    assert "campaign.stop" in kinds(said)
    assert {"new_accounts_many", "new_accounts_mostly", "claims_too_fast"} <= {*codes(said)}


def test_few_payees_for_many_accounts_stop_it_when_they_pay_too_little() -> None:
    told = scene()
    for number in range(300):
        told.use(f"k{number}", f"a{number}", 1 + number / 2, 700, payee_id=f"p{number % 5}", face_value=cny(1_000))
    said = told.played()
    assert {"payees_shared", "paid_below_declared"} <= {*codes(said)}
    assert "campaign.stop" in kinds(said)


@pytest.mark.parametrize("seed", range(2))
@pytest.mark.parametrize(
    ("what", "terms", "how"),
    [
        ("a quiet campaign", {}, {"people": 600, "per_minute": 2.0, "new_share": 0.05}),
        (
            "a flash sale as declared",
            {"expected": {**EXPECTED, "claims_per_minute": 3_000.0}},
            {"people": 700, "per_minute": 3_000.0, "new_share": 0.05},
        ),
        (
            "word of mouth: fifteen times the claims, many new accounts, from a campus",
            {},
            {"people": 600, "per_minute": 30.0, "new_share": 0.4, "network": "10.1.2.3"},
        ),
    ],
)
def test_honest_crowds_are_not_stopped(what: str, seed: int, terms: dict[str, Any], how: dict[str, Any]) -> None:
    told = scene(**terms)
    crowd(told, seed, **how)
    said = told.played()
    assert "campaign.stop" not in kinds(said)
    if "declared" in what or "quiet" in what:
        assert not codes(said)
        assert {*outcomes(said)} == {"approve"}
    else:  # somebody is told
        assert "claims_too_fast" in codes(said)
        assert "campaign.alert" in kinds(said)


def test_a_one_cent_offer_for_newcomers_is_let_be_when_it_was_declared() -> None:
    told = scene(
        benefit={"kind": "price", "value": cny(1)}, per_account={"count": 1},
        expected={"claims_per_minute": 50.0, "paid_to_face_ratio": 0.0003, "new_account_share": 1.0},
    )  # fmt: skip
    draw = random.Random(9)
    for number in range(800):
        moment = 1 + number / 50
        told.tell("account.registered", at(moment - 30), account_id=f"a{number}")
        lines = [{"listing_id": "l1", "quantity": 1, "price": cny(draw.choice((990, 2_990, 5_990)))}]
        told.use(f"k{number}", f"a{number}", moment, 1, lines=lines)
    said = told.played()
    assert not codes(said)
    assert not kinds(said)


def test_a_slowed_campaign_says_when_to_ask_again() -> None:
    """Payees are shared, and nothing else is wrong: a person is told, and claims come through at the declared pace."""
    told = scene()
    for number in range(60):
        told.use(f"k{number}", f"a{number}", 1 + number, 4_000, payee_id=f"p{number % 3}")
    for number in range(60, 160):
        told.claim(f"k{number}", f"a{number}", 70 + number / 1_000)
    said = told.played()
    assert kinds(said) == ["campaign.slow", "campaign.alert"]
    assert outcomes(said)[-100:].count("approve") == 10  # five times the two that were declared
    assert outcomes(said)[-1] == "campaign_slowed"


@pytest.mark.slow
def test_a_made_market_with_the_glitch_and_without() -> None:
    settings = Settings(seed=7, start=date(2026, 5, 1), days=4, sellers=20, buyers=400)
    told, honest = Scene(), Scene()
    for scene_, plots in ((told, [TopUpGlitch()]), (honest, [])):
        made = (one.line() for one in generate(settings, plots) if isinstance(one, Told))
        scene_.events = [event for event in map(parse_line, made) if event.type in HEARD]
    said = told.played()
    stop = actions(said, "campaign.stop")
    assert len(stop) == 1
    given = max(each.reasons[0].evidence.get("given", 0) for each in said if isinstance(each, Finding))
    assert 0 < given <= 25 * FACE
    assert not codes(honest.played())
    assert {*outcomes(honest.played())} == {"approve"}


HEARD = {
    "account.registered", "campaign.declared", "campaign.ended", "coupon.claimed", "coupon.issued", "coupon.redeemed",
    "coupon.refunded", "coupon.voided", "order.placed", "session.started",
}  # fmt: skip
