"""A rule as it was written, read and checked, with the features that it asks: from files, and as it is kept."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any, Final

import msgspec

from agoranomos.engine.features.model import Declaration, Feature
from agoranomos.engine.rules.language import Condition, parse_condition
from agoranomos.engine.rules.model import CheckedRule, Rule
from agoranomos.engine.rules.types import Scope, scope_of
from agoranomos.kernel.errors import Invalid
from agoranomos.kernel.events import Event
from agoranomos.kernel.findings import Subject
from agoranomos.kernel.ids import is_id
from agoranomos.rules.actions import Proposal
from agoranomos.rules.bank import info_of
from agoranomos.rules.model import Version

_OF_THE_BOOK: Final = ("status", "version")
"""What a file says of itself and the rule book knows better."""


class Written:
    """A checked rule and its features by name."""

    def __init__(self, checked: CheckedRule, features: Mapping[str, Feature]) -> None:
        self.checked = checked
        self.rule: Rule = checked.rule
        self.condition: Condition = checked.condition
        self.features = {name: features[name] for name in sorted(checked.condition.feature_names)}

    def reason(self, values: Mapping[str, Any]) -> tuple[str, str]:
        """The reason of a hit with these values, in English and Chinese."""
        texts = self.checked.reason(values)
        return texts.en, texts.zh

    def subject_of(self, event: Event) -> Subject | None:
        """Whom a hit is about; None when the event does not say."""
        value: Any = event.data
        for step in self.rule.subject.field.split("."):
            value = value.get(step) if isinstance(value, dict) else None
        return Subject(self.rule.subject.kind, value) if is_id(value) else None

    @property
    def proposal(self) -> Proposal:
        """What is kept of it as a version."""
        document = msgspec.to_builtins(self.rule)
        for name in _OF_THE_BOOK:
            document.pop(name, None)
        declarations = [msgspec.to_builtins(feature.declared) for feature in self.features.values()]
        return Proposal(rule_id=self.rule.id, owner=self.rule.owner, document=document, features=declarations)


def of_version(version: Version, lists: Iterable[str]) -> Written:
    """The rule that was kept as `version`. Raises Invalid when this program can no longer read it."""
    try:
        rule = msgspec.convert(version.document, Rule)
        declared = msgspec.convert(version.features, list[Declaration])
    except msgspec.ValidationError as error:
        raise Invalid(f"it was kept in another form: {error}") from error
    features = {each.name: Feature(each, parse_where) for each in declared}
    scope = scope_for(rule.listens, features, lists)
    return Written(CheckedRule(rule, parse_condition(rule.when, scope)), features)


def scope_for(listens: str, features: Mapping[str, Feature], lists: Iterable[str]) -> Scope:
    """The names that a rule may use which listens to `listens`."""
    scope = scope_of(listens)
    infos = {name: info_of(feature) for name, feature in features.items()}
    return scope.extended(features=infos, lists=lists, detectors=None if scope.is_check else ())
