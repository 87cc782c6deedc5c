"""The tree of a condition: few kinds of node, each with a type; every value may be NULL.

The parser makes it, and both evaluators read nothing else. No text of the user's is in it but as values of literals
and names of declared leaves.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import Literal as OneOf

INTEGER_MIN, INTEGER_MAX = -(2**63), 2**63 - 1
"""Integers have 64 bits, as BIGINT in SQL; a result beyond is NULL."""


class Type(StrEnum):
    """The types of values. A MOMENT is held as microseconds since 1970 in UTC; NUMBER is a double, never infinite."""

    INTEGER = "integer"
    NUMBER = "number"
    TEXT = "text"
    BOOLEAN = "boolean"
    MOMENT = "moment"
    TEXTS = "list of text"
    NOTHING = "nothing"  # of a bare NULL, and of what was refused


Value = bool | int | float | str | None
CompareSign = OneOf["=", "<>", "<", "<=", ">", ">="]


@dataclass(frozen=True, slots=True)
class Literal:
    """A constant; None is NULL of that type."""

    type: Type
    value: Value


@dataclass(frozen=True, slots=True)
class Field:
    """A field of the event's data by its path; `default` when it is absent, as in the typed body.

    `loose`: integers are read as text (a field that may hold either).
    """

    path: tuple[str, ...]
    default: str | tuple[str, ...] | None = None
    loose: bool = False


@dataclass(frozen=True, slots=True)
class Envelope:
    """`time` or `subject` of the event itself."""

    name: OneOf["time", "subject"]


@dataclass(frozen=True, slots=True)
class Aggregate:
    """`size`, `sum`, `min` or `max` over a list of objects: of the product of one or two integers of each object.

    `currencies` are paths of currencies that must be the same in all objects, else the result is NULL.
    """

    function: OneOf["size", "sum", "min", "max"]
    path: tuple[str, ...]
    factors: tuple[tuple[str, ...], ...] = ()
    currencies: tuple[tuple[str, ...], ...] = ()
    absent_is_empty: bool = False


@dataclass(frozen=True, slots=True)
class Feature:
    """A feature looked up by its keys; NULL, without a look-up, when a key is NULL."""

    name: str
    keys: tuple[Node, ...]


@dataclass(frozen=True, slots=True)
class Listed:
    """Whether `item` stands on the list `name`; NULL when `item` is."""

    name: str
    item: Node


@dataclass(frozen=True, slots=True)
class Score:
    """The score of a detector or rule in this check; NULL when it found nothing."""

    code: str


Source = Field | Envelope | Aggregate | Feature | Listed | Score


@dataclass(frozen=True, slots=True)
class Leaf:
    """What the event, a feature, a list or a detector says. `name` is how the rule writes it, and its SQL column."""

    type: Type
    name: str
    source: Source


@dataclass(frozen=True, slots=True)
class Call:
    """A function of `functions.FUNCTIONS`; NULL when an argument is NULL."""

    type: Type
    function: str
    args: tuple[Node, ...]


@dataclass(frozen=True, slots=True)
class Compare:
    """Two values of one type; NULL when one of them is."""

    sign: CompareSign
    left: Node
    right: Node
    type: Type = Type.BOOLEAN


@dataclass(frozen=True, slots=True)
class Logic:
    """AND or OR of two or more conditions, in three values."""

    sign: OneOf["AND", "OR"]
    parts: tuple[Node, ...]
    type: Type = Type.BOOLEAN


@dataclass(frozen=True, slots=True)
class Not:
    part: Node
    type: Type = Type.BOOLEAN


@dataclass(frozen=True, slots=True)
class Is:
    """IS NULL, IS TRUE, IS FALSE: never NULL itself."""

    part: Node
    what: bool | None
    type: Type = Type.BOOLEAN


@dataclass(frozen=True, slots=True)
class In:
    """Whether the value is one of the constants; when it is not and NULL stands among them, NULL."""

    part: Node
    options: tuple[Value, ...]
    or_null: bool = False
    type: Type = Type.BOOLEAN


@dataclass(frozen=True, slots=True)
class Like:
    """LIKE with a constant pattern of `%` and `_`."""

    part: Node
    pattern: str
    type: Type = Type.BOOLEAN


@dataclass(frozen=True, slots=True)
class Case:
    """The value of the first branch whose condition is TRUE, else `otherwise`."""

    type: Type
    branches: tuple[tuple[Node, Node], ...]
    otherwise: Node


@dataclass(frozen=True, slots=True)
class First:
    """COALESCE: the first that is not NULL."""

    type: Type
    parts: tuple[Node, ...]


@dataclass(frozen=True, slots=True)
class Extreme:
    """LEAST or GREATEST of those that are not NULL."""

    type: Type
    sign: OneOf["LEAST", "GREATEST"]
    parts: tuple[Node, ...]


Node = Literal | Leaf | Call | Compare | Logic | Not | Is | In | Like | Case | First | Extreme


def children(node: Node) -> tuple[Node, ...]:
    """The nodes right below `node`; those inside the keys of a leaf are not among them."""
    match node:
        case Call(args=args):
            return args
        case Compare(left=left, right=right):
            return (left, right)
        case Logic(parts=parts) | First(parts=parts) | Extreme(parts=parts):
            return parts
        case Not(part=part) | Is(part=part) | In(part=part) | Like(part=part):
            return (part,)
        case Case(branches=branches, otherwise=otherwise):
            return (*(each for branch in branches for each in branch), otherwise)
        case _:
            return ()


def inner(leaf: Leaf) -> tuple[Node, ...]:
    """The nodes by which a leaf is looked up: keys of a feature, the item of a list."""
    match leaf.source:
        case Feature(keys=keys):
            return keys
        case Listed(item=item):
            return (item,)
        case _:
            return ()


def leaves(node: Node) -> tuple[Leaf, ...]:
    """Every leaf once, in reading order; the leaves inside a leaf's keys come before it."""
    found: dict[Leaf, None] = {}
    _gather(node, found)
    return tuple(found)


def _gather(node: Node, found: dict[Leaf, None]) -> None:
    if isinstance(node, Leaf):
        for each in inner(node):
            _gather(each, found)
        found[node] = None
    for child in children(node):
        _gather(child, found)


def size(node: Node) -> int:
    """How many nodes an evaluator sees."""
    below = (*children(node), *inner(node)) if isinstance(node, Leaf) else children(node)
    return 1 + sum(map(size, below))
