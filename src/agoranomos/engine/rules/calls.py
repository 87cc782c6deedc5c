"""Calls by name: functions of the language, features, lists, scores, and what is asked of lists of objects."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Final

from agoranomos.engine.rules.building import NUMERIC, Mismatch, Pair, alike, called, compared, null
from agoranomos.engine.rules.errors import meant
from agoranomos.engine.rules.tree import (
    Aggregate,
    Call,
    Case,
    Extreme,
    Feature,
    First,
    Leaf,
    Listed,
    Literal,
    Node,
    Score,
    Type,
    Value,
)
from agoranomos.engine.rules.types import Scope
from agoranomos.engine.rules.unparse import written
from agoranomos.engine.rules.words import CALLS, STRANGE_CALLS
from agoranomos.kernel.money import MINOR_DIGITS

Args = Sequence[Node | Pair]


def call(name: str, args: Args, scope: Scope) -> Node | Pair:
    """The call `name(args)`; raises Mismatch."""
    word = name.lower()
    if name in scope.features:
        return _feature(name, _plain(name, args), scope)
    if word == "money":
        return _money(args)
    if word == "listed":
        return _listed(_plain(word, args), scope)
    if word == "score":
        return _score(_plain(word, args), scope)
    if word in _BUILDERS:
        return _BUILDERS[word](_plain(word, args), scope)
    if word in STRANGE_CALLS:
        raise Mismatch(STRANGE_CALLS[word])
    raise Mismatch(f"there is no function or feature {name}{meant(name, [*CALLS, *scope.features])}")


def _plain(name: str, args: Args) -> list[Node]:
    for arg in args:
        if isinstance(arg, Pair):
            raise Mismatch(f"{called(arg)}; {name} takes {arg.name}.amount, in minor units")
    return [arg for arg in args if not isinstance(arg, Pair)]


def _form(name: str, args: Sequence[Node], kinds: Sequence[Sequence[Type]]) -> None:
    """Refuses another number of arguments, or other types."""
    if len(args) != len(kinds):
        raise Mismatch(f"{name} takes {len(kinds)} value{'' if len(kinds) == 1 else 's'}: {CALLS[name]}")
    for arg, allowed in zip(args, kinds, strict=True):
        if arg.type not in allowed:
            raise Mismatch(f"{called(arg)}; write {CALLS[name]}")


def _simple(name: str, gives: Type, *kinds: Type) -> Callable[[list[Node], Scope], Node]:
    def build(args: list[Node], _: Scope) -> Node:
        _form(name, args, [(kind,) for kind in kinds])
        return Call(gives, name, tuple(args))

    return build


def _clock(name: str) -> Callable[[list[Node], Scope], Node]:
    def build(args: list[Node], scope: Scope) -> Node:
        _form(name, args, [(Type.MOMENT,)])
        return Call(Type.INTEGER, name, (args[0], Literal(Type.TEXT, scope.calendar)))

    return build


def _abs(args: list[Node], _: Scope) -> Node:
    _form("abs", args, [NUMERIC])
    return Call(args[0].type, "int abs" if args[0].type is Type.INTEGER else "abs", tuple(args))


def _contains(args: list[Node], _: Scope) -> Node:
    _form("contains", args, [(Type.TEXT, Type.TEXTS), (Type.TEXT,)])
    return Call(Type.BOOLEAN, "has" if args[0].type is Type.TEXTS else "contains", tuple(args))


def _size(args: list[Node], _: Scope) -> Node:
    hint = (Type.TEXTS,)
    if len(args) == 1 and args[0].type is Type.TEXT:
        raise Mismatch(f"{called(args[0])}; write length(…) for text")
    _form("size", args, [hint])
    return Call(Type.INTEGER, "size", tuple(args))


def _several(name: str, args: list[Node], scope: Scope) -> tuple[Type, tuple[Node, ...]]:
    if len(args) < 2:
        raise Mismatch(f"{name} takes two values or more: {CALLS[name]}")
    kind, parts = alike(args, scope.calendar)
    if kind in (Type.NOTHING, Type.TEXTS):
        raise Mismatch(f"{name} takes plain values: {CALLS[name]}")
    return kind, parts


def _coalesce(args: list[Node], scope: Scope) -> Node:
    return First(*_several("coalesce", args, scope))


def _least(args: list[Node], scope: Scope) -> Node:
    kind, parts = _several("least", args, scope)
    return Extreme(kind, "LEAST", parts)


def _greatest(args: list[Node], scope: Scope) -> Node:
    kind, parts = _several("greatest", args, scope)
    return Extreme(kind, "GREATEST", parts)


def _nullif(args: list[Node], scope: Scope) -> Node:
    if len(args) != 2:
        raise Mismatch(f"nullif takes 2 values: {CALLS['nullif']}")
    same = compared("=", args[0], args[1], scope.calendar)
    return Case(args[0].type, ((same, null(args[0].type)),), args[0])


def _over_lines(_: list[Node], scope: Scope) -> Node:
    lists = ", ".join(sorted(scope.objects)) or f"and {scope.name} has none"
    raise Mismatch(
        f"sum, min and max look into a list of objects of the event ({lists}); for two values write least or"
        " greatest, and over many events declare a feature"
    )


_BUILDERS: Final[dict[str, Callable[[list[Node], Scope], Node]]] = {
    "abs": _abs,
    "coalesce": _coalesce,
    "contains": _contains,
    "day_of_week": _clock("day_of_week"),
    "ends_with": _simple("ends_with", Type.BOOLEAN, Type.TEXT, Type.TEXT),
    "greatest": _greatest,
    "hour": _clock("hour"),
    "least": _least,
    "length": _simple("length", Type.INTEGER, Type.TEXT),
    "lower": _simple("lower", Type.TEXT, Type.TEXT),
    "max": _over_lines,
    "min": _over_lines,
    "nullif": _nullif,
    "size": _size,
    "starts_with": _simple("starts_with", Type.BOOLEAN, Type.TEXT, Type.TEXT),
    "sum": _over_lines,
    "upper": _simple("upper", Type.TEXT, Type.TEXT),
}


def _feature(name: str, args: list[Node], scope: Scope) -> Node:
    info = scope.features[name]
    wanted = f"{name} takes {len(info.keys)} key{'' if len(info.keys) == 1 else 's'}: {', '.join(info.keys)}"
    if len(args) != len(info.keys):
        raise Mismatch(wanted)
    for arg, kind in zip(args, info.keys, strict=True):
        if arg.type is not kind:
            raise Mismatch(f"{called(arg)}; {wanted}")
    keys = tuple(args)
    return Leaf(info.gives, f"{name}({', '.join(map(written, keys))})", Feature(name, keys))


def _text_of(name: str, arg: Node) -> str:
    if isinstance(arg, Literal) and isinstance(arg.value, str) and arg.type is Type.TEXT:
        return arg.value
    raise Mismatch(f"write {CALLS[name]}: the name stands in single quotes")


def _listed(args: list[Node], scope: Scope) -> Node:
    if len(args) != 2:
        raise Mismatch(f"listed takes 2 values: {CALLS['listed']}")
    name = _text_of("listed", args[0])
    if name not in scope.lists:
        raise Mismatch(f"there is no list {name}{meant(name, scope.lists)}")
    if args[1].type is not Type.TEXT:
        raise Mismatch(f"{called(args[1])}; lists hold text: {CALLS['listed']}")
    return Leaf(Type.BOOLEAN, f"listed({written(args[0])}, {written(args[1])})", Listed(name, args[1]))


def _score(args: list[Node], scope: Scope) -> Node:
    if len(args) != 1:
        raise Mismatch(f"score takes 1 value: {CALLS['score']}")
    code = _text_of("score", args[0])
    if not scope.is_check:
        raise Mismatch(f"scores are at hand in checks only, and this rule listens to {scope.name}")
    if scope.detectors is not None and code not in scope.detectors:
        raise Mismatch(f"there is no detector {code}{meant(code, scope.detectors)}")
    return Leaf(Type.NUMBER, f"score({written(args[0])})", Score(code))


def _money(args: Args) -> Pair:
    amount, currency = args if len(args) == 2 else (None, None)
    if not (isinstance(amount, Literal) and amount.type is Type.INTEGER and isinstance(currency, Literal)):
        raise Mismatch("write money(1050, 'CNY'): an integer of minor units and a currency")
    if currency.value not in MINOR_DIGITS:
        raise Mismatch(f"'{currency.value}' is no currency; write money(1050, 'CNY')")
    return Pair("the amount", amount, currency)


def aggregate(word: str, list_name: str, factors: Sequence[str], scope: Scope) -> Leaf:
    """`word(list_name)`, or `word` of the product of `factors`, which are dotted names inside the objects."""
    info = scope.objects[list_name]
    currencies: list[tuple[str, ...]] = []
    for factor in factors:
        field = info.fields.get(factor)
        if factor in info.money:
            raise Mismatch(f"{list_name}.{factor} is money; write {list_name}.{factor}.amount")
        if field is None:
            raise Mismatch(f"{list_name} has no field {factor}{meant(factor, info.fields)}")
        if field.type is not Type.INTEGER:
            raise Mismatch(f"{list_name}.{factor} is {field.type.value}; {word} takes integers")
        if factor.endswith(".amount") and factor.removesuffix(".amount") in info.money:
            currencies.append((*field.path[:-1], "currency"))
    inside = " * ".join(f"{list_name}.{factor}" for factor in factors) or list_name
    function: Value = word
    assert function in ("size", "sum", "min", "max")
    paths = tuple(info.fields[factor].path for factor in factors)
    source = Aggregate(word, info.path, paths, tuple(currencies), info.absent_is_empty)  # type: ignore[arg-type]
    return Leaf(Type.INTEGER, f"{word}({inside})", source)
