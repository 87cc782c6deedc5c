"""Three values, what is read of an event, and what is asked beyond it."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import pytest

from agoranomos.engine.rules.language import parse_condition
from agoranomos.engine.rules.rule_set import RuleSet, compile_python
from agoranomos.engine.rules.tree import Value
from agoranomos.engine.rules.types import scope_of
from tests.engine.rules.made import SCOPE, Happening

MOMENT = datetime(2026, 5, 1, 0, 30, tzinfo=UTC)


class Asked:
    """Answers, and remembers what it was asked."""

    def __init__(self) -> None:
        self.questions: list[tuple[Any, ...]] = []

    def feature(self, name: str, keys: tuple[Value, ...]) -> Value:
        self.questions.append((name, *keys))
        return 7

    def listed(self, name: str, item: str) -> bool:
        self.questions.append((name, item))
        return item == "bad"

    def score(self, code: str) -> float | None:
        self.questions.append((code,))
        return 0.8


def _says(text: str, asked: Asked | None = None, **data: Any) -> bool | None:
    condition = parse_condition(text, SCOPE)
    return compile_python(condition)(Happening(MOMENT, None, data), asked or Asked())


@pytest.mark.parametrize(
    ("text", "answer"),
    [
        ("flag AND TRUE", None), ("flag AND FALSE", False), ("flag OR TRUE", True), ("flag OR FALSE", None),
        ("NOT flag", None), ("flag IS TRUE", False), ("flag IS NOT TRUE", True), ("flag IS NULL", True),
        ("count > 3", None), ("count IN (1, 2)", None), ("other IN (1, NULL)", None), ("other IN (4, NULL)", True),
        ("other NOT IN (1, NULL)", None), ("other BETWEEN 5 AND count", False), ("other BETWEEN 3 AND count", None),
        ("CASE WHEN flag THEN 1 ELSE 2 END = 2", True), ("coalesce(count, 4) = other", True),
        ("least(count, other) = 4", True), ("nullif(other, 4) IS NULL", True), ("note LIKE '%'", None),
        ("other / 0 > 1", None), ("other % 0 = 0", None), ("9223372036854775807 + other > 0", None),
        ("other / 8 = 0.5", True), ("-7 % other = -3", True), ("hour(time) = 8", True), ("day_of_week(time) = 5", True),
        ("time - '2026-05-01' = 30600", True), ("time >= '2026-05-01T08:30:00+08:00'", True),
        ("contains(coupon_ids, 'a')", False), ("size(coupon_ids) = 0", True), ("size(lines) = 0", None),
    ],
)  # fmt: skip
def test_what_is_missing_is_unknown(text: str, answer: bool | None) -> None:
    assert _says(text, other=4) is answer


@pytest.mark.parametrize("value", [None, "3", 3.0, True, [3], {"amount": 3}, 2**63])
def test_a_value_of_another_type_is_unknown(value: Any) -> None:
    assert _says("count = 3 OR count <> 3", count=value) is None
    assert _says("count = 3", count=3) is True


def test_money_is_compared_in_one_currency_only() -> None:
    cny, usd = {"amount": 500, "currency": "CNY"}, {"amount": 500, "currency": "USD"}
    assert _says("paid >= money(500, 'CNY')", paid=cny) is True
    assert _says("paid >= money(500, 'CNY') OR paid < money(500, 'CNY')", paid=usd) is None
    assert _says("paid / face_value = 1", paid=cny, face_value=cny) is True
    assert _says("paid / face_value = 1", paid=cny, face_value=usd) is None
    lines = [{"listing_id": "l", "quantity": 2, "price": price} for price in (cny, usd)]
    assert _says("sum(lines.price.amount * lines.quantity) = 1000", lines=lines[:1]) is True
    assert _says("sum(lines.price.amount * lines.quantity) > 0", lines=lines) is None


def test_a_feature_is_asked_once_for_all_rules_and_only_when_it_matters() -> None:
    texts = [
        "count > 3 AND orders_10m(device_id) > 5",
        "orders_10m(device_id) = 7",
        "flag AND share_1d(note, count) > 1",
    ]
    rules = RuleSet({str(at): parse_condition(text, SCOPE) for at, text in enumerate(texts)})
    asked = Asked()
    hits = rules.evaluate(Happening(MOMENT, None, {"device_id": "d", "count": 9, "flag": False, "note": "x"}), asked)
    assert [hit.id for hit in hits] == ["0", "1"]
    assert asked.questions == [("orders_10m", "d")]
    assert hits[0].values == {"count": 9, "device_id": "d", "orders_10m(device_id)": 7}


def test_nothing_is_asked_without_its_key() -> None:
    asked = Asked()
    assert _says("orders_10m(device_id) > 5", asked) is None
    assert _says("listed('known_farms', note)", asked) is None
    assert _says("share_1d(note, count) > 5", asked, note="x") is None
    assert asked.questions == []
    assert _says("listed('known_farms', note)", asked, note="bad") is True


def test_scores_of_detectors_in_a_check() -> None:
    scope = scope_of("listing").extended(detectors=["goods.brand_disguised"])
    rule = compile_python(parse_condition("score('goods.brand_disguised') > 0.5 AND title <> ''", scope))
    assert rule(Happening(MOMENT, None, {"title": "x"}), Asked()) is True


def test_a_rule_over_the_event_alone_needs_no_look_ups() -> None:
    rule = compile_python(parse_condition("count > 3", SCOPE))
    assert rule(Happening(MOMENT, None, {"count": 4})) is True
    with pytest.raises(LookupError, match="known_farms"):
        compile_python(parse_condition("listed('known_farms', note)", SCOPE))(Happening(MOMENT, None, {"note": "x"}))


def test_moments_and_lists_are_shown_as_json_has_them() -> None:
    condition = parse_condition("time > promised_at AND size(coupon_ids) = 1", SCOPE)
    data = {"promised_at": "2026-04-30T08:00:00+08:00", "coupon_ids": ["a"]}
    (hit,) = RuleSet({"late": condition}).evaluate(Happening(MOMENT, None, data), Asked())
    assert hit.values == {"time": "2026-05-01T00:30:00Z", "promised_at": "2026-04-30T00:00:00Z", "coupon_ids": ["a"]}
    assert hit.values["coupon_ids"] is not data["coupon_ids"]


def test_the_deepest_condition_compiles() -> None:
    text = "count"
    for _ in range(16):
        text = f"(1 + {text})"
    assert _says(f"{text} = 18", count=2) is True
