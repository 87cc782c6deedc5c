"""What a body must hold beyond its types, worked out once per type: printable ids, and one of several fields."""

from __future__ import annotations

from collections.abc import Iterator
from functools import cache
from typing import NamedTuple

import msgspec
import msgspec.inspect as shapes

from agoranomos.kernel.errors import Invalid
from agoranomos.kernel.schema.base import ID, Body

_NOT_PRINTABLE = "an id has 1 to 128 printable characters"


class _Step(NamedTuple):
    """A field that holds ids: itself, as a list (`many`), or further inside (`inner`)."""

    attribute: str
    key: str
    many: bool
    inner: tuple[_Step, ...]


def check(body: msgspec.Struct, pointer: str = "") -> None:
    """Raises Invalid, with the place below `pointer`, for an id that cannot be printed or a group of fields of which
    none is given.
    """
    form = type(body)
    for step in _steps(form):
        value = getattr(body, step.attribute)
        if value is None:
            continue
        if not step.many and not step.inner:
            if not value.isprintable():  # the commonest case, without a call
                raise Invalid(_NOT_PRINTABLE, pointer=f"{pointer}/{step.key}")
        else:
            _check_inside(value, step, f"{pointer}/{step.key}")
    if isinstance(body, Body) and body.either:
        _check_either(body, pointer)


def has_either(body: Body) -> bool:
    """Whether of each group of fields of which one is needed one is given."""
    return all(any(getattr(body, name) is not None for name in names) for names in body.either)


def _check_inside(value: object, step: _Step, pointer: str) -> None:
    if step.many:
        assert isinstance(value, tuple)
        for index, item in enumerate(value):
            _check_one(item, f"{pointer}/{index}")
    else:
        _check_one(value, pointer)


def _check_one(value: object, pointer: str) -> None:
    if isinstance(value, msgspec.Struct):
        check(value, pointer)
    elif isinstance(value, str) and not value.isprintable():
        raise Invalid(_NOT_PRINTABLE, pointer=pointer)


def _check_either(body: Body, pointer: str) -> None:
    for names in body.either:
        if all(getattr(body, name) is None for name in names):
            raise Invalid(f"one of the fields {' and '.join(names)} is required", pointer=f"{pointer}/{names[0]}")


@cache
def _steps(form: type[msgspec.Struct]) -> tuple[_Step, ...]:
    structure = shapes.type_info(form)
    assert isinstance(structure, shapes.StructType)
    return tuple(_struct_steps(structure))


def _struct_steps(structure: shapes.StructType) -> Iterator[_Step]:
    for field in structure.fields:
        found = _within(field.type)
        if found is not None:
            many, inner = found
            yield _Step(field.name, field.encode_name, many, inner)


def _within(kind: shapes.Type) -> tuple[bool, tuple[_Step, ...]] | None:
    """Whether a field of this type holds many, and the steps inside; None when no id is in it."""
    if isinstance(kind, shapes.Metadata):
        return (False, ()) if (kind.extra or {}).get(ID) else _within(kind.type)
    if isinstance(kind, shapes.UnionType):
        return next((found for each in kind.types if (found := _within(each)) is not None), None)
    if isinstance(kind, shapes.VarTupleType):
        inside = _within(kind.item_type)
        return None if inside is None else (True, inside[1])
    if isinstance(kind, shapes.StructType):
        steps = tuple(_struct_steps(kind))
        return (False, steps) if steps else None
    return None
