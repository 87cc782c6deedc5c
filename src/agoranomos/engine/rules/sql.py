"""Conditions as SQL for DuckDB: the same answers as the compiled Python, over a relation with a column per leaf.

A column is named as the leaf is written in the rule: `"paid.amount"`, `"claims_10m(device_id)"`,
`"listed('known_farms', device_id)"`. Integers are BIGINT, numbers DOUBLE, text VARCHAR, moments TIMESTAMPTZ, lists
VARCHAR[]. `columns.py` makes those that come from the event itself.
"""

from __future__ import annotations

import hashlib
from typing import Final

from agoranomos.engine.rules.errors import Problem, RuleError
from agoranomos.engine.rules.functions import FUNCTIONS
from agoranomos.engine.rules.language import Condition
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
from agoranomos.engine.rules.unparse import constant

SQL_TYPES: Final = {
    Type.INTEGER: "BIGINT",
    Type.NUMBER: "DOUBLE",
    Type.TEXT: "VARCHAR",
    Type.BOOLEAN: "BOOLEAN",
    Type.MOMENT: "TIMESTAMPTZ",
    Type.TEXTS: "VARCHAR[]",
}
"""The SQL type of a column."""


def to_sql(condition: Condition, dialect: str = "duckdb") -> str:
    """The condition as a boolean SQL expression; it may stand in WHERE, where NULL does not count as true."""
    if dialect != "duckdb":
        raise RuleError([Problem(1, 1, f"there is no SQL for {dialect}; the dialect is duckdb")])
    return expression(condition.tree)


def quoted(name: str) -> str:
    """`name` as an identifier.

    DuckDB takes identifiers that differ in capitals only for the same; so a name with capitals, which a key such as
    `claims_10m('A')` may have, gets a hash of itself behind it.
    """
    if name != name.lower():
        name += f"#{hashlib.blake2b(name.encode(), digest_size=4).hexdigest()}"
    return '"' + name.replace('"', '""') + '"'


def literal(kind: Type, value: Value) -> str:
    """A constant with its type, so that nothing is guessed: 0.3 alone would be a DECIMAL."""
    if kind is Type.NOTHING or (kind in (Type.TEXT, Type.BOOLEAN) and value is not None):
        return constant(value)
    if kind is Type.MOMENT and isinstance(value, int):
        return f"TIMESTAMPTZ '{moment_text(value)}'"
    shown = "NULL" if value is None else f"'{value!r}'"
    return f"CAST({shown} AS {SQL_TYPES[kind]})"


def expression(node: Node) -> str:
    """`node` as SQL, in parentheses where it needs them."""
    match node:
        case Literal(type=kind, value=value):
            return literal(kind, value)
        case Leaf(name=name):
            return quoted(name)
        case Call(function=function, args=args):
            return FUNCTIONS[function].sql.format(*map(expression, args))
        case Compare(sign=sign, left=left, right=right):
            return f"({expression(left)} {sign} {expression(right)})"
        case Logic(sign=sign, parts=parts):
            return f"({f' {sign} '.join(map(expression, parts))})"
        case Not(part=part):
            return f"(NOT {expression(part)})"
        case Is(part=part, what=what):
            return f"({expression(part)} IS {constant(what)})"
        case In(part=part, options=options, or_null=or_null):
            inside = [literal(part.type, option) for option in options] + (["NULL"] if or_null else [])
            return f"({expression(part)} IN ({', '.join(inside)}))"
        case Like(part=part, pattern=pattern):
            return f"({expression(part)} LIKE {constant(pattern)})"
        case Case(branches=branches, otherwise=otherwise):
            whens = " ".join(f"WHEN {expression(when)} THEN {expression(then)}" for when, then in branches)
            return f"(CASE {whens} ELSE {expression(otherwise)} END)"
        case First(parts=parts):
            return f"coalesce({', '.join(map(expression, parts))})"
        case Extreme(sign=sign, parts=parts):
            return f"{sign.lower()}({', '.join(map(expression, parts))})"
