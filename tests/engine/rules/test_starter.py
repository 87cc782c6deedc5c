"""One suite over every starter rule: its own examples, in any order, alone and together with the others."""

from __future__ import annotations

import random
import re
from collections import Counter

import pytest

from agoranomos.engine.rules.examples import event_of, values_of
from agoranomos.engine.rules.files import load_rules
from agoranomos.engine.rules.language import parse_condition
from agoranomos.engine.rules.model import CheckedRule
from agoranomos.engine.rules.rule_set import RuleSet
from agoranomos.engine.rules.starter import DESKS, LISTS, extended, notes, starter_rules, text_of
from agoranomos.engine.rules.tree import Listed
from agoranomos.engine.rules.types import scope_of
from tests.test_docs import ROOT

RULES = starter_rules()  # reading them runs the examples once already: a rule that disagrees with its own is refused


@pytest.mark.parametrize("checked", RULES, ids=lambda checked: checked.rule.id)
def test_a_rule_keeps_to_its_examples(checked: CheckedRule) -> None:
    together = RuleSet({each.rule.id: each.condition for each in RULES if each.rule.listens == checked.rule.listens})
    examples = [(one, True) for one in checked.rule.hits] + [(one, False) for one in checked.rule.misses]
    for seed in range(3):  # the order, and what was judged before, changes nothing
        random.Random(seed).shuffle(examples)
        for example, hit in examples:
            fired = together.evaluate(event_of(example), example.lookups())
            assert (checked.rule.id in {each.id for each in fired}) is hit
            assert fired == together.evaluate(event_of(example), example.lookups())


@pytest.mark.parametrize("checked", RULES, ids=lambda checked: checked.rule.id)
def test_the_reason_is_said_in_both_languages(checked: CheckedRule) -> None:
    for example in checked.rule.hits:
        said = checked.reason(values_of(checked, example))
        assert said.en.endswith(".")
        assert said.zh.endswith("。")
        assert not {"{", "}"} & set(said.en + said.zh)


def test_each_desk_has_rules() -> None:
    counts = Counter(checked.rule.desk for checked in RULES)
    assert set(counts) == set(DESKS)
    assert min(counts.values()) >= 4


def test_nothing_acts_before_somebody_says_so() -> None:
    assert {checked.rule.status for checked in RULES} == {"shadow"}


def test_each_feature_and_list_is_used() -> None:
    assert {name for checked in RULES for name in checked.condition.feature_names} == set(notes())
    asked = {leaf.source.name for each in RULES for leaf in each.condition.leaves if isinstance(leaf.source, Listed)}
    assert asked == set(LISTS)


@pytest.mark.parametrize("name", sorted(notes()))
def test_a_feature_names_fields_and_conditions_of_its_event(name: str) -> None:
    note = notes()[name]
    scope = scope_of(note.event)
    assert {*note.by, *([note.field] if note.field else [])} <= {*scope.fields, *scope.money}
    for condition in (note.where, note.share):
        if condition is not None:
            parse_condition(condition, scope)
    assert (note.aggregate == "ratio") is (note.share is not None)


def test_an_example_that_the_rule_sees_in_another_way_is_said_with_its_values() -> None:
    text = text_of("access.yaml").replace("subject_count: 20, export", "subject_count: 2000, export")
    with pytest.raises(Exception, match=r"access\.yaml:\d+:\d+: this should be a miss.*subject_count = 2000"):
        load_rules(text, extended, file="access.yaml")


def test_the_rule_on_the_page_can_be_read() -> None:
    page = (ROOT / "docs" / "rules.md").read_text("utf-8")
    (text,) = re.findall(r"```yaml\n(.*?)```", page, re.DOTALL)
    (checked,) = load_rules(text, extended)
    assert checked.rule.id in {each.rule.id for each in RULES}
