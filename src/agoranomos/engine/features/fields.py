"""Fields of events that features may use: found in the typed bodies, read from the data, written as SQL."""

from __future__ import annotations

import difflib
import re
from collections.abc import Callable, Sequence
from typing import Any, Final, Literal, NamedTuple

import msgspec
import msgspec.inspect as shapes

from agoranomos.kernel.errors import Invalid
from agoranomos.kernel.money import Money
from agoranomos.kernel.schema import TYPES

Kind = Literal["text", "integer", "number", "boolean", "money", "moment", "texts", "integers", "others"]
_DESCRIBED: Final[dict[Kind, str]] = {
    "text": "a text", "integer": "an integer", "number": "a number", "boolean": "true or false", "money": "money",
    "moment": "a moment", "texts": "a list of texts", "integers": "a list of integers",
    "others": "no plain value; name a field of it, or the size(…) of a list",
}  # fmt: skip
_SIZE: Final = re.compile(r"size\((.+)\)")
TIME: Final = "time"
"""The moment of the event itself."""


class Field(NamedTuple):
    """A field by its path. `through`: how many names of the path lead to the list that it goes through, or 0."""

    path: str
    kind: Kind
    through: int = 0
    sized: bool = False
    empty: bool = False
    """Whether an absent list is an empty one."""

    @property
    def names(self) -> tuple[str, ...]:
        """The steps of the path; money is followed to its amount."""
        inner = _SIZE.fullmatch(self.path)
        steps = tuple((inner[1] if inner else self.path).split("."))
        return (*steps, "amount") if self.kind == "money" and steps[-1] != "amount" else steps

    @property
    def described(self) -> str:
        return _DESCRIBED[self.kind]


def field_of(types: Sequence[str], path: str, pointer: str = "") -> Field:
    """The field `path` of all `types` of event. Raises Invalid when there is none, or when it differs between them."""
    found = {_of_type(kind, path, pointer) for kind in types}
    if len(found) > 1:
        raise Invalid(f"{path} is not the same in all of these types of event", pointer=pointer)
    return found.pop()


def _of_type(event_type: str, path: str, pointer: str) -> Field:
    body = TYPES.get(event_type)
    if body is None:
        near = difflib.get_close_matches(event_type, TYPES, 1)
        raise Invalid(
            f"no event has the type {event_type!r}" + (f"; is {near[0]} meant?" if near else ""), pointer="/event"
        )
    if path == TIME:
        return Field(path, "moment")
    sized = _SIZE.fullmatch(path)
    shape: shapes.Type = shapes.type_info(body)
    empty = False
    through, steps = 0, (sized[1] if sized else path).split(".")
    for place, step in enumerate(steps):
        if (element := _element(shape)) is not None and through == 0:
            shape, through = element, place
        fields = {field.encode_name: field for field in shape.fields} if isinstance(shape, shapes.StructType) else {}
        if step not in fields:
            raise Invalid(_unknown(event_type, path, step, fields), pointer=pointer)
        if not (isinstance(shape, shapes.StructType) and shape.cls is Money and step == "amount"):
            empty = fields[step].default == ()
            shape = _plain(fields[step].type)  # an amount stays money: it means nothing without its currency
    if sized:
        if _element(shape) is None or through:
            raise Invalid(f"{path}: only a list has a size", pointer=pointer)
        return Field(path, "integer", sized=True, empty=empty)
    if (element := _element(shape)) is not None and through == 0:
        shape, through = element, len(steps)
    return Field(path, _kind(shape, bool(through)), through)


def _unknown(event_type: str, path: str, step: str, fields: dict[str, shapes.Field]) -> str:
    near = difflib.get_close_matches(step, fields, 1)
    hint = f"; is {near[0]} meant?" if near else f"; it has {', '.join(fields)}" if fields else ""
    return f"{event_type} has no field {path!r}{hint}"


def _plain(shape: shapes.Type) -> shapes.Type:
    """`shape` without what may be absent, and without marks."""
    while True:
        if isinstance(shape, shapes.Metadata):
            shape = shape.type
        elif isinstance(shape, shapes.UnionType):
            rest = [_plain(one) for one in shape.types if not isinstance(_plain(one), shapes.NoneType)]
            if len(rest) != 1:
                return msgspec.structs.replace(shape, types=tuple(rest))
            shape = rest[0]
        else:
            return shape


def _element(shape: shapes.Type) -> shapes.Type | None:
    if isinstance(shape, shapes.VarTupleType | shapes.ListType):
        return _plain(shape.item_type)
    return None


def _kind(shape: shapes.Type, many: bool) -> Kind:
    one: Kind = "others"
    if isinstance(shape, shapes.StrType):
        one = "text"
    elif isinstance(shape, shapes.LiteralType):
        one = "text" if all(isinstance(value, str) for value in shape.values) else "others"
    elif isinstance(shape, shapes.BoolType):
        one = "boolean"
    elif isinstance(shape, shapes.IntType):
        one = "integer"
    elif isinstance(shape, shapes.FloatType):
        one = "number"
    elif isinstance(shape, shapes.StructType) and shape.cls is Money:
        one = "money"
    elif isinstance(shape, shapes.UnionType) and all(
        isinstance(x, shapes.StrType | shapes.IntType) for x in shape.types
    ):
        one = "text"  # such as a status that some write as a number
    if many:
        return "texts" if one == "text" else "integers" if one == "integer" else "others"
    return one


def getter(field: Field) -> Callable[[dict[str, Any]], Any]:
    """A function from an event's data to the value: None when it is absent; for what goes through a list, a list."""
    names = field.names
    if field.through:
        return lambda data: _many(data, names, field.through)
    if field.sized:
        absent = 0 if field.empty else None
        return lambda data: _size(_follow(data, names), absent)
    if len(names) == 1:
        name = names[0]
        return lambda data: data.get(name)
    return lambda data: _follow(data, names)


def _follow(value: Any, names: Sequence[str]) -> Any:
    for name in names:
        if not isinstance(value, dict):
            return None
        value = value.get(name)
    return value


def _size(value: Any, absent: int | None) -> int | None:
    return len(value) if isinstance(value, list | tuple) else absent


def _many(data: dict[str, Any], names: tuple[str, ...], through: int) -> list[Any]:
    elements = _follow(data, names[:through])
    if not isinstance(elements, list | tuple):
        return []
    values = (_follow(element, names[through:]) for element in elements)
    return [value for value in values if value is not None]
