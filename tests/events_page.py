"""The generated parts of docs/events.md and docs/events.schema.json."""

from __future__ import annotations

import json
from typing import Any

import msgspec.inspect as shapes

from agoranomos.kernel.money import Money
from agoranomos.kernel.schema import CONCERNS
from agoranomos.kernel.schema.base import ID, Body
from agoranomos.kernel.schema.document import json_schema

_PLAIN: dict[type[Any], str] = {
    shapes.StrType: "text",
    shapes.IntType: "whole number",
    shapes.FloatType: "number",
    shapes.BoolType: "true or false",
    shapes.DateTimeType: "time",
    shapes.DictType: "object",
    shapes.AnyType: "anything",
}


def schema_text() -> str:
    """docs/events.schema.json as it is today."""
    return json.dumps(json_schema(), indent=1, ensure_ascii=False) + "\n"


def tables() -> str:
    """One table per concern: every event with its required and optional fields."""
    parts = []
    for concern in CONCERNS:
        title = (concern.__doc__ or "").strip().splitlines()[0].rstrip(".")
        rows = [_row(kind, form) for kind, form in concern.TYPES.items()]
        parts.append("\n".join([f"### {title}\n", "| type | required | optional |", "|---|---|---|", *rows]))
    return "\n\n".join(parts)


def _row(kind: str, form: type[Body]) -> str:
    fields = _fields(form)
    either = [name for group in form.either for name in group]
    required = [_named(field) for field in fields if field.required]
    by_name = {field.encode_name: _named(field) for field in fields}
    required += [" or ".join(by_name[name] for name in group) for group in form.either]
    optional = [_named(field) for field in fields if not field.required and field.encode_name not in either]
    return f"| `{kind}` | {'; '.join(required)} | {'; '.join(optional)} |"


def _fields(form: type[Any]) -> tuple[shapes.Field, ...]:
    structure = shapes.type_info(form)
    assert isinstance(structure, shapes.StructType)
    return structure.fields


def _named(field: shapes.Field) -> str:
    said = _said(field.type)
    return f"`{field.encode_name}`" if said == "id" else f"`{field.encode_name}` ({said})"


def _said(kind: shapes.Type) -> str:
    """The type of a field in words."""
    if isinstance(kind, shapes.Metadata):
        return "id" if (kind.extra or {}).get(ID) else _said(kind.type)
    if isinstance(kind, shapes.UnionType):
        said = [_said(each) for each in kind.types if not isinstance(each, shapes.NoneType)]
        return " or ".join(dict.fromkeys(said)).replace("whole number or number", "number")
    if isinstance(kind, shapes.VarTupleType):
        inner = _said(kind.item_type)
        return f"list of {inner}" if inner.startswith("{") else f"list of {inner}s".replace("texts", "text")
    if isinstance(kind, shapes.LiteralType):
        return ", ".join(f"`{value}`" for value in kind.values)
    if isinstance(kind, shapes.StructType):
        if kind.cls is Money:
            return "money"
        return "{" + ", ".join(_named(field) for field in kind.fields) + "}"
    if isinstance(kind, shapes.IntType) and kind.ge == 1 and kind.le is not None:
        return f"1 to {kind.le}"
    if isinstance(kind, shapes.StrType) and "phash" in (kind.pattern or ""):
        return "picture"
    return _PLAIN[type(kind)]
