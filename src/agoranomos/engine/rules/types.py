"""What a rule may name: the fields of an event with their types, and what the caller declares beside them.

A field is seen as the typed body sees it (`kernel.schema`): absent text or lists that the body takes as empty are
empty, everything else that is absent is NULL. Money is two names, `paid.amount` in minor units and `paid.currency`,
and `paid` stands for both.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from functools import cache
from types import MappingProxyType
from typing import Any, Final

import msgspec
import msgspec.inspect as shapes

from agoranomos.engine.rules.tree import Type
from agoranomos.engine.rules.words import RESERVED
from agoranomos.kernel.errors import Conflict, NotFound
from agoranomos.kernel.money import Money
from agoranomos.kernel.schema import TYPES

CALENDAR: Final = "Asia/Shanghai"
"""Hours and days of the week are those of this zone unless the caller says otherwise."""

CHECKS: Final[Mapping[str, tuple[str, ...]]] = MappingProxyType({
    "listing": ("listing.submitted", "listing.updated"),
    "application": ("seller.applied",),
    "coupon-claim": ("coupon.claimed",),
    "coupon-redeem": ("coupon.redeemed",),
    "review": ("review.posted",),
    "data-read": ("data.read",),
    "payout": ("payout.requested",),
})  # fmt: skip
"""The checks, and the types of event that each runs on; all types of one check have one body."""


class FieldInfo(msgspec.Struct, frozen=True):
    """A field that holds a plain value. `options` are the values of an enumeration, `loose` reads integers as text."""

    type: Type
    path: tuple[str, ...]
    options: tuple[str, ...] = ()
    default: str | tuple[str, ...] | None = None
    loose: bool = False


class ObjectsInfo(msgspec.Struct, frozen=True):
    """A field that holds a list of objects; `fields` are those inside, by dotted name, and `money` names pairs."""

    path: tuple[str, ...]
    fields: Mapping[str, FieldInfo]
    money: frozenset[str]
    absent_is_empty: bool


class FeatureInfo(msgspec.Struct, frozen=True):
    """A feature as a rule sees it: the types of its keys in order, and of its value (one of the plain types)."""

    keys: tuple[Type, ...]
    gives: Type


class Scope(msgspec.Struct, frozen=True):
    """The names that a condition may use. `name` is the event type or check, for messages.

    `money` are dotted names that stand for a pair of amount and currency. `detectors` None: any code may stand in
    `score`; an empty set: scores are not at hand.
    """

    name: str
    fields: Mapping[str, FieldInfo]
    money: frozenset[str] = frozenset()
    objects: Mapping[str, ObjectsInfo] = {}
    features: Mapping[str, FeatureInfo] = {}
    lists: frozenset[str] = frozenset()
    detectors: frozenset[str] | None = frozenset()
    calendar: str = CALENDAR

    def extended(
        self,
        *,
        fields: Mapping[str, Type] | None = None,
        features: Mapping[str, FeatureInfo] | None = None,
        lists: Iterable[str] = (),
        detectors: Iterable[str] | None = (),
        calendar: str | None = None,
    ) -> Scope:
        """This scope with more names; `fields` are those that a marketplace sends beyond the contract, by dotted path.

        Raises Conflict for a name that is taken.
        """
        more = {name: FieldInfo(kind, tuple(name.split("."))) for name, kind in (fields or {}).items()}
        for name in {*more} & ({*self.fields} | self.money | {*self.objects}):
            raise Conflict(f"{self.name} already has a field {name}; leave it out of the declared fields")
        for name in features or {}:
            if name.lower() in RESERVED:
                raise Conflict(f"{name} is a word of the language; give the feature another name")
        known = None if detectors is None or self.detectors is None else self.detectors | frozenset(detectors)
        return msgspec.structs.replace(
            self,
            fields={**self.fields, **more},
            features={**self.features, **(features or {})},
            lists=self.lists | frozenset(lists),
            detectors=known,
            calendar=calendar or self.calendar,
        )

    @property
    def is_check(self) -> bool:
        return self.name in CHECKS


@cache
def scope_of(listens: str) -> Scope:
    """The scope of an event type or a check, without features and lists; NotFound for another word."""
    kinds = CHECKS.get(listens, (listens,))
    form = TYPES.get(kinds[0])
    if form is None:
        raise NotFound(f"there is no event type or check {listens}; see docs/events.md, or one of {', '.join(CHECKS)}")
    found = _Found()
    for name, kind, default in _fields(form):
        found.add((name,), kind, default)
    return Scope(listens, found.fields, frozenset(found.money), found.objects)


class _Found:
    """Gathers the fields of a structure."""

    def __init__(self) -> None:
        self.fields: dict[str, FieldInfo] = {}
        self.money: set[str] = set()
        self.objects: dict[str, ObjectsInfo] = {}

    def add(self, path: tuple[str, ...], kind: shapes.Type, default: Any) -> None:
        """Adds what `kind` holds at `path`; values of any form and tables of unknown keys are left out."""
        kinds = list(_alternatives(kind))
        name = ".".join(path)
        structures = [each for each in kinds if isinstance(each, shapes.StructType)]
        if len(kinds) == 1 and structures:
            self._add_structure(name, path, structures[0])
        elif len(kinds) == 1 and isinstance(kinds[0], shapes.VarTupleType):
            self._add_list(name, path, kinds[0], default)
        elif (plain := _plain(kinds)) is not None:
            options = tuple(map(str, kinds[0].values)) if isinstance(kinds[0], shapes.LiteralType) else ()
            empty = default if isinstance(default, str) else None
            self.fields[name] = FieldInfo(plain, path, options, empty, loose=plain is Type.TEXT and len(kinds) > 1)

    def _add_structure(self, name: str, path: tuple[str, ...], kind: shapes.StructType) -> None:
        if kind.cls is Money:
            self.money.add(name)
        for inside, form, default in _fields(kind.cls):
            self.add((*path, inside), form, default)

    def _add_list(self, name: str, path: tuple[str, ...], kind: shapes.VarTupleType, default: Any) -> None:
        items = list(_alternatives(kind.item_type))
        if _plain(items) is Type.TEXT:
            empty = () if default == () else None
            self.fields[name] = FieldInfo(Type.TEXTS, path, default=empty)
        elif len(items) == 1 and isinstance(items[0], shapes.StructType):
            found = _Found()
            for inside, form, each in _fields(items[0].cls):
                found.add((inside,), form, each)
            self.objects[name] = ObjectsInfo(path, found.fields, frozenset(found.money), default == ())


def _fields(form: type) -> Iterator[tuple[str, shapes.Type, Any]]:
    structure = shapes.type_info(form)
    assert isinstance(structure, shapes.StructType)
    for field in structure.fields:
        yield field.encode_name, field.type, field.default


def _alternatives(kind: shapes.Type) -> Iterator[shapes.Type]:
    """The kinds that a value may have, but for null."""
    if isinstance(kind, shapes.Metadata):
        yield from _alternatives(kind.type)
    elif isinstance(kind, shapes.UnionType):
        for each in kind.types:
            yield from _alternatives(each)
    elif not isinstance(kind, shapes.NoneType):
        yield kind


def _plain(kinds: list[shapes.Type]) -> Type | None:
    forms = {type(kind) for kind in kinds}
    if forms == {shapes.IntType}:
        return Type.INTEGER
    if forms and forms <= {shapes.IntType, shapes.FloatType}:
        return Type.NUMBER
    if forms <= {shapes.StrType, shapes.IntType} or (
        len(kinds) == 1 and isinstance(kinds[0], shapes.LiteralType) and isinstance(kinds[0].values[0], str)
    ):
        return Type.TEXT if kinds else None
    return (
        {shapes.BoolType: Type.BOOLEAN, shapes.DateTimeType: Type.MOMENT}.get(forms.pop()) if len(forms) == 1 else None
    )
