"""sqlglot's trees: what is said of the parts that are not in the language, and how to walk the others."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from sqlglot import exp

from agoranomos.engine.rules.building import Mismatch

REFUSED: Final[dict[type[exp.Expr], str]] = {
    exp.Cast: "values have the types that the event declares and are not cast; a moment stands in quotes: '2026-05-01'",
    exp.ILike: "ILIKE is not in the language; write lower(text) LIKE 'pattern'",
    exp.Interval: "durations are numbers of seconds: time - other > 3600",
    exp.Alias: "a word too many stands here; join conditions by AND or OR",
    exp.Tuple: "one value is expected here, not several; write value IN (…)",
    exp.NullSafeEQ: "IS DISTINCT FROM is not in the language; write = and IS NULL",
    exp.NullSafeNEQ: "IS DISTINCT FROM is not in the language; write <> and IS NULL",
    exp.Subquery: "a rule asks no other table; declare a feature, or ask a list: listed('name', value)",
    exp.Select: "a rule asks no other table; declare a feature, or ask a list: listed('name', value)",
    exp.Window: "windows are for features; declare one and call it",
    exp.Escape: "LIKE has no ESCAPE; write contains(text, '%') to look for the sign itself",
    exp.If: "write CASE WHEN condition THEN value ELSE value END",
    exp.Star: "* stands between two numbers only",
    exp.IntDiv: "write a / b, which gives a number; whole division is not in the language",
}


def chain(at: exp.Expr) -> list[exp.Expr]:
    """The parts of `a AND b AND c`, without recursion: chains are long."""
    kind, parts = type(at), []
    while type(at) is kind:
        parts.append(at.expression)
        at = at.this
    return [at, *reversed(parts)]


def names(at: exp.Expr) -> Iterator[str]:
    """The parts of a dotted name."""
    if isinstance(at, exp.Identifier):
        yield str(at.this)
        return
    if isinstance(at, exp.Column):
        parts: list[exp.Expr] = list(at.parts)
    elif isinstance(at, exp.Dot):
        parts = [at.this, at.expression]
    else:
        raise Mismatch("only names stand on both sides of a dot")
    for part in parts:
        yield from names(part)


def factors(at: exp.Expr) -> Iterator[str]:
    """The dotted names of a product; other values become a name that no list has."""
    while isinstance(at, exp.Paren):
        at = at.this
    if isinstance(at, exp.Mul):
        yield from factors(at.this)
        yield from factors(at.expression)
    elif isinstance(at, exp.Column | exp.Dot):
        yield ".".join(names(at))
    else:
        yield ""


def start(at: exp.Expr) -> int:
    """Where `at` begins: the first of its words that knows its place."""
    return min((int(node.meta["start"]) for node in at.walk() if "start" in node.meta), default=0)


def depth(root: exp.Expr) -> int:
    """How deep the tree is, where chains of one operator count as one level."""
    deepest, waiting = 0, [(root, 1)]
    while waiting:
        at, level = waiting.pop()
        deepest = max(deepest, level)
        parts = chain(at) if isinstance(at, exp.And | exp.Or) else list(at.iter_expressions())
        step = 0 if isinstance(at, exp.Paren | exp.Column | exp.Dot) else 1
        waiting.extend((part, level + step) for part in parts)
    return deepest
