"""Rules in files: read, checked as a whole, and every mistake said with file, line and column."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator
from typing import Any

import msgspec

from agoranomos.engine.rules.errors import Problem, RuleError, meant
from agoranomos.engine.rules.examples import mistaken
from agoranomos.engine.rules.language import Condition, parse_condition
from agoranomos.engine.rules.model import CheckedRule, Rule, leaves_of, placeholders
from agoranomos.engine.rules.places import Document
from agoranomos.engine.rules.tree import Type
from agoranomos.engine.rules.types import CHECKS, Scope, scope_of
from agoranomos.kernel.errors import Conflict, NotFound
from agoranomos.kernel.schema import TYPES

Extend = Callable[[Scope], Scope]
"""Adds features, lists and detectors to the scope of an event type or check."""


def load_rules(text: str, extend: Extend = lambda scope: scope, *, file: str = "") -> tuple[CheckedRule, ...]:
    """The rules in a YAML text: one, or a list. Raises RuleError with the mistakes of all of them."""
    document = Document(text, file)
    many = isinstance(document.value, list)
    items = document.value if many else [document.value]
    problems: list[Problem] = []
    rules: list[CheckedRule] = []
    for place, item in enumerate(items):
        reading = _Reading(document, f"/{place}" if many else "", extend)
        checked = reading.rule(item)
        problems += reading.problems
        if checked is not None:
            if any(checked.rule.id == other.rule.id for other in rules):
                problems.append(document.problem(f"{reading.at}/id", f"two rules have the id {checked.rule.id}"))
            rules.append(checked)
    if problems or not rules:
        raise RuleError(problems or [document.problem("", "no rule stands in the file")])
    return tuple(rules)


class _Reading:
    """Reads one rule; `at` is its JSON pointer in the document."""

    def __init__(self, document: Document, at: str, extend: Extend) -> None:
        self._document, self.at, self._extend = document, at, extend
        self.problems: list[Problem] = []

    def rule(self, item: Any) -> CheckedRule | None:
        """The rule in `item`, or None with problems."""
        rule = self._formed(item)
        if rule is None:
            return None
        if rule.id.partition(".")[0] != rule.desk:
            self._fail("/id", f"the id begins with the desk: {rule.desk}.{rule.id.partition('.')[2]}")
        scope = self._scope(rule.listens)
        condition = self._condition(scope) if scope else None
        if scope is None or condition is None:
            return None
        self.problems += self._about(rule, condition)
        for language, sentence in (("en", rule.reason.en), ("zh", rule.reason.zh)):
            for _, name in placeholders(sentence):
                if not leaves_of(name, condition):
                    names = [leaf.name for leaf in condition.leaves]
                    self._fail(f"/reason/{language}", f"the condition has no {{{name}}}{meant(name, names)}")
        checked = CheckedRule(rule, condition)
        if not self.problems:
            for pointer, message in mistaken(checked):
                self._fail(pointer, message)
        return None if self.problems else checked

    def _fail(self, pointer: str, message: str) -> None:
        self.problems.append(self._document.problem(self.at + pointer, message))

    def _formed(self, item: Any) -> Rule | None:
        if not isinstance(item, dict):
            self._fail("", "a rule is written as fields with values: id, desk, listens, when, outcome, …")
            return None
        unknown = [name for name in item if name not in Rule.__struct_fields__]
        for name in unknown:
            self._fail(f"/{name}", f"a rule has no field {name}{meant(name, Rule.__struct_fields__)}")
        if unknown:
            return None
        try:
            return msgspec.convert(item, Rule)
        except msgspec.ValidationError as error:
            self._fail(*_explained(str(error)))
            return None

    def _scope(self, listens: str) -> Scope | None:
        try:
            return self._extend(scope_of(listens))
        except (NotFound, Conflict) as error:
            known = "" if isinstance(error, Conflict) else meant(listens, [*TYPES, *CHECKS])
            what = error.message if isinstance(error, Conflict) else f"there is no event type or check {listens}"
            self._fail("/listens", what + known)
            return None

    def _condition(self, scope: Scope) -> Condition | None:
        pointer = f"{self.at}/when"
        written = self._document.snippet(pointer)
        try:
            return parse_condition(written.text, scope, line=written.line, column=written.column)
        except RuleError as error:
            file = self._document.problem(pointer, "").file
            self.problems += [problem._replace(file=file) for problem in error.problems]
            return None

    def _about(self, rule: Rule, condition: Condition) -> Iterator[Problem]:
        fields = {name: info.type for name, info in condition.scope.fields.items()} | {"subject": Type.TEXT}
        held = rule.subject.field
        if fields.get(held) is not Type.TEXT:
            known = [name for name, kind in fields.items() if kind is Type.TEXT]
            message = f"{rule.listens} has no field {held} that holds an id{meant(held, known)}"
            yield self._document.problem(f"{self.at}/subject/field", message)


def _explained(message: str) -> tuple[str, str]:
    """msgspec's message as (pointer, words)."""
    reason, _, path = message.partition(" - at `$")
    pointer = re.sub(r"\.|\[(\d+)\]", lambda step: f"/{step[1] or ''}", path.rstrip("`"))
    missing = re.search(r"missing required field `(\w+)`", reason)
    unknown = re.search(r"contains unknown field `(\w+)`", reason)
    if missing:
        return pointer, f"the field {missing[1]} is missing"
    if unknown:
        return f"{pointer}/{unknown[1]}", f"there is no field {unknown[1]} here"
    return pointer, reason[:1].lower() + reason[1:].replace("`", "")


def read_files(files: Iterable[tuple[str, str]], extend: Extend = lambda scope: scope) -> tuple[CheckedRule, ...]:
    """The rules of several (name, text), in the order of their ids; raises RuleError with all mistakes of all files."""
    problems: list[Problem] = []
    found: dict[str, CheckedRule] = {}
    for file, text in files:
        try:
            for checked in load_rules(text, extend, file=file):
                if checked.rule.id in found:
                    problems.append(Problem(1, 1, f"the rule {checked.rule.id} stands in another file as well", file))
                found[checked.rule.id] = checked
        except RuleError as error:
            problems += error.problems
    if problems:
        raise RuleError(problems)
    return tuple(found[key] for key in sorted(found))
