"""From an event to what a feature counts of it: whether, under which key, and which values."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any, Final

from agoranomos.engine.features.encoding import (
    MILLIONTHS,
    Key128,
    Texts,
    Value,
    distinct_64,
    key_128,
    millionths,
    moment_of,
    whole,
)
from agoranomos.engine.features.fields import TIME, getter
from agoranomos.engine.features.model import Feature

Take = Callable[[dict[str, Any], int], Sequence[int]]
"""(data, time in microseconds) -> what is to be put in; nothing when the event does not count."""
_ONE: Final = (1,)


class Taker:
    """What one feature makes of events; `other_currency` counts amounts that were left out."""

    def __init__(self, feature: Feature) -> None:
        self.feature = feature
        self.texts = Texts()
        self.other_currency = 0
        self._parts = [getter(field) for field in feature.by]
        self._value = _value(feature, self.texts)
        self._where = feature.where

    def key(self, data: dict[str, Any]) -> Key128 | None:
        """The key of an event; None when a part of it is missing."""
        return key_128([part(data) for part in self._parts])

    def take(self, data: dict[str, Any], at: int) -> Sequence[int]:
        """The values that the event adds at `at`; none when it does not count."""
        if self._where is not None and self._where.holds(data) is not True:
            return ()
        if self._currency_differs(data):
            self.other_currency += 1
            return ()
        return self._value(data, at)

    def _currency_differs(self, data: dict[str, Any]) -> bool:
        currency = self.feature.declared.currency
        if currency is None or self.feature.field is None:
            return False
        money: Any = data
        for name in self.feature.field.names[:-1]:
            money = money.get(name) if isinstance(money, dict) else None
        return isinstance(money, dict) and money.get("currency") != currency


def _value(feature: Feature, texts: Texts) -> Take:
    if feature.aggregate == "ratio":
        share = feature.share
        assert share is not None
        return lambda data, _: (1,) if share.holds(data) is True else (0,)
    field = feature.field
    if field is None:
        return lambda _, __: _ONE
    get = getter(field)
    if feature.aggregate == "count":
        if field.path == TIME:
            return lambda _, __: _ONE
        return lambda data, _: () if get(data) in (None, []) else _ONE
    if field.path == TIME:
        return lambda _, at: (at,)
    if field.through:
        return lambda data, _: [distinct_64(each) for each in dict.fromkeys(get(data))]
    encode = _encoder(feature, texts)

    def take(data: dict[str, Any], _: int) -> Sequence[int]:
        raw = get(data)
        if raw is None:
            return ()
        code = encode(raw)
        return () if code is None else (code,)

    return take


def _encoder(feature: Feature, texts: Texts) -> Callable[[Any], int | None]:
    assert feature.field is not None
    kind = feature.field.kind
    if feature.aggregate == "count_distinct":
        return _distinct_number if kind == "number" else distinct_64
    if kind == "number":
        return millionths
    if kind == "text":
        return lambda raw: texts.code(str(raw))
    return whole


def _distinct_number(raw: Any) -> int | None:
    scaled = millionths(raw)
    return None if scaled is None else distinct_64(scaled)


def decoder(feature: Feature, texts: Texts) -> Callable[[int, int], Value]:
    """From (value, over how many) to the value that rules see."""
    match feature.aggregate:
        case "count" | "count_distinct":
            return lambda value, _: value
        case "ratio":
            return lambda value, number: float(value) / float(number) if number else None
        case "avg":
            scale = MILLIONTHS if feature.result == "number" and feature.field and feature.field.kind == "number" else 1
            return lambda value, number: float(value) / float(number) / scale if number else None
    decode = _PLAIN[feature.result]
    if feature.result == "text":
        return lambda value, number: texts.texts[value] if number else None
    return lambda value, number: decode(value) if number else None


_PLAIN: Final[dict[str, Callable[[int], Value]]] = {
    "integer": lambda value: value,
    "number": lambda value: float(value) / MILLIONTHS,
    "boolean": lambda value: value == 1,
    "moment": moment_of,
    "text": lambda value: value,
}
