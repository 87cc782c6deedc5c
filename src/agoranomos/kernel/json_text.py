"""JSON as others send it: where it is broken, and which keys stand twice in one object.

Of two equal keys most readers keep the last and drop the first in silence (RFC 8259, section 4: the behaviour is
unpredictable), so that a check and whoever stores the event may see two different listings.
"""

from __future__ import annotations

import json
import re
from typing import Any

import msgspec

from agoranomos.kernel.errors import Invalid

TWICE = "a key stands twice in one object"
_WRITTEN_QUOTE = rb"\u0022"
_FIELD_NAME = re.compile(r"[A-Za-z_]{1,40}")
_NO_JSON = (msgspec.DecodeError, UnicodeDecodeError, RecursionError, ValueError)


class BrokenJson(Invalid):
    """The text is not valid JSON in UTF-8.

    `offset` counts bytes from 0; `line` and `column` count from 1, the column in characters. None where the whole is
    at fault (nested too deeply, half a character, a number without end).
    """

    def __init__(self, what: str, place: tuple[int, int, int] | None) -> None:
        self.line: int | None
        self.column: int | None
        self.offset: int | None
        self.line, self.column, self.offset = place or (None, None, None)
        where = f": line {self.line}, column {self.column} (byte {self.offset})" if place else ""
        super().__init__(f"the {what} is not valid JSON in UTF-8{where}")


def decoded(raw: bytes, what: str = "text") -> Any:
    """The value in `raw`; raises BrokenJson, or Invalid with the pointer of a key that stands twice."""
    try:
        value = msgspec.json.decode(raw)
        kept = msgspec.json.encode(value)
    except _NO_JSON as error:
        raise BrokenJson(what, _place(raw)) from error
    # Strings that were dropped take their quotes with them, so that equal numbers of quotes spare a slower reading.
    # Only \u0022 is a quote that is written as none.
    if _WRITTEN_QUOTE in raw or raw.count(b'"') != kept.count(b'"'):
        for pointer in repeated_keys(raw):
            raise Invalid(TWICE, pointer=pointer)
    return value


def repeated_keys(raw: bytes) -> list[str]:
    """Pointers of the keys of the valid JSON `raw` that stand twice in one object, in reading order.

    A pointer ends at the object that holds them where a step could be content rather than the name of a field.
    """
    doubled: dict[int, tuple[dict[str, Any], str]] = {}

    def noted(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
        found = dict(pairs)
        if len(found) != len(pairs):
            seen: set[str] = set()
            again = next(key for key, _ in pairs if key in seen or seen.add(key))  # type: ignore[func-returns-value]
            doubled[id(found)] = (found, again)  # kept alive, so that no other object gets its id
        return found

    try:
        # Numbers are left as text: one of a million digits takes minutes to become an integer.
        value = json.loads(raw, object_pairs_hook=noted, parse_int=str, parse_float=str)
    except RecursionError as error:
        raise Invalid("the JSON is nested too deeply") from error
    return _pointers(value, "", doubled) if doubled else []


def _pointers(value: Any, pointer: str, doubled: dict[int, tuple[dict[str, Any], str]]) -> list[str]:
    if isinstance(value, list):
        return [one for index, item in enumerate(value) for one in _pointers(item, f"{pointer}/{index}", doubled)]
    if not isinstance(value, dict):
        return []
    own = [_step(pointer, doubled[id(value)][1])] if id(value) in doubled else []
    return own + [one for key, item in value.items() for one in _pointers(item, _step(pointer, key), doubled)]


def _step(pointer: str, key: str) -> str:
    return f"{pointer}/{key}" if _FIELD_NAME.fullmatch(key) else pointer


def _place(raw: bytes) -> tuple[int, int, int] | None:
    """Line, column and byte at which `raw` stops being JSON; None when that is no single place."""
    try:
        text = raw.decode()
    except UnicodeDecodeError as error:
        return _counted(raw, error.start)
    try:
        json.loads(text, parse_int=str, parse_float=str)
    except json.JSONDecodeError as error:
        return _counted(raw, len(text[: error.pos].encode()))
    except RecursionError:
        return None
    return None


def _counted(raw: bytes, offset: int) -> tuple[int, int, int]:
    before = raw[:offset].decode("utf-8", "replace")
    return before.count("\n") + 1, len(before) - (before.rfind("\n") + 1) + 1, offset
