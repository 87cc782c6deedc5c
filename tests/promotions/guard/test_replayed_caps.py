"""Budgets and caps over a history: what would have been refused."""

from __future__ import annotations

from typing import Any

import pytest

from agoranomos.kernel.decisions import Decision
from agoranomos.kernel.findings import Finding
from tests.promotions.scenes import Scene, at, campaign, cny, codes, outcomes

DAY = 24 * 60


def scene(**terms: Any) -> Scene:
    made = Scene()
    made.declare(campaign(**terms))
    return made


def test_a_budget_of_coupons_ends_at_its_last() -> None:
    told = scene(budget={"count": 3})
    for number in range(5):
        told.claim(f"k{number}", f"a{number}")
    said = told.played()
    assert outcomes(said) == ["approve"] * 3 + ["budget_spent"] * 2
    assert codes(said) == ["budget_overrun"]


def test_a_budget_of_money_counts_what_each_coupon_takes_off() -> None:
    told = scene(budget={"amount": cny(2_500)})
    told.tell("coupon.issued", at(0), coupon_id="k1", campaign_id="c1", account_id="a1", face_value=cny(2_000))
    told.claim("k1", "a1")
    told.claim("k2", "a2")
    told.claim("k3", "a3", face_value=cny(500))
    assert outcomes(told.played()) == ["approve", "budget_spent", "approve"]


def test_points_are_money_of_a_hundredth() -> None:
    told = scene(benefit={"kind": "points", "value": 300}, budget={"amount": cny(700)})
    for number in range(3):
        told.claim(f"k{number}", f"a{number}")
    assert outcomes(told.played()) == ["approve", "approve", "budget_spent"]


def test_a_minimum_fee_costs_what_its_order_shows() -> None:
    """A ride of eight yuan for one: the budget is charged with seven, known when the order is paid."""
    terms = {"benefit": {"kind": "price", "value": cny(100)}, "budget": {"amount": cny(1_500)}}
    told = scene(**terms, expected={"paid_to_face_ratio": 0.1})
    for number in range(3):
        lines = [{"listing_id": "ride", "quantity": 1, "price": cny(800)}]
        told.redeem(f"k{number}", f"a{number}", paid=cny(100), lines=lines)
    assert outcomes(told.played(), "coupon-redeem") == ["approve", "approve", "budget_spent"]


@pytest.mark.parametrize(
    ("window_days", "minutes", "second"),
    [
        (1, 9 * 60, "approve"),  # NOW is 16:00 in Shanghai: nine hours later another day has begun
        (1, 7 * 60, "account_cap"),
        (0.25, 5 * 60, "account_cap"),
        (0.25, 7 * 60, "approve"),
        (3, 2 * DAY, "account_cap"),
        (3, 3 * DAY, "approve"),
        (None, 20 * DAY, "account_cap"),
    ],
)
def test_a_window_is_days_of_the_calendar(window_days: float | None, minutes: int, second: str) -> None:
    told = scene(per_account={"count": 1, **({"window_days": window_days} if window_days else {})})
    told.claim("k1", "a1", 1)
    told.claim("k2", "a1", minutes)
    assert outcomes(told.played()) == ["approve", second]


@pytest.mark.parametrize("kind", ["per_account", "per_device", "per_payee"])
def test_caps_of_each_kind(kind: str) -> None:
    told = scene(**{kind: {"count": 2, "window_days": 30}})
    for number in range(3):
        same: dict[str, Any] = {"per_device": {"device_id": "d1"}, "per_payee": {"payee_id": "p1"}}.get(kind, {})
        told.claim(f"k{number}", "a1" if kind == "per_account" else f"a{number}", **same)
    assert outcomes(told.played()) == ["approve", "approve", f"{kind.removeprefix('per_')}_cap"]


def test_a_payee_counts_when_the_coupon_is_used() -> None:
    told = scene(per_payee={"count": 1})
    for number in range(2):
        told.claim(f"k{number}", f"a{number}")
        told.redeem(f"k{number}", f"a{number}", payee_id="p1")
    said = told.played()
    assert outcomes(said) == ["approve", "approve"]
    assert outcomes(said, "coupon-redeem") == ["approve", "payee_cap"]


def test_parts_of_a_day_and_of_a_year() -> None:
    told = scene(budget={"count": 9, "per_day": {"count": 1}, "per_year": {"count": 2}})
    for number, day in enumerate((0, 0, 1, 2)):
        told.claim(f"k{number}", f"a{number}", day * DAY + number)
    assert outcomes(told.played()) == ["approve", "budget_spent", "approve", "budget_spent"]


def test_the_same_again_changes_nothing() -> None:
    told = scene(budget={"count": 1}, per_account={"count": 1})
    told.claim("k1", "a1", 1)
    told.claim("k1", "a1", 2)
    told.redeem("k1", "a1", 3)
    told.redeem("k1", "a1", 4)
    said = told.played()
    assert outcomes(said) == ["approve", "approve"]
    assert outcomes(said, "coupon-redeem") == ["approve", "approve"]


def test_what_is_refunded_or_void_comes_back_once() -> None:
    told = scene(budget={"count": 2}, per_account={"count": 2})
    told.use("k1", "a1", 1, 5_000)
    told.claim("k2", "a1", 2)
    for minutes in (3, 4):
        for kind, coupon in (("coupon.refunded", "k1"), ("coupon.voided", "k2")):
            told.tell(kind, at(minutes), coupon_id=coupon, campaign_id="c1", account_id="a1")
    for number in range(3, 6):
        told.claim(f"k{number}", "a1", 5)
    assert outcomes(told.played()) == ["approve"] * 4 + ["budget_spent"]


def test_a_void_coupon_stays_void_and_a_used_one_used() -> None:
    told = scene()
    told.tell("coupon.voided", at(1), coupon_id="k1", campaign_id="c1", account_id="a1")
    told.claim("k1", "a1", 2)
    told.use("k2", "a2", 3, 5_000)
    told.redeem("k2", "a2", 4, order_id="another")
    told.redeem("k2", "a3", 5)
    said = told.played()
    assert outcomes(said) == ["coupon_void", "approve"]
    assert outcomes(said, "coupon-redeem") == ["approve", "coupon_used", "coupon_of_another"]
    assert codes(said) == ["coupon_misused"]


def test_a_coupon_is_for_whom_it_was_issued() -> None:
    told = scene()
    told.tell("coupon.issued", at(0), coupon_id="k1", campaign_id="c1", account_id="a1", face_value=cny(1_000))
    told.claim("k1", "a2")
    told.redeem("k1", "a1", 3)
    said = told.played()
    assert outcomes(said) == ["coupon_of_another"]
    assert outcomes(said, "coupon-redeem") == ["approve"]


def test_before_and_after_and_without_a_campaign() -> None:
    told = Scene()
    told.declare(campaign(), at(-60))
    told.claim("k1", "a1", -5)
    told.claim("k2", "a1", 1, "nobody declared this")
    told.claim("k3", "a1", 2)
    told.tell("campaign.ended", at(10), campaign_id="c1")
    told.claim("k4", "a1", 11)
    told.declare(campaign(), at(20))
    told.claim("k5", "a1", 21)
    told.claim("k6", "a1", 31 * DAY)
    late = "campaign_not_running"
    assert outcomes(told.played()) == [late, "campaign_unknown", "approve", late, "approve", late]


def test_an_order_that_pays_less_than_its_coupon_allows_is_found() -> None:
    told = scene()
    lines = [{"listing_id": "l1", "quantity": 1, "price": cny(10_000)}]
    told.claim("k1", "a1")
    told.redeem("k1", "a1", paid=cny(40), lines=lines)
    told.claim("k2", "a2")
    told.redeem("k2", "a2", paid=cny(9_000), lines=lines)
    told.use("k3", "a3", 5, 40)
    told.tell(
        "order.placed", at(6), order_id="o-k3", buyer_id="a3", store_id="s1", lines=lines, paid=cny(40),
        coupon_ids=["k3"],
    )  # fmt: skip
    said = told.played()
    assert outcomes(said, "coupon-redeem") == ["paid_too_little", "approve", "approve"]
    found = [each for each in said if isinstance(each, Finding)]
    assert [each.code for each in found] == ["promotions.paid_too_little"] * 2
    assert found[0].reasons[0].evidence["due"] == 9_000


def test_every_refusal_says_the_same() -> None:
    told = scene(budget={"count": 1}, per_account={"count": 1})
    told.tell("coupon.issued", at(0), coupon_id="k9", campaign_id="c1", account_id="a1", face_value=cny(1_000))
    told.tell("coupon.voided", at(0), coupon_id="k8", campaign_id="c1", account_id="a1")
    told.claim("k1", "a1")
    for coupon, account, of in (("k2", "a1", "c1"), ("k9", "a5", "c1"), ("k8", "a1", "c1"), ("k3", "a3", "c0")):
        told.claim(coupon, account, 2, of)
    decisions = [each for each in told.played() if isinstance(each, Decision)]
    assert len({each.hits[0].code for each in decisions[1:]}) == 4
    first = decisions[1]
    assert all((each.outcome, each.reasons) == (first.outcome, first.reasons) for each in decisions[1:])


def test_a_thousand_refusals_are_a_few_findings() -> None:
    told = scene(per_account={"count": 1})
    for number in range(1_001):
        told.claim(f"k{number}", "a1", 1 + number / 1_000)
    found = [each for each in told.played() if isinstance(each, Finding)]
    assert [each.revision for each in found] == list(range(1, 11))
    assert len({each.id for each in found}) == 1
    assert found[-1].reasons[0].evidence["times"] == 512
