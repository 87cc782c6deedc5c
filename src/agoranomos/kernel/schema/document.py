"""The JSON Schema (draft 2020-12) of all events, for those who write or check them elsewhere."""

from __future__ import annotations

from typing import Any

import msgspec

from agoranomos.kernel.schema import TYPES
from agoranomos.kernel.schema.base import Body

_REFERENCE = "#/$defs/{name}"
_ID = {"type": "string", "minLength": 1, "maxLength": 128}
_TEXT = {"type": "string", "minLength": 1, "maxLength": 256}


def json_schema() -> dict[str, Any]:
    """An object with `type` and the data that goes with it; the same rules as `kernel.events`, but for those that a
    schema cannot say: printable ids, currencies, repeated keys.
    """
    forms = list(dict.fromkeys(TYPES.values()))
    references, definitions = msgspec.json.schema_components(forms, ref_template=_REFERENCE)
    by_form = dict(zip(forms, references, strict=True))
    for form in forms:
        _say_either(definitions[form.__name__], form)
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "title": "Events",
        "type": "object",
        "required": ["id", "source", "type", "time", "data"],
        "properties": {
            "specversion": {"const": "1.0"},
            "id": _ID,
            "source": _TEXT,
            "type": {"enum": sorted(TYPES)},
            "time": {"type": "string", "format": "date-time"},
            "subject": {"anyOf": [_TEXT, {"type": "null"}]},
            "data": {"type": "object"},
        },
        "oneOf": [
            {"properties": {"type": {"const": kind}, "data": by_form[TYPES[kind]]}, "title": kind}
            for kind in sorted(TYPES)
        ],
        "$defs": {name: _unwrapped(definitions[name]) for name in sorted(definitions)},
    }


def _say_either(definition: dict[str, Any], form: type[Body]) -> None:
    if form.either:
        definition["allOf"] = [{"anyOf": [{"required": [name]} for name in names]} for names in form.either]


def _unwrapped(node: Any) -> Any:
    """`node` without the line breaks of docstrings."""
    if isinstance(node, list):
        return [_unwrapped(item) for item in node]
    if not isinstance(node, dict):
        return node
    plain = {key: _unwrapped(value) for key, value in node.items()}
    if isinstance(plain.get("description"), str):
        plain["description"] = " ".join(plain["description"].split())
    return plain
