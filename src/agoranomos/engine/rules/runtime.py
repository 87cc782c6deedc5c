"""What compiled rules call: functions of the language that Python does not have in the same form."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from datetime import UTC, datetime, timedelta
from functools import lru_cache
from typing import Any, Final, Protocol
from zoneinfo import ZoneInfo

from agoranomos.engine.rules.tree import INTEGER_MAX, INTEGER_MIN, Value
from agoranomos.kernel.clock import rfc3339

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_MICROSECOND = timedelta(microseconds=1)
_zone = lru_cache(maxsize=64)(ZoneInfo)

# Letters whose full case mapping has several characters: SQL maps one to one (Unicode, simple case mapping).
_LOWER: Final = {0x130: "i"}
_UPPER: Final = {
    0xDF: "\u1e9e", 0x1FB3: "\u1fbc", 0x1FC3: "\u1fcc", 0x1FF3: "\u1ffc",
    **{start + at: chr(start + at + 8) for start in (0x1F80, 0x1F90, 0x1FA0) for at in range(8)},
}  # fmt: skip


class Lookups(Protocol):
    """What a rule may ask beyond the event; the answers must not change while one event is judged."""

    def feature(self, name: str, keys: tuple[Value, ...]) -> Value:
        """The feature's value at the event for these keys, none of which is None; None when it has no value.

        Moments come and go as microseconds since 1970 in UTC.
        """

    def listed(self, name: str, item: str) -> bool:
        """Whether `item` stands on the list `name`, and its entry has not expired."""

    def score(self, code: str) -> float | None:
        """The score that the detector or rule `code` gave in this check; None when it found nothing."""


class Happened(Protocol):
    """An event as rules see it; `kernel.events.Event` is one."""

    @property
    def time(self) -> datetime: ...
    @property
    def subject(self) -> str | None: ...
    @property
    def data(self) -> dict[str, Any]: ...


class NoLookups:
    """For conditions over the event alone: whoever asks for more made a mistake in the scope."""

    def feature(self, name: str, keys: tuple[Value, ...]) -> Value:  # noqa: ARG002 - as the protocol has it
        raise LookupError(f"no features are at hand, and the rule asks for {name}")

    def listed(self, name: str, item: str) -> bool:  # noqa: ARG002 - as the protocol has it
        raise LookupError(f"no lists are at hand, and the rule asks for {name}")

    def score(self, code: str) -> float | None:
        raise LookupError(f"no scores are at hand, and the rule asks for {code}")


def microseconds(moment: datetime) -> int:
    """`moment` as microseconds since 1970 in UTC."""
    return (moment - _EPOCH) // _MICROSECOND


def moment_text(value: int) -> str:
    """Microseconds since 1970 as RFC 3339 in UTC."""
    return rfc3339(_EPOCH + timedelta(microseconds=value))


def moment_or_none(value: int | None) -> str | None:
    """The same, and None of None."""
    return None if value is None else moment_text(value)


def list_or_none(value: list[str] | tuple[str, ...] | None) -> list[str] | None:
    """A list of its own, as JSON has it."""
    return None if value is None else list(value)


def moment(value: object) -> int | None:
    """Microseconds since 1970 of an RFC 3339 text with an offset; None of anything else."""
    if type(value) is not str:
        return None
    try:
        parsed = datetime.fromisoformat(value.upper())  # RFC 3339 allows t and z
        return None if parsed.tzinfo is None else microseconds(parsed)
    except (ValueError, OverflowError):
        return None


def number(value: object) -> float | None:
    """A double that is finite; None of anything else, truth values included."""
    if type(value) is float:
        return value if -1.7976931348623157e308 <= value <= 1.7976931348623157e308 else None
    try:
        return float(value) if type(value) is int else None
    except OverflowError:
        return None


def loose_text(value: object) -> str | None:
    """Text, or an integer written as text."""
    if type(value) is str:
        return value
    return str(value) if type(value) is int and INTEGER_MIN <= value <= INTEGER_MAX else None


def texts(value: object, absent: tuple[str, ...] | None = None) -> list[str] | tuple[str, ...] | None:
    """A list of texts; `absent` of None, and None of anything else."""
    if value is None:
        return absent
    if type(value) is list and all(type(each) is str for each in value):
        return value
    return None


def int_rest(left: int, right: int) -> int:
    """The rest of a division towards zero: it has the sign of `left`, as in SQL."""
    rest = abs(left) % abs(right)
    return -rest if left < 0 else rest


def hour_of(value: int, zone: str) -> int:
    """0 to 23 on the clocks of `zone`."""
    return _local(value, zone).hour


def weekday_of(value: int, zone: str) -> int:
    """1 (Monday) to 7 (Sunday) in `zone`."""
    return _local(value, zone).isoweekday()


def _local(value: int, zone: str) -> datetime:
    return (_EPOCH + timedelta(microseconds=value)).astimezone(_zone(zone))


def lower(text: str) -> str:
    """Small letters by the simple case mapping of Unicode, a character for a character."""
    return text.lower() if text.isascii() else "".join(_LOWER.get(ord(each)) or each.lower() for each in text)


def upper(text: str) -> str:
    """Capital letters, likewise: ß becomes ẞ and keeps its length."""
    if text.isascii():
        return text.upper()
    return "".join(_UPPER.get(ord(each)) or _one(each.upper(), each) for each in text)


def _one(mapped: str, original: str) -> str:
    return mapped if len(mapped) == 1 else original


def least(values: Iterable[Any]) -> Any:
    """The smallest that is not None."""
    return min((each for each in values if each is not None), default=None)


def greatest(values: Iterable[Any]) -> Any:
    """The greatest that is not None."""
    return max((each for each in values if each is not None), default=None)


@lru_cache(maxsize=1024)
def like(pattern: str) -> Callable[[str], bool]:
    """A test for LIKE: `%` any characters, `_` one. Its time grows with text times pattern, never faster.

    The pieces between `%` are looked for from the left, each at its first place after the one before; that finds a
    match whenever there is one, so that nothing is ever tried again.
    """
    first, *rest = pattern.split("%")
    if not rest:
        return lambda text: len(text) == len(first) and _stands(text, 0, first)
    middle, last = [piece for piece in rest[:-1] if piece], rest[-1]

    def holds(text: str) -> bool:
        end = len(text) - len(last)
        if end < len(first) or not _stands(text, 0, first) or not _stands(text, end, last):
            return False
        at = len(first)
        for piece in middle:
            at = _find(text, piece, at, end)
            if at < 0:
                return False
            at += len(piece)
        return True

    return holds


def _stands(text: str, at: int, piece: str) -> bool:
    if "_" not in piece:
        return text.startswith(piece, at)
    return all(sign in ("_", text[at + place]) for place, sign in enumerate(piece))


def _find(text: str, piece: str, start: int, end: int) -> int:
    if "_" not in piece:
        return text.find(piece, start, end)
    return next((at for at in range(start, end - len(piece) + 1) if _stands(text, at, piece)), -1)


def aggregate(
    function: str,
    items: object,
    factors: tuple[tuple[str, ...], ...],
    currencies: tuple[tuple[str, ...], ...],
    absent_is_empty: bool,
) -> int | None:
    """`sum`, `min`, `max` of products over a list of objects, `size` of the list; see `tree.Aggregate`.

    An object that lacks a factor is passed over, as NULL is in SQL; of none at all the result is None.
    """
    if items is None and absent_is_empty:
        items = []
    if type(items) is not list:
        return None
    if function == "size":
        return len(items)
    found: list[int] = []
    seen: set[object] = set()
    for item in items:
        product = 1
        for path in factors:
            factor = _inside(item, path)
            if type(factor) is not int or not INTEGER_MIN <= factor <= INTEGER_MAX:
                break
            product *= factor
        else:
            if not INTEGER_MIN <= product <= INTEGER_MAX:
                return None
            found.append(product)
            seen.update(_inside(item, path) for path in currencies)
    seen.discard(None)
    if not found or len(seen) > 1:
        return None
    result = sum(found) if function == "sum" else min(found) if function == "min" else max(found)
    return result if INTEGER_MIN <= result <= INTEGER_MAX else None


def _inside(value: Any, path: tuple[str, ...]) -> Any:
    for step in path:
        value = value.get(step) if type(value) is dict else None
    return value


NAMESPACE: Final[Mapping[str, Any]] = {
    "INT_MIN": INTEGER_MIN, "INT_MAX": INTEGER_MAX, "MISSING": object(),
    "microseconds": microseconds, "moment": moment,
    "moment_or_none": moment_or_none, "list_or_none": list_or_none, "number": number,
    "texts": texts,
    "loose_text": loose_text, "int_rest": int_rest, "hour_of": hour_of, "weekday_of": weekday_of, "lower": lower,
    "upper": upper, "least": least, "greatest": greatest, "aggregate": aggregate,
    "abs": abs, "float": float, "len": len, "dict": dict, "str": str, "int": int, "bool": bool,
    "__builtins__": {},
}  # fmt: skip
"""All that compiled rules can reach."""
