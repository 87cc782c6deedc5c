"""What is said of a campaign by itself."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any, Final

import pytest

from agoranomos.kernel.schema.promotions import Codes
from agoranomos.promotions.campaigns.model import campaign_of
from agoranomos.promotions.lint.guessing import chance_of_guessing, codes_possible
from agoranomos.promotions.lint.policy import load_policy
from agoranomos.promotions.lint.terms import reasons, remarks
from tests.promotions.making import cny, fixed, percent

POLICY = load_policy()
SOUND: Final[dict[str, Any]] = {
    "id": "spring", "benefit": fixed(500), "min_spend": cny(3_000), "budget": {"amount": cny(100_000), "count": 200},
    "per_account": {"count": 1}, "starts_at": "2026-05-01T00:00:00Z", "ends_at": "2026-06-01T00:00:00Z",
}  # fmt: skip


def codes_of(**changes: Any) -> list[str]:
    entry = {key: value for key, value in {**SOUND, **changes}.items() if value is not None}
    return [each.code for each in reasons(campaign_of(entry), entry, POLICY)]


@pytest.mark.parametrize(
    ("changes", "expected"),
    [
        ({}, []),
        ({"benefit": None}, ["no_benefit"]),
        ({"budget": None}, ["no_budget"]),
        ({"budget": {}}, ["no_budget"]),
        ({"budget": {"count": 5}}, []),
        ({"per_account": None}, ["no_cap_per_account"]),
        ({"ends_at": None}, ["no_end"]),
        ({"id": "test-coupon"}, ["forgotten_test"]),
        ({"id": "couponTest1"}, ["forgotten_test"]),
        ({"name": "新春测试券"}, ["forgotten_test"]),
        ({"id": "latest-contest"}, []),
        ({"benefit": percent(101)}, ["above_face"]),
        ({"benefit": fixed(3_001)}, ["above_face"]),
        ({"benefit": fixed(9_000, cap=cny(3_000))}, []),
        ({"benefit": fixed(600), "min_spend": None, "applies_to": {"prices": {"max": cny(500)}}}, ["above_face"]),
        ({"codes": {"length": 6, "alphabet": "digits"}}, ["codes_guessable"]),
        ({"codes": {"length": 12, "alphabet": "alnum"}}, []),
        ({"codes": {"length": 9, "alphabet": "digits"}, "budget": {"amount": cny(100_000)}}, ["codes_guessable"]),
        (
            {"codes": {"length": 9, "alphabet": "digits"}, "benefit": percent(5), "budget": {"amount": cny(9)}},
            ["codes_unknown"],
        ),
    ],
)
def test_reasons(changes: dict[str, Any], expected: list[str]) -> None:
    assert codes_of(**changes) == expected


def test_every_reason_has_words_in_both_languages_and_a_place() -> None:
    entry = {"id": "test", "codes": {"length": 1, "alphabet": "digits"}, "benefit": percent(200)}
    found = list(reasons(campaign_of(entry), entry, POLICY))
    assert {each.code for each in found} >= {"no_budget", "no_end", "forgotten_test", "above_face"}
    assert all(each.en and each.zh and each.pointer.startswith("/") for each in found)


def test_remarks_refuse_nothing() -> None:
    entry = {**SOUND, "exclusive": True, "stacks_with": ["spring", "gone"]}
    found = list(remarks(campaign_of(entry), ["spring"], datetime(2026, 7, 1, tzinfo=UTC)))
    assert [each.code for each in found] == ["over", "says_both", "stacks_with_unknown"]


def test_the_chance_of_guessing() -> None:
    digits = Codes(length=2, alphabet="digits")
    assert codes_possible(digits) == 100
    assert chance_of_guessing(digits, 1, 10) == pytest.approx(0.1)
    # Both guesses miss five of a hundred: 95/100 * 94/99.
    assert chance_of_guessing(digits, 5, 2) == pytest.approx(1 - 95 / 100 * 94 / 99)
    assert chance_of_guessing(digits, 99, 2) == 1.0
    assert chance_of_guessing(digits, 0, 1_000) == 0.0
    assert chance_of_guessing(Codes(length=40, alphabet="alnum"), 10**6, 1_000) == pytest.approx(1e9 / 36**40)
