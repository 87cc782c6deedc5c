"""The columns of a backtest that come from the events themselves: a leaf as SQL over `time`, `subject` and `data`.

`data` is JSON. Values are read as strictly as the compiled Python reads them: a value of another type than the declared
one is NULL, never cast to something near.
"""

from __future__ import annotations

from typing import Any, Final

import msgspec

from agoranomos.engine.rules.sql import quoted
from agoranomos.engine.rules.tree import Aggregate, Envelope, Field, Leaf, Type
from agoranomos.engine.rules.unparse import constant

_WHOLE: Final = "('BIGINT', 'UBIGINT')"
_OFFSET: Final = "(Z|[+-][0-9]{2}:?[0-9]{2})$"


def from_event(leaf: Leaf) -> bool:
    """Whether the event itself holds the leaf; features, lists and scores are joined by the caller."""
    return isinstance(leaf.source, Field | Envelope | Aggregate)


def column(leaf: Leaf, *, data: str = "data", time: str = "time", subject: str = "subject") -> str:
    """`expression AS "name"` for a leaf of the event; the arguments are SQL expressions."""
    match leaf.source:
        case Envelope(name=name):
            made = time if name == "time" else subject
        case Field() as source:
            made = _field(leaf.type, source, data)
        case Aggregate() as source:
            made = _aggregate(source, data)
        case _:
            raise AssertionError(f"{leaf.name} is not in the event")
    return f"{made} AS {quoted(leaf.name)}"


def _path(steps: tuple[str, ...]) -> str:
    return constant("$" + "".join(f'."{step}"' for step in steps))


def _field(kind: Type, source: Field, data: str) -> str:
    path = _path(source.path)
    form, text = f"json_type({data}, {path})", f"({data} ->> {path})"
    match kind:
        case Type.INTEGER:
            return _whole(data, path)
        case Type.NUMBER:
            value = f"TRY_CAST({text} AS DOUBLE)"
            return f"(CASE WHEN {form} IN ('BIGINT', 'UBIGINT', 'DOUBLE') AND isfinite({value}) THEN {value} END)"
        case Type.BOOLEAN:
            return f"(CASE WHEN {form} = 'BOOLEAN' THEN {text} = 'true' END)"
        case Type.MOMENT:
            offset = f"regexp_matches(upper({text}), '{_OFFSET}')"
            return f"(CASE WHEN {form} = 'VARCHAR' AND {offset} THEN TRY_CAST(upper({text}) AS TIMESTAMPTZ) END)"
        case Type.TEXTS:
            others = f"len(list_filter(json_type({data}, {_path_of_items(source.path)}), lambda x: x <> 'VARCHAR'))"
            listed = f"WHEN {form} = 'ARRAY' AND {others} = 0 THEN CAST({data} -> {path} AS VARCHAR[])"
            empty = f"WHEN coalesce({form}, 'NULL') = 'NULL' THEN []" if source.default is not None else ""
            return f"(CASE {listed} {empty} END)"
        case _:
            loose = f"WHEN {form} IN {_WHOLE} THEN CAST({_whole(data, path)} AS VARCHAR)" if source.loose else ""
            empty = ""
            if source.default is not None:
                empty = f"WHEN coalesce({form}, 'NULL') = 'NULL' THEN {constant(str(source.default))}"
            return f"(CASE WHEN {form} = 'VARCHAR' THEN {text} {loose} {empty} END)"


def _path_of_items(steps: tuple[str, ...]) -> str:
    return constant("$" + "".join(f'."{step}"' for step in steps) + "[*]")


def _whole(data: str, path: str) -> str:
    return f"(CASE WHEN json_type({data}, {path}) IN {_WHOLE} THEN TRY_CAST({data} ->> {path} AS BIGINT) END)"


def _aggregate(source: Aggregate, data: str) -> str:
    path = _path(source.path)
    form = f"json_type({data}, {path})"
    if source.function == "size":
        empty = f"WHEN coalesce({form}, 'NULL') = 'NULL' THEN 0" if source.absent_is_empty else ""
        return f"(CASE WHEN {form} = 'ARRAY' THEN CAST(json_array_length({data}, {path}) AS BIGINT) {empty} END)"
    return _over_items(source, data)


def _over_items(source: Aggregate, data: str) -> str:
    """The items are taken out by one pass over the JSON: `n` is the product of the factors, `c…` are the currencies."""
    factors = [_within("x", factor) for factor in source.factors]
    product = " * ".join(f"{_whole_text(factor)}::HUGEINT" for factor in factors)
    currencies = [f"c{place} := {_within('x', path)}" for place, path in enumerate(source.currencies)]
    made = f"struct_pack({', '.join([f'n := {product}', *currencies])})"
    items = _within(f"from_json({data}, {constant(_shape(source))})", source.path)
    counted = f"list_filter(list_transform({items}, lambda x: {made}), lambda y: y.n IS NOT NULL)"
    numbers = "list_transform(them, lambda y: y.n)"
    fits = f"list_min({numbers}) >= {-(1 << 63)} AND list_max({numbers}) <= {(1 << 63) - 1}"
    same = "".join(
        f" AND len(list_distinct(list_transform(them, lambda y: y.c{place}))) <= 1"
        for place in range(len(source.currencies))
    )
    value = f"CASE WHEN {fits}{same} THEN TRY_CAST(list_{source.function}({numbers}) AS BIGINT) END"
    return f"(list_transform([{counted}], lambda them: {value})[1])"  # a list of one: SQL has no other LET


def _shape(source: Aggregate) -> str:
    """The part of an event that an aggregate looks at, as `from_json` is told of it."""
    item: dict[str, Any] = {}
    for path, kind in (
        *((each, "JSON") for each in source.factors),
        *((each, "VARCHAR") for each in source.currencies),
    ):
        place = item
        for step in path[:-1]:
            place = place.setdefault(step, {})
        place[path[-1]] = kind
    shape: Any = [item]
    for step in reversed(source.path):
        shape = {step: shape}
    return msgspec.json.encode(shape).decode()


def _within(value: str, steps: tuple[str, ...]) -> str:
    return f"({value})" + "".join(f'."{step}"' for step in steps)


def _whole_text(value: str) -> str:
    """JSON as an integer, when it is written as one."""
    return f"CASE WHEN json_type({value}) IN {_WHOLE} THEN TRY_CAST({value}::VARCHAR AS BIGINT) END"
