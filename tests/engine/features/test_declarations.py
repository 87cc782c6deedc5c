"""Features in files: all mistakes at once, each with its place."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from agoranomos.engine.features.declarations import load_features
from agoranomos.engine.rules import starter
from agoranomos.engine.rules.errors import RuleError

WRONG = """
- {name: claims_10m, aggregate: count, event: coupon.claimed, by: [device_id], window: 10m}
- {name: claims_10m, aggregate: count, event: coupon.claimed, by: [device_id], window: 20m}
- name: spent
  aggregate: sum
  event: order.placed
  by: [buyer_id]
  window: 1 month
  field: paid
- name: dear
  aggregate: count
  event: order.placed
  window: 1h
  were: paid.amount > 5
- name: mean
  aggregate: mean
  event: order.placed
  window: 1h
- 5
- name: farm
  aggregate: count
  event: coupon.claimed
  window: 1h
  where: device_idd = 'd1'
"""


def test_mistakes_are_said_with_their_places() -> None:
    with pytest.raises(RuleError) as refused:
        load_features(WRONG, file="features.yaml")
    said = [str(problem) for problem in refused.value.problems]
    expected = [
        ("features.yaml:3:", "two features have the name claims_10m"),
        ("features.yaml:8:", "from 1m to 400d"),
        ("features.yaml:14:", "did you mean where"),
        ("features.yaml:16:", "'mean'"),
        ("features.yaml:19:", "a feature is written as"),
        ("features.yaml:24:", "device_id"),
    ]
    assert len(said) == len(expected), said
    for line, (place, message) in zip(said, expected, strict=True):
        assert line.startswith(place)
        assert message in line


def test_one_alone_needs_no_list() -> None:
    (one,) = load_features("{name: orders, aggregate: count, event: order.placed, window: 1d}")
    assert one.window_us == 86_400_000_000
    assert one.by == ()


def test_the_starter_rules_find_their_features_as_they_expect_them() -> None:
    features = load_features(starter.text_of("features.yaml"), file="features.yaml")
    assert {one.name: one.info for one in features} == {name: note.info for name, note in starter.notes().items()}


def test_the_features_of_the_documentation_can_be_declared() -> None:
    page = (Path(__file__).parents[3] / "docs" / "features.md").read_text("utf-8")
    (shown,) = re.findall(r"^```yaml\n(.*?)^```$", page, flags=re.DOTALL | re.MULTILINE)
    assert [one.name for one in load_features(shown)] == [
        "claims_10m",
        "spent_1d",
        "people_read_14d",
        "praise_share_7d",
    ]
