"""A rule's own examples: events on which it must fire, and events on which it must not."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime
from typing import Any, NamedTuple

from agoranomos.engine.rules.model import CheckedRule, Example
from agoranomos.engine.rules.rule_set import RuleSet, compile_python
from agoranomos.engine.rules.types import CHECKS
from agoranomos.engine.rules.unparse import constant
from agoranomos.kernel.errors import Invalid
from agoranomos.kernel.events import typed
from agoranomos.kernel.schema import TYPES


class Told(NamedTuple):
    """The event of an example."""

    time: datetime
    subject: str | None
    data: dict[str, Any]


def event_of(example: Example) -> Told:
    """The example as an event for `RuleSet.evaluate`; features and the like come from `example.lookups()`."""
    return Told(example.time, example.subject, example.data)


def mistaken(checked: CheckedRule) -> Iterator[tuple[str, str]]:
    """(JSON pointer in the rule, message) of each example that is no event of its type, or that the rule sees in
    another way.
    """
    rule = checked.rule
    form = TYPES[CHECKS.get(rule.listens, (rule.listens,))[0]]
    holds = compile_python(checked.condition)
    for kind, examples in (("hits", rule.hits), ("misses", rule.misses)):
        for place, example in enumerate(examples):
            at = f"/{kind}/{place}"
            try:
                typed(example.data, form, f"{at}/data")
            except Invalid as error:
                yield error.pointer, f"no {rule.listens} looks like this: {error.message}"
                continue
            answer = holds(event_of(example), example.lookups())
            if (answer is True) != (kind == "hits"):
                yield at, _why(checked, example, answer)


def _why(checked: CheckedRule, example: Example, answer: bool | None) -> str:
    seen = ", ".join(f"{name} = {_shown(value)}" for name, value in values_of(checked, example).items())
    wanted = "this should be a hit" if answer is not True else "this should be a miss"
    return f"{wanted}, and the condition is {'unknown' if answer is None else constant(answer)}: {seen}"


def values_of(checked: CheckedRule, example: Example) -> dict[str, Any]:
    """The value of each leaf of the condition on `example`, whether the rule fires or not."""
    always = checked.condition.always()
    return RuleSet({checked.rule.id: always}).evaluate(event_of(example), example.lookups())[0].values


def _shown(value: Any) -> str:
    return ", ".join(value) if isinstance(value, list) else constant(value)
