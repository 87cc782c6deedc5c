"""A rule as it was written, read and checked, with the features that it asks: from files, and as it is kept."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any, Final

import msgspec

from agoranomos.engine.features.declarations import load_features
from agoranomos.engine.features.model import Declaration, Feature
from agoranomos.engine.rules import starter
from agoranomos.engine.rules.errors import Problem, RuleError
from agoranomos.engine.rules.files import read_files
from agoranomos.engine.rules.language import Condition, parse_condition
from agoranomos.engine.rules.model import CheckedRule, Rule
from agoranomos.engine.rules.places import Document
from agoranomos.engine.rules.types import Scope, scope_of
from agoranomos.kernel.errors import Invalid
from agoranomos.kernel.events import Event
from agoranomos.kernel.findings import Subject
from agoranomos.kernel.ids import is_id
from agoranomos.rules.model import Proposal, Version

_OF_THE_BOOK: Final = ("status", "version")
"""What a file says of itself and the rule book knows better."""
_ENDINGS: Final = (".json", ".yaml", ".yml")


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
        field = self.rule.subject.field
        value: Any = event.subject if field == "subject" else event.data
        for step in field.split(".") if field != "subject" else ():
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


def read_rules(files: Sequence[tuple[str, str]], lists: Iterable[str]) -> list[Written]:
    """The rules in files, given as (name, text), with the features that other files of them declare.

    A file of YAML or JSON holds rules, or it holds declarations of features, which have an `aggregate`. `lists` are
    those that rules may look in. Raises RuleError with every mistake in all of them, in file, line and column.
    """
    of_rules, problems = list[tuple[str, str]](), list[Problem]()
    features: dict[str, Feature] = {}
    for name, text in files:
        try:
            document = Document(text, name)
        except RuleError as error:
            problems += error.problems
            continue
        if _declares(document.value):
            problems += _declared(name, text, features)
        else:
            of_rules.append((name, text))
    names = tuple(lists)
    if not of_rules:
        raise RuleError(problems or [Problem(1, 1, "there are no rules in these files")])
    try:
        checked = read_files(of_rules, lambda scope: _extended(scope, features, names))
    except RuleError as error:
        raise RuleError([*problems, *error.problems]) from error
    if problems:
        raise RuleError(problems)
    return [Written(each, features) for each in checked]


def starter_files() -> list[tuple[str, str]]:
    """(name, text) of the rules that come with the system."""
    return [(name, starter.text_of(name)) for name in ("features.yaml", *(f"{desk}.yaml" for desk in starter.DESKS))]


def rule_files(paths: Iterable[Path]) -> list[tuple[str, str]]:
    """(name, text) of files, and of all files of rules in folders, in the order of their names. Raises Invalid."""
    chosen: list[Path] = []
    for path in paths:
        chosen += sorted(each for each in path.iterdir() if each.suffix in _ENDINGS) if path.is_dir() else [path]
    if not chosen:
        raise Invalid(f"there are no files of rules here; they end with {', '.join(_ENDINGS)}")
    try:
        return [(str(path), path.read_text("utf-8")) for path in chosen]
    except (OSError, UnicodeDecodeError) as error:
        raise Invalid("one of these files cannot be read, or is not text in UTF-8") from error


def of_version(version: Version, lists: Iterable[str]) -> Written:
    """The rule that was kept as `version`. Raises Invalid when this program can no longer read it."""
    try:
        rule = msgspec.convert(version.document, Rule)
        declared = msgspec.convert(version.features, list[Declaration])
    except msgspec.ValidationError as error:
        raise Invalid(f"it was kept in another form: {error}") from error
    features = {each.name: Feature(each) for each in declared}
    scope = _extended(scope_of(rule.listens), features, lists)
    return Written(CheckedRule(rule, parse_condition(rule.when, scope)), features)


def _extended(scope: Scope, features: Mapping[str, Feature], lists: Iterable[str]) -> Scope:
    infos = {name: feature.info for name, feature in features.items()}
    return scope.extended(features=infos, lists=lists, detectors=None if scope.is_check else ())


def _declares(value: Any) -> bool:
    items = value if isinstance(value, list) else [value]
    return bool(items) and all(isinstance(item, dict) and "aggregate" in item for item in items)


def _declared(name: str, text: str, features: dict[str, Feature]) -> list[Problem]:
    """Adds the declarations of a file to `features`; returns what is wrong with them."""
    try:
        found = load_features(text, file=name)
    except RuleError as error:
        return list(error.problems)
    problems: list[Problem] = []
    for feature in found:
        known = features.setdefault(feature.name, feature)
        if known.fingerprint != feature.fingerprint:
            problems.append(Problem(1, 1, f"another file declares another feature called {feature.name}", name))
    return problems
