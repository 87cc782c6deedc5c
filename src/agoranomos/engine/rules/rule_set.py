"""Any number of conditions on one kind of event as one function, and one condition alone.

Rules of one event type name the same fields and call the same features; compiled together, each is looked up once per
event.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from types import CodeType, FunctionType
from typing import Any, Final, NamedTuple

from agoranomos.engine.rules.compiling import Coder
from agoranomos.engine.rules.language import Condition
from agoranomos.engine.rules.runtime import Happened, Lookups, NoLookups
from agoranomos.engine.rules.tree import Call, Feature, Leaf, Node, Type, children, inner
from agoranomos.engine.rules.variables import Variables

_CHEAP: Final = ("number",)
"""Functions whose value is not worth a variable."""

_NOTHING = NoLookups()

Predicate = Callable[[Happened, Lookups], bool | None]


class Fired(NamedTuple):
    """A rule whose condition is TRUE, with the value of each of its leaves (None: NULL; moments as RFC 3339)."""

    id: str
    values: dict[str, Any]


def compile_python(condition: Condition) -> Callable[..., bool | None]:
    """`f(event, lookups)`: TRUE, FALSE, or None for NULL; without `lookups` for conditions over the event alone."""
    variables = Variables()
    coder = Coder(variables, _shared([condition.tree]))
    body = [f"return {coder.value(condition.tree)}"]
    function = _function(variables, body)
    return lambda event, lookups=_NOTHING: function(event, lookups)


class RuleSet:
    """Conditions by id, in order, compiled once. All must have been parsed in scopes of one event type or check."""

    def __init__(self, conditions: Mapping[str, Condition]) -> None:
        self.conditions = dict(conditions)
        variables = Variables()
        coder = Coder(variables, _shared([condition.tree for condition in self.conditions.values()]))
        body = ["hits = []"]
        for key, condition in self.conditions.items():
            values = ", ".join(
                f"{variables.constant(leaf.name)}: {_shown(leaf, coder.value(leaf))}" for leaf in condition.leaves
            )
            fired = f"hits.append(Fired({variables.constant(key)}, {{{values}}}))"
            body.append(f"if {coder.true(condition.tree)}: {fired}")
        variables.namespace["Fired"] = Fired
        self._function = _function(variables, [*body, "return hits"])
        self._foreseen = _foreseen(list(self.conditions.values()))

    def evaluate(self, event: Happened, lookups: Lookups = _NOTHING) -> list[Fired]:
        """The rules that fire, in the order in which they were given."""
        hits: list[Fired] = self._function(event, lookups)
        return hits

    def foresee(self, event: Happened, lookups: Lookups) -> None:
        """Looks every feature up that some condition names, whether or not its other parts leave that open. Of those
        whose keys are found by features, only what `lookups` knows by then.
        """
        self._foreseen(event, lookups)


def _foreseen(conditions: Sequence[Condition]) -> Callable[..., Any]:
    named = dict.fromkeys(leaf for each in conditions for leaf in each.leaves if isinstance(leaf.source, Feature))
    variables = Variables()
    coder = Coder(variables, _shared([*named]))
    return _function(variables, [*(coder.value(leaf) for leaf in named), "return None"])


def _shown(leaf: Leaf, code: str) -> str:
    """Code for a leaf's value as people and JSON take it."""
    if leaf.type is Type.MOMENT:
        return f"moment_or_none({code})"
    return f"list_or_none({code})" if leaf.type is Type.TEXTS else code


def _function(variables: Variables, body: list[str]) -> Callable[..., Any]:
    lines = ["data = event.data", *variables.start, *body]
    source = "def evaluate(event, lookups):\n" + "".join(f"    {line}\n" for line in lines)
    module = compile(source, "<rules>", "exec")
    code = next(each for each in module.co_consts if isinstance(each, CodeType))
    return FunctionType(code, variables.namespace, "evaluate")


def _shared(trees: Sequence[Node]) -> frozenset[Node]:
    """Calls that stand more than once and are worth keeping."""
    counts = Counter(call for tree in trees for call in _calls(tree))
    return frozenset(call for call, count in counts.items() if count > 1)


def _calls(node: Node) -> Iterator[Call]:
    if isinstance(node, Call) and node.function not in _CHEAP:
        yield node
    for child in (*children(node), *(inner(node) if isinstance(node, Leaf) else ())):
        yield from _calls(child)
