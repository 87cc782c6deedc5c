"""Typed nodes from typed nodes: what may be compared and counted with what, and what that means.

Whoever builds gets a node or a `Mismatch` with a message. Money is a pair of nodes, amount and currency; here it is
turned into plain comparisons, so that no evaluator knows of money: two amounts are comparable where the currencies are
equal, and otherwise the answer is NULL.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from datetime import date, datetime, time
from typing import NamedTuple
from zoneinfo import ZoneInfo

from agoranomos.engine.rules.runtime import microseconds
from agoranomos.engine.rules.tree import (
    INTEGER_MAX,
    INTEGER_MIN,
    Call,
    Case,
    Compare,
    CompareSign,
    Leaf,
    Literal,
    Logic,
    Node,
    Type,
)

NUMERIC = (Type.INTEGER, Type.NUMBER)


class Mismatch(Exception):
    """Values that do not go together; the message says what to write."""


class Pair(NamedTuple):
    """Money: minor units and currency."""

    name: str
    amount: Node
    currency: Node


def called(node: Node | Pair) -> str:
    """What a message calls `node`: its name and type."""
    if isinstance(node, Pair):
        return f"{node.name} is money"
    if isinstance(node, Leaf):
        return f"{node.name} is {_article(node.type)}"
    if isinstance(node, Literal) and node.type is Type.TEXT:
        return f"'{node.value}' is text"
    if isinstance(node, Literal) and node.value is not None:
        return f"{node.value} is {_article(node.type)}"
    return f"this is {_article(node.type)}"


def _article(kind: Type) -> str:
    return {Type.INTEGER: "an integer", Type.TEXT: "text", Type.NOTHING: "NULL", Type.TEXTS: "a list of text"}.get(
        kind, f"a {kind.value}"
    )


def null(kind: Type) -> Literal:
    return Literal(kind, None)


def as_number(node: Node) -> Node:
    """An integer as a number; others as they are."""
    if node.type is not Type.INTEGER:
        return node
    if isinstance(node, Literal):
        return Literal(Type.NUMBER, None if node.value is None else float(node.value))
    return Call(Type.NUMBER, "number", (node,))


def alike(nodes: Sequence[Node], zone: str) -> tuple[Type, tuple[Node, ...]]:
    """`nodes` with one type: NULL takes that of the others, integers become numbers beside numbers, and text literals
    moments beside moments.
    """
    kinds = {node.type for node in nodes} - {Type.NOTHING}
    if Type.MOMENT in kinds:
        nodes = [as_moment(node, zone) for node in nodes]
        kinds = {node.type for node in nodes} - {Type.NOTHING}
    if kinds == set(NUMERIC):
        nodes, kinds = [as_number(node) for node in nodes], {Type.NUMBER}
    if len(kinds) > 1:
        first = next(node for node in nodes if node.type is not Type.NOTHING)
        other = next(node for node in nodes if node.type not in (Type.NOTHING, first.type))
        raise Mismatch(f"{called(first)} and {called(other)}{_mend(first, other)}")
    kind = kinds.pop() if kinds else Type.NOTHING
    return kind, tuple(null(kind) if node.type is Type.NOTHING else node for node in nodes)


def _mend(left: Node, right: Node) -> str:
    for one, other in ((left, right), (right, left)):
        if one.type in NUMERIC and isinstance(other, Literal) and other.type is Type.TEXT:
            return f"; write {other.value} without quotes" if _is_number(str(other.value)) else ""
        if one.type is Type.TEXT and isinstance(other, Literal) and other.type in NUMERIC:
            return f"; write '{other.value}' in quotes"
        if one.type is Type.BOOLEAN and isinstance(other, Literal):
            return "; write TRUE or FALSE without quotes"
        if one.type is Type.TEXTS and isinstance(one, Leaf):
            return f"; ask contains({one.name}, 'text') or size({one.name})"
    return ""


def _is_number(text: str) -> bool:
    try:
        float(text)
    except ValueError:
        return False
    return True


def as_moment(node: Node, zone: str) -> Node:
    """A text literal as the moment it names: a day (its beginning in `zone`) or RFC 3339 with an offset."""
    if not (isinstance(node, Literal) and node.type is Type.TEXT):
        return node
    text = str(node.value)
    try:
        if len(text) == 10:
            parsed = datetime.combine(date.fromisoformat(text), time(), ZoneInfo(zone))
        else:
            parsed = datetime.fromisoformat(text)
        if parsed.tzinfo is not None:
            return Literal(Type.MOMENT, microseconds(parsed))
    except (ValueError, OverflowError):
        pass
    raise Mismatch(f"'{text}' is not a moment; write a day such as '2026-05-01', or '2026-05-01T08:00:00+08:00'")


def compared(sign: CompareSign, left: Node | Pair, right: Node | Pair, zone: str) -> Node:
    """`left sign right`."""
    if isinstance(left, Pair) or isinstance(right, Pair):
        if isinstance(left, Pair) and isinstance(right, Pair):
            one = Compare(sign, left.amount, right.amount)
            return _same_currency(left, right, one, Type.BOOLEAN)
        pair, other = (left, right) if isinstance(left, Pair) else (right, left)
        assert isinstance(pair, Pair)
        raise Mismatch(_not_money(pair, other))
    if any(isinstance(node, Literal) and node.value is None for node in (left, right)):
        raise Mismatch("a comparison with NULL is never true; write IS NULL or IS NOT NULL")
    kind, (one_side, other_side) = alike((left, right), zone)
    if kind is Type.TEXTS:
        named = next((node.name for node in (left, right) if isinstance(node, Leaf)), "list")
        raise Mismatch(f"lists are not compared; ask contains({named}, 'text') or size({named})")
    if kind is Type.BOOLEAN and sign not in ("=", "<>"):
        raise Mismatch("conditions are not greater or less; combine them with AND, OR and NOT")
    return Compare(sign, one_side, other_side)


def _not_money(pair: Pair, other: Node | Pair) -> str:
    hint = f"write {pair.name}.amount for its minor units, or money(1050, 'CNY') for an amount"
    return f"{called(pair)} and {called(other)}; {hint}"


def _same_currency(left: Pair, right: Pair, result: Node, kind: Type) -> Node:
    return Case(kind, ((Compare("=", left.currency, right.currency), result),), null(kind))


def between(value: Node | Pair, low: Node | Pair, high: Node | Pair, zone: str) -> Node:
    """`value BETWEEN low AND high`, both ends included."""
    return Logic("AND", (compared(">=", value, low, zone), compared("<=", value, high, zone)))


def calculated(sign: str, left: Node | Pair, right: Node | Pair, zone: str) -> Node | Pair:
    """`left sign right` for one of + - * / %."""
    if isinstance(left, Pair) or isinstance(right, Pair):
        return _with_money(sign, left, right)
    if sign == "-" and Type.MOMENT in (left.type, right.type):
        left, right = as_moment(left, zone), as_moment(right, zone)
    if (left.type, right.type) == (Type.MOMENT, Type.MOMENT) and sign == "-":
        return Call(Type.NUMBER, "seconds", (left, right))
    if Type.MOMENT in (left.type, right.type):
        raise Mismatch("of moments only the difference can be taken, in seconds: time - other > 3600")
    for node in (left, right):
        if node.type not in NUMERIC:
            hint = "; write coalesce(value, 0) for what may be absent" if node.type is Type.NOTHING else ""
            raise Mismatch(f"{called(node)}; {sign} takes numbers{hint}")
    left, right = _open(left), _open(right)
    if left.type is right.type is Type.INTEGER:
        return Call(Type.NUMBER if sign == "/" else Type.INTEGER, f"int {sign}", (left, right))
    if sign == "%":
        raise Mismatch("% takes integers")
    made = Call(Type.NUMBER, sign, (as_number(left), as_number(right)))
    return made if _bound(made) < math.inf else Call(Type.NUMBER, "finite", (made,))


def _open(node: Node) -> Node:
    """A calculation inside another one: only the whole must be finite."""
    return node.args[0] if isinstance(node, Call) and node.function == "finite" else node


def _bound(node: Node) -> float:
    """A bound of the magnitude of `node`; infinite when there is none below the greatest double."""
    if node.type is Type.INTEGER:
        return float(INTEGER_MAX)
    match node:
        case Literal(value=float(value)):
            return abs(value)
        case Call(function="number" | "int /", args=(only, *_)):
            return _bound(only)
        case Call(function="+" | "-", args=(left, right)):
            return _bound(left) + _bound(right)
        case Call(function="*", args=(left, right)):
            return _bound(left) * _bound(right)
        case _:
            return math.inf


def _with_money(sign: str, left: Node | Pair, right: Node | Pair) -> Node | Pair:
    if isinstance(left, Pair) and isinstance(right, Pair):
        if sign in "+-":
            amount = Call(Type.INTEGER, f"int {sign}", (left.amount, right.amount))
            return Pair("the sum", _same_currency(left, right, amount, Type.INTEGER), left.currency)
        if sign == "/":
            ratio = Call(Type.NUMBER, "int /", (left.amount, right.amount))
            return _same_currency(left, right, ratio, Type.NUMBER)
        raise Mismatch(f"money {sign} money is nothing; money is added, subtracted, or divided into a ratio")
    pair, other = (left, right) if isinstance(left, Pair) else (right, left)
    assert isinstance(pair, Pair)
    if sign == "*" and not isinstance(other, Pair) and other.type is Type.INTEGER:
        return Pair("the product", Call(Type.INTEGER, "int *", (pair.amount, other)), pair.currency)
    raise Mismatch(_not_money(pair, other))


def integer(text: str) -> Literal:
    """A whole number as written."""
    value = int(text)
    if not INTEGER_MIN <= value <= INTEGER_MAX:
        raise Mismatch("whole numbers have at most 64 bits: up to 9223372036854775807")
    return Literal(Type.INTEGER, value)
