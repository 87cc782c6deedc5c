"""A tree as text of the language, the same for the same tree: names of leaves rest on it."""

from __future__ import annotations

from agoranomos.engine.rules.runtime import moment_text
from agoranomos.engine.rules.tree import (
    Call,
    Case,
    Compare,
    Extreme,
    First,
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
)

_SIGNS = "+-*/%"


def written(node: Node) -> str:  # noqa: PLR0912 - one branch for each kind of node
    """`node` as it could be written in a rule."""
    match node:
        case Literal(type=Type.MOMENT, value=int(moment)):
            return f"'{moment_text(moment)}'"
        case Literal(value=value):
            return constant(value)
        case Leaf(name=name):
            return name
        case Call(function="number" | "finite", args=(only,)):
            return written(only)
        case Call(function="seconds", args=(left, right)):
            return f"({written(left)} - {written(right)})"
        case Call(function=function, args=(left, right)) if function[-1] in _SIGNS:
            return f"({written(left)} {function[-1]} {written(right)})"
        case Call(function="hour" | "day_of_week" as function, args=(moment, _)):
            return f"{function}({written(moment)})"
        case Call(function="has", args=args):
            return f"contains({_listed(args)})"
        case Call(function=function, args=args):
            return f"{function.removeprefix('int ')}({_listed(args)})"
        case Compare(sign=sign, left=left, right=right):
            return f"({written(left)} {sign} {written(right)})"
        case Logic(sign=sign, parts=parts):
            return f"({f' {sign} '.join(map(written, parts))})"
        case Not(part=part):
            return f"(NOT {written(part)})"
        case Is(part=part, what=what):
            return f"({written(part)} IS {constant(what)})"
        case In(part=part, options=options, or_null=or_null):
            inside = ", ".join([*map(constant, options), *(["NULL"] if or_null else [])])
            return f"({written(part)} IN ({inside}))"
        case Like(part=part, pattern=pattern):
            return f"({written(part)} LIKE {constant(pattern)})"
        case Case(branches=branches, otherwise=otherwise):
            whens = " ".join(f"WHEN {written(when)} THEN {written(then)}" for when, then in branches)
            return f"CASE {whens} ELSE {written(otherwise)} END"
        case First(parts=parts):
            return f"coalesce({_listed(parts)})"
        case Extreme(sign=sign, parts=parts):
            return f"{sign.lower()}({_listed(parts)})"


def constant(value: Value) -> str:
    """A constant; NULL, TRUE and FALSE in capitals."""
    match value:
        case None:
            return "NULL"
        case bool():
            return "TRUE" if value else "FALSE"
        case str():
            return "'" + value.replace("'", "''") + "'"
        case _:
            return repr(value)


def _listed(nodes: tuple[Node, ...]) -> str:
    return ", ".join(map(written, nodes))
