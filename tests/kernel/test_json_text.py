"""Broken JSON is told with its place, keys that stand twice with their pointer, neither with its content."""

from __future__ import annotations

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from agoranomos.kernel.errors import Invalid
from agoranomos.kernel.json_text import BrokenJson, decoded, repeated_keys


@pytest.mark.parametrize(
    ("raw", "place"),
    [
        (b"", (1, 1, 0)),
        (b'{"a": 1', (1, 8, 7)),
        (b'{"a": 1,\n "b" 2}', (2, 6, 14)),
        (b'{"a": tru}', (1, 7, 6)),
        ('{"鞋": x}'.encode(), (1, 7, 8)),
        (b'{"a": "\xff"}', (1, 8, 7)),
        (b'{"a": 1,\r\n "b": \xff}', (2, 7, 16)),
        (b"{}{}", (1, 3, 2)),
    ],
)
def test_broken_json_is_told_with_its_place(raw: bytes, place: tuple[int, int, int]) -> None:
    with pytest.raises(BrokenJson, match=r"the body is not valid JSON in UTF-8: line \d") as caught:
        decoded(raw, "body")
    assert (caught.value.line, caught.value.column, caught.value.offset) == place


@pytest.mark.parametrize("raw", [b'"\\ud800"', b"9" * 5000, b"[" * 100_000 + b"]" * 100_000, b"NaN"])
def test_some_json_is_wrong_as_a_whole(raw: bytes) -> None:
    with pytest.raises(BrokenJson, match=r"UTF-8$") as caught:
        decoded(raw)
    assert caught.value.offset is None


@pytest.mark.parametrize(
    ("raw", "pointers"),
    [
        (b'{"a": 1, "b": {"a": 1}}', []),
        (b'{"a": 1, "a": 1}', ["/a"]),
        (b'{"a": 1, "\\u0061": 2}', ["/a"]),
        (b'{"a": "\\u0022\\u0022", "b": 1, "b": 2}', ["/b"]),
        (b'{"data": {"price": [1, {"x": 1, "y": 2, "x": 3}]}}', ["/data/price/1/x"]),
        (b'{"a": {"b": 1, "b": 2}, "c": {"d": 1, "d": 2}}', ["/a/b", "/c/d"]),
        (b'{"a": {"b": 1, "b": 2}, "a": 3}', ["/a"]),
        (b'[{"13812345678": 1, "13812345678": 2}]', ["/0"]),
    ],
)
def test_a_key_that_stands_twice_is_pointed_at(raw: bytes, pointers: list[str]) -> None:
    assert repeated_keys(raw) == pointers
    if pointers:
        with pytest.raises(Invalid, match="stands twice") as caught:
            decoded(raw)
        assert caught.value.pointer == pointers[0]


json_values = st.recursive(
    st.none() | st.booleans() | st.text() | st.integers(-(2**63), 2**63 - 1),
    lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner),
    max_leaves=10,
)


@given(json_values)
def test_other_json_is_read_as_it_is(value: object) -> None:
    assert decoded(msgspec.json.encode(value)) == value
