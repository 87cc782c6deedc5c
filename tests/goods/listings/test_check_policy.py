"""The policy file: what it says, and what is refused in it, by the name of the key."""

from __future__ import annotations

import pytest

from agoranomos.engine import detectors as contract
from agoranomos.goods.listings import detectors
from agoranomos.goods.listings.deciding import WARNED_BEFORE
from agoranomos.goods.listings.model import Concern
from agoranomos.goods.listings.policy import load_policy, parse_policy
from agoranomos.goods.pictures import detectors as picture_detectors
from agoranomos.kernel.decisions import Outcome
from agoranomos.kernel.errors import Invalid

SMALL = """
version = "test"
report_line = 0.5
[thresholds.default]
warn = 0.5
[thresholds.default.after_warning]
hold = 0.9
[thresholds.cosmetics]
hold = 0.85
[warned_before]
window_days = 365
weight_each = 0.2
weight_max = 0.5
[advice.counterfeit]
en = "Mend it."
zh = "请修改。"
[advice.diversion]
en = "Remove it."
zh = "请删除。"
"""


@pytest.mark.parametrize(
    ("profile", "score", "warned_before", "outcome"),
    [
        ("shoes", 0.4999, False, Outcome.APPROVE),
        ("shoes", 0.5, False, Outcome.WARN),
        ("shoes", 1.0, False, Outcome.WARN),
        ("shoes", 0.8999, True, Outcome.WARN),
        ("shoes", 0.9, True, Outcome.HOLD),
        *((profile, 0.9, False, Outcome.HOLD) for profile in ("infant-food-health", "cosmetics")),
        ("infant-food-health", 0.8999, False, Outcome.WARN),
        ("infant-food-health", 0.75, True, Outcome.HOLD),
        ("luxury", 0.9499, False, Outcome.WARN),
        ("luxury", 0.95, False, Outcome.HOLD),
        ("default", 0.95, False, Outcome.WARN),
    ],
)
def test_the_shipped_policy_acts_at_its_lines(
    profile: str, score: float, warned_before: bool, outcome: Outcome
) -> None:
    lines = load_policy().lines(profile)
    assert lines.outcome(score, warned_before=warned_before) is outcome


def test_a_profile_states_only_what_differs_from_the_default() -> None:
    lines = parse_policy(SMALL.encode()).lines("cosmetics")
    assert dict(lines.usual) == {Outcome.WARN: 0.5, Outcome.HOLD: 0.85}
    assert dict(lines.after_warning) == {Outcome.HOLD: 0.8}, "as the profile says"


def test_an_edit_shows_in_the_version() -> None:
    before, after = (parse_policy(text.encode()) for text in (SMALL, SMALL.replace("warn = 0.5", "warn = 0.6")))
    assert before.version.startswith("test+")
    assert before.version != after.version


def test_the_weight_of_earlier_warnings_is_capped() -> None:
    warned = parse_policy(SMALL.encode()).warned_before
    assert [warned.weight(count) for count in (1, 2, 50)] == [0.2, 0.4, 0.5]


def test_advice_falls_back_to_the_concern() -> None:
    policy = parse_policy(SMALL.encode())
    assert policy.advice_for("goods.unheard_of", Concern.DIVERSION).en == "Remove it."


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        ('version = "test"', "", "version is missing"),
        ('version = "test"', 'version = " "', "version must be a text"),
        ("report_line = 0.5", "report_line = 1.5", "report_line must be a number above 0"),
        ("report_line = 0.5", "report_line = true", "report_line must be a number"),
        ("report_line = 0.5", "report_line = 0.5\nrepot = 1", "repot is not known"),
        ("hold = 0.85", "hodl = 0.8", "thresholds.cosmetics.hodl is not known"),
        ("hold = 0.85", "approve = 0.8", "thresholds.cosmetics.approve is not known"),
        ("hold = 0.85", "hold = 0.4", "thresholds.cosmetics.hold (0.4) is below"),
        ("hold = 0.9", "hold = 0", "thresholds.default.after_warning.hold must be"),
        ("[thresholds.default]", "[thresholds.usual]", "thresholds.default.warn is missing"),
        ("window_days = 365", "window_days = 0.5", "warned_before.window_days must be a whole"),
        ("window_days = 365", "", "warned_before.window_days is missing"),
        ("weight_max = 0.5", "weight_max = nan", "warned_before.weight_max must be"),
        ("[advice.diversion]", '[advice."goods.x"]', "advice.diversion is missing"),
        ('zh = "请删除。"', "", "advice.diversion.zh is missing"),
        ('zh = "请删除。"', 'zh = ""', "advice.diversion.zh must be a text"),
        ("[thresholds.default]", "[thresholds.default", "not a TOML file"),
        ("[thresholds.cosmetics]", "[thresholds.cosmetic]", "thresholds.cosmetic is not known"),
        (
            "[advice.diversion]",
            "[restricted]\noff = ['guns']\n[advice.diversion]",
            "no class of goods is called 'guns'",
        ),
        ("[advice.diversion]", "[restricted]\noff = 'alcohol'\n[advice.diversion]", "restricted.off must be a list"),
        (
            "[advice.diversion]",
            "[restricted.licensed]\nalcohol = [1]\n[advice.diversion]",
            "restricted.licensed.alcohol must be a text",
        ),
        ("[advice.diversion]", "[profiles.Toys]\n[advice.diversion]", "a profile cannot be called 'Toys'"),
        ("[advice.diversion]", "[profiles.toys]\n[advice.diversion]", "profile toys: "),
    ],
)
def test_a_mistake_is_refused_by_the_name_of_its_key(old: str, new: str, said: str) -> None:
    assert old in SMALL
    with pytest.raises(Invalid) as refused:
        parse_policy(SMALL.replace(old, new, 1).encode())
    assert said in refused.value.message


OWN = """
[profiles.toys]
version = "3"
title = "toys"
title_zh = "玩具"
why = "Blind boxes are copied."
names = ["盲盒"]
[profiles.toys.thresholds]
hold = { false_alarm = 3, missed = 1 }
[profiles.toys.signs."goods.price_too_low"]
times = 1.5
why = "Limited series are never cleared."
[thresholds.toys]
warn = 0.6
[restricted]
off = ["tobacco"]
licensed = { alcohol = ["s1"] }
"""


def test_profiles_of_the_policy_come_before_the_shipped_ones() -> None:
    policy = parse_policy((SMALL + OWN).encode())
    assert [one.name for one in policy.profiles.all][:2] == ["toys", "shoes"]
    assert dict(policy.lines("toys").usual) == {Outcome.HOLD: 0.75, Outcome.WARN: 0.6}
    assert dict(policy.lines("toys").after_warning) == {Outcome.HOLD: 0.9}
    assert policy.profiles.times_max == 1.5
    assert policy.stamp("toys").startswith(f"{policy.version};toys@3+")
    assert policy.stamp("unheard-of").endswith(";default@1")


def test_who_may_sell_what_is_policy() -> None:
    restricted = parse_policy((SMALL + OWN).encode()).restricted
    assert restricted.allowed("s1") == {"tobacco", "alcohol"}
    assert restricted.allowed("s2") == {"tobacco"}


def test_the_shipped_advice_is_for_reasons_that_exist() -> None:
    packages = (detectors, picture_detectors)
    codes = {detector.code for package in packages for detector in contract.discover(package)} | {WARNED_BEFORE}
    assert set(load_policy().advice) - {concern.value for concern in Concern} <= codes
