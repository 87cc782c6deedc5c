"""Declarations of features as data, and what they are checked for."""

from __future__ import annotations

import hashlib
import re
from datetime import timedelta
from functools import cached_property
from typing import Final, Literal

import msgspec

from agoranomos.engine.features.conditions import Where
from agoranomos.engine.features.fields import Field, Kind, field_of
from agoranomos.engine.rules.tree import Type
from agoranomos.engine.rules.types import FeatureInfo
from agoranomos.kernel.errors import Invalid
from agoranomos.kernel.money import MINOR_DIGITS

Aggregate = Literal["count", "sum", "count_distinct", "min", "max", "last", "avg", "ratio"]
WINDOW_MIN: Final = timedelta(minutes=1)
WINDOW_MAX: Final = timedelta(days=400)
_UNITS: Final = {"s": "seconds", "m": "minutes", "h": "hours", "d": "days"}
_ORDERED: Final[tuple[Kind, ...]] = ("integer", "number", "money", "moment")
_COUNTABLE: Final[tuple[Kind, ...]] = ("text", "integer", "number", "boolean", "texts", "integers")
_FITTING: Final[dict[str, tuple[Kind, ...]]] = {
    "count": (*_COUNTABLE, "money", "moment"),
    "sum": ("integer", "number", "money"),
    "avg": ("integer", "number", "money"),
    "min": _ORDERED,
    "max": _ORDERED,
    "last": (*_ORDERED, "text", "boolean"),
    "count_distinct": _COUNTABLE,
}
_RESULTS: Final[dict[Kind, Type]] = {
    "money": Type.INTEGER, "integer": Type.INTEGER, "number": Type.NUMBER, "moment": Type.MOMENT,
    "text": Type.TEXT, "boolean": Type.BOOLEAN,
}  # fmt: skip
_KEYS: Final[dict[Kind, Type]] = {"text": Type.TEXT, "integer": Type.INTEGER, "boolean": Type.BOOLEAN}


class Declaration(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A feature as people write it; `window` is a number with s, m, h or d.

    `field` is a field of the data (`rating`, `paid`, `lines.listing_id`), `size(lines)`, or `time`. `currency` goes
    with money and with nothing else. `share` goes with `ratio`: the condition whose share is taken.
    """

    name: str
    aggregate: Aggregate
    event: str | tuple[str, ...]
    window: str
    by: tuple[str, ...] = ()
    field: str | None = None
    where: str | None = None
    share: str | None = None
    currency: str | None = None
    description: str = ""


class Feature:
    """A declaration that was checked. `window_us` is in microseconds, `by` and `field` are fields of the schema."""

    def __init__(self, declared: Declaration) -> None:
        """Raises Invalid with the pointer of what is wrong."""
        self.declared = declared
        self.name = declared.name
        if not re.fullmatch(r"[a-z][a-z0-9_]{0,62}", self.name):
            raise Invalid("a feature's name has small letters, digits and _, and begins with a letter", pointer="/name")
        self.aggregate = declared.aggregate
        self.types = (declared.event,) if isinstance(declared.event, str) else tuple(declared.event)
        if not self.types or len(set(self.types)) < len(self.types):
            raise Invalid("name one type of event, or several different ones", pointer="/event")
        self.window_us = window_us(declared.window)
        self.by = tuple(field_of(self.types, name, f"/by/{i}") for i, name in enumerate(declared.by))
        for place, key in enumerate(self.by):
            if key.kind not in _KEYS:
                raise Invalid(
                    f"{key.path} is {key.described}; a key is a text, integer or boolean", pointer=f"/by/{place}"
                )
        self.field = _field(declared, self.types)
        self.where = _condition(declared.where, "/where", self.types)
        self.share = _condition(declared.share, "/share", self.types)
        if (self.aggregate == "ratio") != (self.share is not None):
            raise Invalid(
                "`ratio` needs `share`, the condition whose share is taken; nothing else has one", pointer="/share"
            )
        self.result = _result(self.aggregate, self.field)

    @property
    def several(self) -> bool:
        """Whether one event may give several values: the elements of a list."""
        return self.field is not None and self.field.kind in ("texts", "integers") and self.aggregate != "count"

    @property
    def info(self) -> FeatureInfo:
        """The feature as rules see it."""
        return FeatureInfo(tuple(_KEYS[field.kind] for field in self.by), self.result)

    @cached_property
    def fingerprint(self) -> str:
        """16 hex digits that differ whenever what is counted differs."""
        counted = msgspec.structs.replace(self.declared, description="")
        return hashlib.blake2b(msgspec.json.encode(counted), digest_size=8).hexdigest()


def window_us(text: str) -> int:
    """A window such as `10m` in microseconds. Raises Invalid."""
    found = re.fullmatch(r"(\d{1,9})([smhd])", text.strip())
    window = timedelta(**{_UNITS[found[2]]: int(found[1])}) if found else timedelta(0)
    if not WINDOW_MIN <= window <= WINDOW_MAX:
        raise Invalid("a window is a number with s, m, h or d, from 1m to 400d, such as 10m", pointer="/window")
    return window // timedelta(microseconds=1)


def _field(declared: Declaration, types: tuple[str, ...]) -> Field | None:
    if declared.field is None:
        if declared.aggregate not in ("count", "ratio"):
            raise Invalid(f"`{declared.aggregate}` needs a field", pointer="/field")
        if declared.currency is not None:
            raise Invalid("a currency goes with a field that is money", pointer="/currency")
        return None
    if declared.aggregate == "ratio":
        raise Invalid("`ratio` counts events; leave the field out", pointer="/field")
    field = field_of(types, declared.field, "/field")
    fitting = _FITTING[declared.aggregate]
    if field.kind not in fitting:
        raise Invalid(f"{field.path} is {field.described}; `{declared.aggregate}` cannot use it", pointer="/field")
    needed = field.kind == "money" and declared.aggregate != "count"
    if needed and declared.currency is None:
        raise Invalid("say which `currency` counts; amounts in others are left out", pointer="/currency")
    if declared.currency is not None and not (needed and declared.currency in MINOR_DIGITS):
        raise Invalid("a currency is an ISO 4217 code such as CNY, and goes with money", pointer="/currency")
    return field


def _condition(text: str | None, pointer: str, types: tuple[str, ...]) -> Where | None:
    if text is None:
        return None
    try:
        return Where(text, types)
    except Invalid as error:
        raise Invalid(error.message, pointer=pointer) from error


def _result(aggregate: Aggregate, field: Field | None) -> Type:
    if aggregate in ("count", "count_distinct"):
        return Type.INTEGER
    if aggregate in ("avg", "ratio") or field is None:
        return Type.NUMBER
    return _RESULTS[field.kind]
