"""Conditions as Python code: three forms for each node, so that three values cost little.

The value of a node (None is NULL), whether it is TRUE, and whether it is FALSE: a rule only asks whether it is TRUE,
and so does most of what is inside. Source is made from our tree alone; constants and names of the rule reach it as
variables of a namespace that holds nothing but `runtime`.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from agoranomos.engine.rules.functions import FUNCTIONS
from agoranomos.engine.rules.runtime import like
from agoranomos.engine.rules.tree import (
    Aggregate,
    Call,
    Case,
    Compare,
    Envelope,
    Extreme,
    Feature,
    Field,
    First,
    In,
    Is,
    Leaf,
    Like,
    Listed,
    Literal,
    Logic,
    Node,
    Not,
    Score,
    Type,
)
from agoranomos.engine.rules.variables import Variables

_SIGNS: Final = {"=": "==", "<>": "!=", "<": "<", "<=": "<=", ">": ">", ">=": ">="}
_OPPOSITE: Final = {"=": "<>", "<>": "=", "<": ">=", "<=": ">", ">": "<=", ">=": "<"}
_LAZY_READS: Final = {Type.MOMENT: "moment", Type.TEXTS: "texts"}


class Coder:
    """Makes code; `shared` are the nodes that stand more than once and are worth keeping."""

    def __init__(self, variables: Variables, shared: frozenset[Node] = frozenset()) -> None:
        self._variables, self._shared = variables, shared

    def value(self, node: Node) -> str:
        """Code for the value of `node`, None when it is NULL."""
        match node:
            case Literal(value=value):
                return self._variables.constant(value)
            case Leaf():
                return self._leaf(node)
            case Call():
                if node in self._shared:
                    return self._variables.kept(node, lambda: self._call(node))
                return self._call(node)
            case Compare(sign=sign, left=left, right=right):
                absent, (one, other) = self._operands((left, right))
                test = f"{one} {_SIGNS[sign]} {other}"
                return f"(None if {' or '.join(absent)} else {test})" if absent else f"({test})"
            case Logic(sign=sign, parts=parts):
                return self._logic(sign == "AND", parts)
            case Not(part=part):
                name = self._variables.temporary()
                return f"(None if ({name} := {self.value(part)}) is None else not {name})"
            case In() | Like():
                absent, (one,) = self._operands((node.part,))
                otherwise = "None" if isinstance(node, In) and node.or_null else "False"
                test = f"True if {self._test(node, one)} else {otherwise}"
                return f"(None if {absent[0]} else {test})" if absent else f"({test})"
            case Case(branches=branches, otherwise=otherwise):
                whens = " else ".join(f"{self.value(then)} if {self.true(when)}" for when, then in branches)
                return f"({whens} else {self.value(otherwise)})"
            case First(parts=parts):
                named = [(self._variables.temporary(), self.value(part)) for part in parts]
                tries = " else ".join(f"{name} if ({name} := {code}) is not None" for name, code in named)
                return f"({tries} else None)"
            case Extreme(sign=sign, parts=parts):
                return f"{sign.lower()}(({', '.join(map(self.value, parts))},))"
            case Is():
                return self.true(node)

    def true(self, node: Node) -> str:
        """Code for whether `node` is TRUE."""
        return self._is(node, truth=True)

    def false(self, node: Node) -> str:
        """Code for whether `node` is FALSE."""
        return self._is(node, truth=False)

    def _is(self, node: Node, *, truth: bool) -> str:
        match node:
            case Logic(sign=sign, parts=parts):
                word = " and " if (sign == "AND") is truth else " or "
                return f"({word.join(self._is(part, truth=truth) for part in parts)})"
            case Not(part=part):
                return self._is(part, truth=not truth)
            case Literal(value=value):
                return f"({value is truth})"  # in parentheses: Python warns of "True is None"
            case Is(part=Literal(value=value), what=None):
                return f"({(value is None) is truth})"
            case Is(part=part, what=None):
                absent, _ = self._operands((part,))
                return f"({absent[0]})" if truth else f"({_present(absent[0])})"
            case Is(part=part, what=bool(what)):
                test = self._is(part, truth=what)
                return test if truth else f"(not {test})"
            case Compare(sign=sign, left=left, right=right):
                absent, (one, other) = self._operands((left, right))
                test = f"{one} {_SIGNS[sign if truth else _OPPOSITE[sign]]} {other}"
                return _both(absent, test)
            case In(or_null=True) if not truth:
                return "False"
            case In() | Like():
                absent, (one,) = self._operands((node.part,))
                test = self._test(node, one)
                return _both(absent, test if truth else f"not {test}")
            case Call(function=function, args=args) if node not in self._shared:
                absent, codes = self._operands(args)
                test = FUNCTIONS[function].python.format(*codes)
                return _both(absent, test if truth else f"not {test}")
            case _:
                return f"({self.value(node)} is {truth})"

    def _test(self, node: In | Like, one: str) -> str:
        if isinstance(node, In):
            return f"({one} in {self._variables.constant(frozenset(node.options))})"
        return f"{self._variables.constant(like(node.pattern))}({one})"

    def _operands(self, nodes: Sequence[Node]) -> tuple[list[str], list[str]]:
        """Tests that are true when one of `nodes` is NULL, and the names under which they stand afterwards.

        The tests must run in order, each only when those before it were false.
        """
        tests: list[str] = []
        names: list[str] = []
        for node in nodes:
            code = self.value(node)
            if code.isidentifier() or isinstance(node, Literal):
                if not (isinstance(node, Literal) and node.value is not None) and f"{code} is None" not in tests:
                    tests.append(f"{code} is None")
                names.append(code)
            else:
                name = self._variables.temporary()
                tests.append(f"({name} := {code}) is None")
                names.append(name)
        return tests, names

    def _call(self, node: Call) -> str:
        absent, codes = self._operands(node.args)
        made = FUNCTIONS[node.function].python.format(*codes)
        return f"(None if {' or '.join(absent)} else {made})" if absent else made

    def _logic(self, conjunction: bool, parts: tuple[Node, ...]) -> str:
        """Three-valued: FALSE decides AND, TRUE decides OR, then NULL, then the rest."""
        names = [self._variables.temporary() for _ in parts]
        decides, rest = (False, True) if conjunction else (True, False)
        codes = [
            f"{decides} if ({name} := {self.value(part)}) is {decides}" for name, part in zip(names, parts, strict=True)
        ]
        unknown = " or ".join(f"{name} is None" for name in names)
        return f"({' else '.join(codes)} else None if {unknown} else {rest})"

    def _leaf(self, leaf: Leaf) -> str:
        variables = self._variables
        match leaf.source:
            case Field(path=path, default=default) as source:
                if leaf.type not in _LAZY_READS:
                    return variables.field(leaf, source)
                read = variables.read(path)  # the object that holds it is read at the start
                empty = f", {variables.constant(default)}" if default is not None else ""
                return variables.kept(leaf, lambda: f"{_LAZY_READS[leaf.type]}({read}{empty})")
            case Envelope(name=name):
                code = "microseconds(event.time)" if name == "time" else "event.subject"
                return variables.kept(leaf, lambda: code)
            case Aggregate() as source:
                return variables.kept(leaf, lambda: self._aggregate(source))
            case Feature(name=name, keys=keys):
                absent, names = self._operands(keys)
                code = f"lookups.feature({variables.constant(name)}, ({', '.join(names)},))"
                return variables.kept(leaf, lambda: f"(None if {' or '.join(absent)} else {code})" if absent else code)
            case Listed(name=name, item=item):
                absent, (one,) = self._operands((item,))
                code = f"lookups.listed({variables.constant(name)}, {one})"
                return variables.kept(leaf, lambda: f"(None if {absent[0]} else {code})" if absent else code)
            case Score(code=detector):
                return variables.kept(leaf, lambda: f"lookups.score({variables.constant(detector)})")

    def _aggregate(self, source: Aggregate) -> str:
        constant = self._variables.constant
        read = self._variables.read(source.path)
        rest = f"{constant(source.factors)}, {constant(source.currencies)}, {source.absent_is_empty}"
        return f"aggregate({constant(source.function)}, {read}, {rest})"


def _both(absent: list[str], test: str) -> str:
    """`test`, after the tests for NULL."""
    present = [_present(each) for each in absent]
    return f"({' and '.join([*present, test])})"


def _present(absent: str) -> str:
    assert absent.endswith(" is None")
    return f"{absent.removesuffix(' is None')} is not None"
