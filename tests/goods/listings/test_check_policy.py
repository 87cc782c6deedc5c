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
[thresholds.infant]
hold = 0.8
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
        *((profile, 0.9, False, Outcome.HOLD) for profile in ("infant", "health", "food", "drinks", "cosmetics")),
        ("infant", 0.8999, False, Outcome.WARN),
        ("default", 0.95, False, Outcome.WARN),
    ],
)
def test_the_shipped_policy_acts_at_its_lines(
    profile: str, score: float, warned_before: bool, outcome: Outcome
) -> None:
    lines = load_policy().lines(profile)
    assert lines.outcome(score, warned_before=warned_before) is outcome


def test_a_profile_states_only_what_differs_from_the_default() -> None:
    lines = parse_policy(SMALL.encode()).lines("infant")
    assert dict(lines.usual) == {Outcome.WARN: 0.5, Outcome.HOLD: 0.8}
    assert dict(lines.after_warning) == {Outcome.HOLD: 0.9}


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
        ("hold = 0.8", "hodl = 0.8", "thresholds.infant.hodl is not known"),
        ("hold = 0.8", "approve = 0.8", "thresholds.infant.approve is not known"),
        ("hold = 0.8", "hold = 0.4", "thresholds.infant.hold (0.4) is below"),
        ("hold = 0.9", "hold = 0", "thresholds.default.after_warning.hold must be"),
        ("[thresholds.default]", "[thresholds.usual]", "thresholds.default.warn is missing"),
        ("window_days = 365", "window_days = 0.5", "warned_before.window_days must be a whole"),
        ("window_days = 365", "", "warned_before.window_days is missing"),
        ("weight_max = 0.5", "weight_max = nan", "warned_before.weight_max must be"),
        ("[advice.diversion]", '[advice."goods.x"]', "advice.diversion is missing"),
        ('zh = "请删除。"', "", "advice.diversion.zh is missing"),
        ('zh = "请删除。"', 'zh = ""', "advice.diversion.zh must be a text"),
        ("[thresholds.default]", "[thresholds.default", "not a TOML file"),
    ],
)
def test_a_mistake_is_refused_by_the_name_of_its_key(old: str, new: str, said: str) -> None:
    assert old in SMALL
    with pytest.raises(Invalid) as refused:
        parse_policy(SMALL.replace(old, new, 1).encode())
    assert said in refused.value.message


def test_the_shipped_advice_is_for_reasons_that_exist() -> None:
    packages = (detectors, picture_detectors)
    codes = {detector.code for package in packages for detector in contract.discover(package)} | {WARNED_BEFORE}
    assert set(load_policy().advice) - {concern.value for concern in Concern} <= codes
