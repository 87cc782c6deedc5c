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
    whole,
)
from agoranomos.engine.features.fields import TIME, getter
from agoranomos.engine.features.model import Feature
from agoranomos.engine.features.sharing import WHOLE, Share
from agoranomos.engine.rules.tree import Type
from agoranomos.kernel.events import Event

Take = Callable[[Event, int], Sequence[int]]
"""(event, time in microseconds) -> what is to be put in; nothing when the event does not count."""
_ONE: Final = (1,)


class Taker:
    """What one feature makes of events, where only keys of `share` are counted."""

    def __init__(self, feature: Feature, texts: Texts, share: Share = WHOLE) -> None:
        self.feature = feature
        self._share = None if share == WHOLE else share
        self._currency = feature.declared.currency
        self._parts = [getter(field) for field in feature.by]
        self._value = _value(feature, texts)
        self._where = feature.where

    def key(self, data: dict[str, Any]) -> Key128 | None:
        """The key of an event; None when a part of it is missing, and when it is another share's."""
        key = key_128([part(data) for part in self._parts])
        return key if self._share is None or key is None or self._share.holds(key) else None

    def take(self, event: Event, at: int) -> Sequence[int]:
        """The values that the event adds at `at`; none when it does not count."""
        if self._where is not None and not self._where.holds(event):
            return ()
        return () if self._currency is not None and self.in_other_currency(event) else self._value(event, at)

    def added(self, event: Event, at: int) -> Sequence[int | str]:
        """The same for whoever keeps the texts elsewhere: texts as they are."""
        if self.feature.result is not Type.TEXT:
            return self.take(event, at)
        texts = Texts()
        return [texts.texts[code] for code in Taker(self.feature, texts).take(event, at)]

    def in_other_currency(self, event: Event) -> bool:
        """Whether the event has the amount, in a currency that does not count."""
        if self._currency is None or self.feature.field is None:
            return False
        money: Any = event.data
        for name in self.feature.field.names[:-1]:
            money = money.get(name) if isinstance(money, dict) else None
        return isinstance(money, dict) and money.get("currency") != self._currency


def _value(feature: Feature, texts: Texts) -> Take:
    if feature.aggregate == "ratio":
        share = feature.share
        assert share is not None
        return lambda event, _: (1,) if share.holds(event) else (0,)
    field = feature.field
    if field is None:
        return lambda _, __: _ONE
    get = getter(field)
    if feature.aggregate == "count":
        if field.path == TIME:
            return lambda _, __: _ONE
        return lambda event, _: () if get(event.data) in (None, []) else _ONE
    if field.path == TIME:
        return lambda _, at: (at,)
    if field.through:
        return lambda event, _: [distinct_64(each) for each in dict.fromkeys(get(event.data))]
    encode = _encoder(feature, texts)

    def take(event: Event, _: int) -> Sequence[int]:
        raw = get(event.data)
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
            scale = MILLIONTHS if feature.field is not None and feature.field.kind == "number" else 1
            return lambda value, number: float(value) / float(number) / scale if number else None
    if feature.result is Type.TEXT:
        return lambda value, number: texts.texts[value] if number else None
    decode = _PLAIN[feature.result]
    return lambda value, number: decode(value) if number else None


_PLAIN: Final[dict[Type, Callable[[int], Value]]] = {
    Type.INTEGER: lambda value: value,
    Type.NUMBER: lambda value: float(value) / MILLIONTHS,
    Type.BOOLEAN: lambda value: value == 1,
    Type.MOMENT: lambda value: value,
}
