"""The quick ways through a line say what the slow one says: which lines are events, and what is in them."""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import UTC
from typing import Any

import msgspec.inspect as shapes
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from agoranomos.kernel.errors import Invalid
from agoranomos.kernel.events import check_line, parse_again, parse_line
from agoranomos.kernel.schema import TYPES
from tests.builders import make_event
from tests.drawing import examples

_READ = make_event("data.read") | {
    "data": {
        "principal_id": "p1", "principal_kind": "partner", "endpoint": "/orders", "subject_ids": ["a1", "a2"],
        "fields": ["phone"],
    },
}  # fmt: skip
_SUBMITTED = make_event("listing.submitted")


def text(event: dict[str, Any]) -> bytes:
    return json.dumps(event, ensure_ascii=False).encode("utf-8", "surrogatepass")


def refusal(read: Callable[[bytes], object], line: bytes) -> tuple[str, str] | None:
    """Reason and pointer by which `read` refuses the line; None when it takes it."""
    try:
        read(line)
    except Invalid as error:
        return error.message, error.pointer
    return None


def assert_same(line: bytes) -> None:
    """`check_line` takes and refuses what `parse_line` does; `parse_again` gives the same event."""
    refusals = [refusal(parse_line, line), refusal(check_line, line)]
    assert refusals[0] == refusals[1]
    if refusals[0] is not None:
        return
    head, event = check_line(line), parse_line(line)
    assert (head.source, head.id, head.type, head.time) == (*event.identity, event.type, event.time)
    assert parse_again(line, head.id, head.source, head.type, head.time.astimezone(UTC)) == event


@pytest.mark.parametrize(
    "line",
    [
        text(_SUBMITTED),
        text(_READ),
        text(_READ | {"specversion": "1.0", "subject": "s1"}),
        text(_READ | {"specversion": "0.3"}),
        text(_READ | {"specversion": None}),
        text(_READ | {"subject": None}),
        text(_READ | {"subject": "\u3000"}),
        text(_READ | {"traceparent": "00"}),
        text(_READ | {"time": "2026-05-01T08:00:00"}),
        text(_READ | {"time": "0001-01-01T00:00:00+08:00"}),
        text(_READ | {"time": "9999-12-31T23:59:59-08:00"}),
        text(_READ | {"time": "9998-12-31T23:59:59-08:00"}),
        text(_READ | {"type": "data.eaten"}),
        text(_READ | {"id": "\x7f"}),
        text(_READ | {"id": "a\u2028b"}),
        text(_READ | {"id": 'a"b'}),
        text(_READ | {"data": _READ["data"] | {"subject_ids": ["\u200b"]}}),
        text(_READ | {"data": _READ["data"] | {"subject_ids": ["\x7f"]}}),
        text(_READ | {"data": _READ["data"] | {"subject_ids": None}}),
        text(_READ | {"data": _READ["data"] | {"subject_ids": None, "subject_count": 3}}),
        text(_READ | {"data": {key: value for key, value in _READ["data"].items() if key != "subject_ids"}}),
        text(_SUBMITTED | {"data": _SUBMITTED["data"] | {"title": "运动鞋 白色\t\u3000", "more": [1, {"x": None}]}}),
        text(_SUBMITTED | {"data": _SUBMITTED["data"] | {"price": {"amount": 1, "currency": "XXX"}}}),
        text(_SUBMITTED | {"data": _SUBMITTED["data"] | {"price": {"amount": 10**16, "currency": "CNY"}}}),
        text(_READ)[:-1] + b', "id": "e2"}',
        text(_READ)[:-1] + b', "subject": "a", "subject": null}',
        text(_READ)[:-1] + b', "subject": null, "subject": "a"}',
        text(_READ)[:-2] + b', "fields": []}}',
        text(_READ)[:-2] + b', "status": 1, "status": 2}}',
        text(_READ)[:-2] + b', "deep": ' + b"[" * 2_000 + b"]" * 2_000 + b"}}",
        text(_READ).replace(b"p1", b"p\xff"),
        text(_READ).replace(b"p1", b"p\x01"),
        text(_READ).replace(b"p1", b"p\\u0022"),
        text(_READ)[:-1],
        text(_READ) + b"x",
        b"[]",
        b"",
    ],
)
def test_a_line_at_the_edge_is_judged_alike(line: bytes) -> None:
    assert_same(line)


_values = st.none() | st.integers(-1, 2**70) | st.text(max_size=6) | st.lists(st.text(max_size=3), max_size=2)


@settings(max_examples=examples(60))
@given(
    st.sampled_from([_READ, _SUBMITTED]),
    st.dictionaries(st.sampled_from([*_READ, "specversion", "subject", "x"]), _values, max_size=2),
    st.dictionaries(st.sampled_from([*_READ["data"], *_SUBMITTED["data"], "subject_count"]), _values, max_size=2),
    st.booleans(),
)  # fmt: skip
def test_any_line_is_judged_alike(
    event: dict[str, Any], envelope: dict[str, Any], data: dict[str, Any], escaped: bool
) -> None:
    changed = {**event, "data": event["data"] | data} | envelope
    assert_same(json.dumps(changed, ensure_ascii=escaped).encode("utf-8", "surrogatepass"))


def test_only_whole_bodies_need_one_of_several_fields() -> None:
    """What the quick way relies on: it asks for those fields in the body alone."""

    def inside(kind: object) -> list[type]:
        found: list[type] = [kind.cls] if isinstance(kind, shapes.StructType) else []
        below = [field.type for field in kind.fields] if isinstance(kind, shapes.StructType) else []
        below += [*getattr(kind, "types", ()), *filter(None, [getattr(kind, "item_type", None)])]
        below += [*filter(None, [getattr(kind, "type", None)])]
        return found + [one for each in below for one in inside(each)]

    forms = [one for form in TYPES.values() for one in inside(shapes.type_info(form))]
    assert [form for form in forms if form not in TYPES.values() and hasattr(form, "either") and form.either] == []
    assert [form for form in TYPES.values() if form.either]
