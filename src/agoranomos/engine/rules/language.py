"""The language of rules: a WHERE clause over declared names, with SQL's three values. Its face is `parse_condition`.

The language is described in `docs/rules.md` and its reasons in decision 0013.
"""

from __future__ import annotations

from functools import cached_property

from agoranomos.engine.rules.errors import RuleError
from agoranomos.engine.rules.tree import Feature, Is, Leaf, Logic, Node, Not, leaves
from agoranomos.engine.rules.types import Scope


class Condition:
    """A checked condition: `text` as written, `tree` as understood, over the names of `scope`.

    TRUE fires; FALSE and NULL (something needed is missing) do not.
    """

    def __init__(self, text: str, scope: Scope, tree: Node) -> None:
        self.text, self.scope, self.tree = text, scope, tree

    @cached_property
    def leaves(self) -> tuple[Leaf, ...]:
        """Every field, call of a feature, look-up in a list and score once; keys before their feature."""
        return leaves(self.tree)

    @cached_property
    def feature_names(self) -> frozenset[str]:
        """The features that the condition calls."""
        return frozenset(leaf.source.name for leaf in self.leaves if isinstance(leaf.source, Feature))

    def always(self) -> Condition:
        """A condition over the same leaves that is always TRUE: for their values where this one does not fire."""
        return Condition(self.text, self.scope, Logic("OR", (Is(self.tree, None), Not(Is(self.tree, None)))))

    def __repr__(self) -> str:
        return f"Condition({self.text!r})"


def parse_condition(text: str, scope: Scope, *, line: int = 1, column: int = 1) -> Condition:
    """The condition in `text`; raises RuleError with every mistake that can be told apart from the others.

    `line` and `column` say where the text begins in its file, for messages.
    """
    # The parser takes a fifth of a second to import, and most commands read no rule.
    from agoranomos.engine.rules.reading import Text  # noqa: PLC0415
    from agoranomos.engine.rules.translate import Translator  # noqa: PLC0415

    reading = Text(text, line, column)
    root = reading.parsed()
    translator = Translator(reading, scope)
    tree = translator.condition(root)
    if tree is not None and not translator.problems and not leaves(tree):
        translator.problems.append(reading.problem(0, "the condition looks at nothing of the event; name a field"))
    if tree is None or translator.problems:
        raise RuleError(dict.fromkeys(translator.problems))
    return Condition(text, scope, tree)
