"""Conditions of features: those of rules, over the event's own fields, for one type of event or several alike."""

from __future__ import annotations

from collections.abc import Sequence

from agoranomos.engine.rules.language import Condition, parse_condition
from agoranomos.engine.rules.rule_set import compile_python
from agoranomos.engine.rules.runtime import Happened
from agoranomos.engine.rules.sql import to_sql
from agoranomos.engine.rules.tree import Leaf
from agoranomos.engine.rules.types import scope_of
from agoranomos.kernel.errors import Invalid


class Where:
    """A condition that holds, does not hold, or cannot be known; `sql` is over columns named like `leaves`."""

    def __init__(self, text: str, types: Sequence[str]) -> None:
        """Raises Invalid with the line and column of what is wrong."""
        read = [parse_condition(text, scope_of(kind)) for kind in types]
        if any(other.tree != read[0].tree for other in read):
            raise Invalid(f"{text!r} does not mean the same in all of these types of event; declare a feature for each")
        condition: Condition = read[0]
        self.leaves: tuple[Leaf, ...] = condition.leaves
        self.sql = to_sql(condition)
        self._predicate = compile_python(condition)

    def holds(self, event: Happened) -> bool:
        """Whether it is true; what cannot be known is not."""
        return self._predicate(event) is True
