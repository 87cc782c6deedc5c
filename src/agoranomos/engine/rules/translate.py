"""From sqlglot's tree to ours: what is not named here is not in the language.

Mistakes are gathered, so that one reading shows all of them; where a part is refused, what holds it says nothing more.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Final

from sqlglot import exp

from agoranomos.engine.rules import building, calls
from agoranomos.engine.rules.building import Mismatch, Pair, called
from agoranomos.engine.rules.errors import Problem, meant
from agoranomos.engine.rules.functions import FUNCTIONS
from agoranomos.engine.rules.reading import DEPTH_MAX, WRITTEN, Text
from agoranomos.engine.rules.sql_trees import REFUSED, chain, depth, factors, names, start
from agoranomos.engine.rules.tree import (
    Call,
    Case,
    Envelope,
    Feature,
    Field,
    In,
    Is,
    Leaf,
    Like,
    Literal,
    Logic,
    Node,
    Not,
    Type,
    Value,
    children,
    inner,
)
from agoranomos.engine.rules.types import Scope
from agoranomos.engine.rules.words import STRANGE_CALLS

NODES_MAX: Final = 1500
"""Nodes of a condition, those counted again that an evaluator sees more than once."""
FEATURE_CALLS_MAX: Final = 24
LIKE_LENGTH_MAX: Final = 200
LIKE_PERCENTS_MAX: Final = 8

_COMPARISONS: Final[dict[type[exp.Expr], str]] = {
    exp.EQ: "=", exp.NEQ: "<>", exp.LT: "<", exp.LTE: "<=", exp.GT: ">", exp.GTE: ">=",
}  # fmt: skip
_ARITHMETIC: Final[dict[type[exp.Expr], str]] = {
    exp.Add: "+", exp.Sub: "-", exp.Mul: "*", exp.Div: "/", exp.Mod: "%",
}  # fmt: skip
_LOOSE = (*_COMPARISONS, exp.Is, exp.In, exp.Between, exp.Like, exp.ILike, exp.Not, exp.And, exp.Or)


class Translator:
    """Translates one condition; `problems` fills up as it goes."""

    def __init__(self, text: Text, scope: Scope) -> None:
        self._text, self._scope = text, scope
        self.problems: list[Problem] = []
        self._sizes: dict[int, int] = {}
        self._kept: list[Node] = []  # so that no other node gets an id that `_sizes` knows
        self._feature_calls = 0

    def condition(self, root: exp.Expr) -> Node | None:
        """The tree of the whole condition, or None with problems."""
        if depth(root) > DEPTH_MAX:
            self._fail(root, f"this is nested too deeply; {DEPTH_MAX} levels are allowed")
            return None
        node = self._truth(root)
        if node is not None and not self.problems and self._size(node) > NODES_MAX:
            self._fail(root, "the condition is too long; split it into several rules")
        return node

    def _fail(self, at: exp.Expr, message: str) -> None:
        place = start(at.args["alias"]) if isinstance(at, exp.Alias) else start(at)
        self.problems.append(self._text.problem(place, message))

    def _truth(self, at: exp.Expr) -> Node | None:
        """`at` as a condition."""
        node = self._node(at)
        if node is None:
            return None
        if isinstance(node, Pair) or node.type not in (Type.BOOLEAN, Type.NOTHING):
            self._fail(at, f"{called(node)}; a condition is expected here, such as a comparison")
            return None
        return building.null(Type.BOOLEAN) if node.type is Type.NOTHING else node

    def _plain(self, at: exp.Expr) -> Node | None:
        """`at` as one plain value."""
        node = self._node(at)
        if isinstance(node, Pair):
            self._fail(at, f"{called(node)}; write {node.name}.amount, in minor units, or {node.name}.currency")
            return None
        return node

    def _node(self, at: exp.Expr) -> Node | Pair | None:
        try:
            made = self._made(at)
        except Mismatch as mismatch:
            self._fail(at, str(mismatch))
            return None
        for node in made if isinstance(made, Pair) else (made,):
            if node is not None and not isinstance(node, str) and self._size(node) > NODES_MAX:
                self._fail(at, "the condition is too long; split it into several rules")
                return None
        return made

    def _made(self, at: exp.Expr) -> Node | Pair | None:
        kind = type(at)
        if kind is exp.Paren:
            return self._node(at.this)
        if kind in _COMPARISONS:
            return self._comparison(at)
        if kind in _ARITHMETIC:
            return self._arithmetic(at)
        method = _METHODS.get(kind)
        if method is None:
            raise Mismatch(REFUSED.get(kind, f"{at.key.upper()} is not in the language"))
        made = method(self, at)
        return Not(made) if made is not None and not isinstance(made, Pair) and at.args.get("negate") else made

    def _comparison(self, at: exp.Expr) -> Node | None:
        sides: tuple[exp.Expr, exp.Expr] = (at.this, at.expression)
        for side in sides:
            bare = side.this if isinstance(side, exp.Paren) and WRITTEN not in side.meta else side
            if type(bare) in _LOOSE:
                self._fail(side, "write parentheses around what is compared here, or join conditions by AND")
                return None
        left, right = self._node(at.this), self._node(at.expression)
        if left is None or right is None:
            return None
        sign = _COMPARISONS[type(at)]
        made = building.compared(sign, left, right, self._scope.calendar)  # type: ignore[arg-type]
        for one, other in ((left, right), (right, left)):
            if isinstance(other, Literal) and not isinstance(one, Pair):
                self._known_option(one, other.value)
        return made

    def _known_option(self, node: Node, value: Value) -> None:
        """Refuses a value that an enumerated field never has."""
        info = self._scope.fields.get(node.name) if isinstance(node, Leaf) else None
        if info and info.options and isinstance(value, str) and value not in info.options:
            assert isinstance(node, Leaf)
            raise Mismatch(f"{node.name} is never '{value}'; it is one of {', '.join(info.options)}")

    def _arithmetic(self, at: exp.Expr) -> Node | Pair | None:
        left, right = self._node(at.this), self._node(at.expression)
        if left is None or right is None:
            return None
        return building.calculated(_ARITHMETIC[type(at)], left, right, self._scope.calendar)

    def _logic(self, at: exp.Expr) -> Node | None:
        parts = [self._truth(part) for part in chain(at)]
        if any(part is None for part in parts):
            return None
        return Logic("AND" if isinstance(at, exp.And) else "OR", tuple(part for part in parts if part is not None))

    def _not(self, at: exp.Expr) -> Node | None:
        part = self._truth(at.this)
        return None if part is None else Not(part)

    def _neg(self, at: exp.Expr) -> Node | Pair | None:
        if isinstance(at.this, exp.Literal) and not at.this.is_string:
            return _numeral(f"-{at.this.this}")
        node = self._plain(at.this)
        return None if node is None else building.calculated("-", Literal(Type.INTEGER, 0), node, self._scope.calendar)

    def _is(self, at: exp.Expr) -> Node | None:
        if isinstance(at.expression, exp.Null):
            node = self._node(at.this)
            node = node.amount if isinstance(node, Pair) else node
            return None if node is None else Is(node, None)
        if isinstance(at.expression, exp.Boolean):
            truth = self._truth(at.this)
            return None if truth is None else Is(truth, bool(at.expression.this))
        raise Mismatch("IS takes NULL, NOT NULL, TRUE or FALSE; for equality write =")

    def _in(self, at: exp.Expr) -> Node | None:
        if at.args.get("query") or at.args.get("unnest") or at.args.get("field"):
            raise Mismatch("IN takes constants in parentheses; for a list of yours write listed('name', value)")
        part = self._plain(at.this)
        options = [self._plain(each) for each in at.expressions]
        if part is None or any(option is None for option in options):
            return None
        found = [option for option in options if option is not None]
        if not found:
            raise Mismatch("IN takes at least one constant")
        if not all(isinstance(option, Literal) for option in found):
            raise Mismatch("IN takes constants only; compare other values with = and OR")
        kind, (part, *same) = building.alike([part, *found], self._scope.calendar)
        if kind in (Type.BOOLEAN, Type.TEXTS, Type.NOTHING):
            raise Mismatch(f"{called(part)}; IN takes text, numbers or moments")
        values = [option.value for option in same if isinstance(option, Literal)]
        for value in values:
            self._known_option(part, value)
        return In(part, tuple(dict.fromkeys(value for value in values if value is not None)), None in values)

    def _between(self, at: exp.Expr) -> Node | None:
        value, low, high = (self._node(each) for each in (at.this, at.args["low"], at.args["high"]))
        if value is None or low is None or high is None:
            return None
        return building.between(value, low, high, self._scope.calendar)

    def _like(self, at: exp.Expr) -> Node | None:
        part, pattern = self._plain(at.this), self._plain(at.expression)
        if part is None or pattern is None:
            return None
        if part.type is not Type.TEXT or not (isinstance(pattern, Literal) and isinstance(pattern.value, str)):
            raise Mismatch(f"{called(part)}; write text LIKE 'pattern', with a constant pattern")
        text = pattern.value
        if len(text) > LIKE_LENGTH_MAX or text.count("%") > LIKE_PERCENTS_MAX:
            raise Mismatch(f"a pattern has at most {LIKE_LENGTH_MAX} characters and {LIKE_PERCENTS_MAX} signs %")
        if "\\" in text:
            raise Mismatch("a backslash means different things in different LIKEs; write contains(text, '…')")
        return Like(part, text)

    def _case(self, at: exp.Expr) -> Node | None:
        subject = self._node(at.this) if at.this else None
        whens: list[Node | None] = []
        for branch in at.args["ifs"]:
            if at.this is None:
                whens.append(self._truth(branch.this))
                continue
            value = self._node(branch.this)
            both = subject is not None and value is not None
            whens.append(building.compared("=", subject, value, self._scope.calendar) if both else None)  # type: ignore[arg-type]
        thens = [self._plain(branch.args["true"]) for branch in at.args["ifs"]]
        default = at.args.get("default")
        thens.append(self._plain(default) if default else building.null(Type.NOTHING))
        if any(each is None for each in (*whens, *thens)):
            return None
        kind, results = building.alike([each for each in thens if each is not None], self._scope.calendar)
        if kind in (Type.NOTHING, Type.TEXTS):
            raise Mismatch("CASE gives plain values; at least one must not be NULL")
        pairs = zip((each for each in whens if each is not None), results[:-1], strict=True)
        return Case(kind, tuple(pairs), results[-1])

    def _literal(self, at: exp.Expr) -> Node:
        return Literal(Type.TEXT, str(at.this)) if at.is_string else _numeral(str(at.this))

    def _boolean(self, at: exp.Expr) -> Node:
        return Literal(Type.BOOLEAN, bool(at.this))

    def _null(self, at: exp.Expr) -> Node:
        assert isinstance(at, exp.Null)
        return building.null(Type.NOTHING)

    def _column(self, at: exp.Expr) -> Node | Pair:
        parts = list(names(at))
        name = ".".join(parts)
        scope = self._scope
        if info := scope.fields.get(name):
            return Leaf(info.type, name, Field(info.path, info.default, info.loose))
        if name in scope.money:
            amount, currency = (scope.fields[f"{name}.{half}"] for half in ("amount", "currency"))
            return Pair(
                name,
                Leaf(Type.INTEGER, f"{name}.amount", Field(amount.path)),
                Leaf(Type.TEXT, f"{name}.currency", Field(currency.path)),
            )
        if name == "time":
            return Leaf(Type.MOMENT, name, Envelope("time"))
        if name == "subject":
            return Leaf(Type.TEXT, name, Envelope("subject"))
        raise Mismatch(self._unknown(name, at))

    def _unknown(self, name: str, at: exp.Expr) -> str:
        scope = self._scope
        held = next((each for each in scope.objects if name == each or name.startswith(f"{each}.")), None)
        if held:
            return f"{held} is a list of objects; ask size({held}), or sum, min or max of a field inside"
        if name in scope.features:
            kinds = ", ".join(scope.features[name].keys)
            return f"{name} is a feature; call it with its keys: {name}({kinds})"
        if name.lower() in ("current_date", "current_timestamp", "now", "today"):
            return "a rule has no clock of its own; use time, the moment of the event"
        if at.this.args.get("quoted"):
            return f"there is no field \"{name}\"; text stands in single quotes: '{name}'"
        known = [*scope.fields, *scope.money, *scope.objects, *scope.features, "time", "subject"]
        return f"there is no field {name} in {scope.name}{meant(name, known)}"

    def _call(self, at: exp.Expr) -> Node | Pair | None:
        name = str(at.name)
        word = name.lower()
        if word in ("size", "sum", "min", "max") and name not in self._scope.features:
            found = self._aggregate(word, at)
            if found is not None:
                return found
        if word in STRANGE_CALLS and name not in self._scope.features:
            raise Mismatch(STRANGE_CALLS[word])
        args = [self._node(each) for each in at.expressions]
        if any(arg is None for arg in args):
            return None
        made = calls.call(name, [arg for arg in args if arg is not None], self._scope)
        if isinstance(made, Leaf) and isinstance(made.source, Feature):
            self._feature_calls += 1
            if self._feature_calls == FEATURE_CALLS_MAX + 1:
                raise Mismatch(f"a condition calls features at most {FEATURE_CALLS_MAX} times")
        return made

    def _aggregate(self, word: str, at: exp.Expr) -> Leaf | None:
        """A call over a list of objects; None when its argument is something else."""
        asked = list(factors(at.expressions[0])) if len(at.expressions) == 1 else []
        held = {name for name in self._scope.objects for each in asked if each == name or each.startswith(f"{name}.")}
        if len(held) != 1:
            return None
        name = held.pop()
        if asked == [name] and word == "size":
            return calls.aggregate(word, name, [], self._scope)
        if word == "size" or len(asked) > 2 or not all(each.startswith(f"{name}.") for each in asked):
            raise Mismatch(f"write size({name}), or sum, min or max of one integer inside, or of two multiplied")
        return calls.aggregate(word, name, [each.removeprefix(f"{name}.") for each in asked], self._scope)

    def _size(self, node: Node) -> int:
        """Nodes as evaluators see them; shared and repeated ones count each time."""
        known = self._sizes.get(id(node))
        if known is None:
            below = [self._size(child) for child in children(node)]
            known = 1 + sum(below)
            if isinstance(node, Leaf):
                known += sum(map(self._size, inner(node)))
            if isinstance(node, Call):
                known += sum(below[at] for at in FUNCTIONS[node.function].twice)
            self._sizes[id(node)] = known
            self._kept.append(node)
        return known


_METHODS: Final[dict[type[exp.Expr], Callable[[Translator, exp.Expr], Node | Pair | None]]] = {
    exp.And: Translator._logic,
    exp.Or: Translator._logic,
    exp.Not: Translator._not,
    exp.Neg: Translator._neg,
    exp.Is: Translator._is,
    exp.In: Translator._in,
    exp.Between: Translator._between,
    exp.Like: Translator._like,
    exp.Case: Translator._case,
    exp.Literal: Translator._literal,
    exp.Boolean: Translator._boolean,
    exp.Null: Translator._null,
    exp.Column: Translator._column,
    exp.Dot: Translator._column,
    exp.Anonymous: Translator._call,
}


def _numeral(text: str) -> Literal:
    if text.lstrip("-").isdigit():
        return building.integer(text)
    value = float(text)
    if not -1e300 <= value <= 1e300:
        raise Mismatch("numbers are at most 1e300")
    return Literal(Type.NUMBER, value)
