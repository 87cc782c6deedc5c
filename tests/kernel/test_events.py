"""Events are judged one by one; what is refused is named and never repeated."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from typing import Any

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from agoranomos.kernel.errors import Invalid
from agoranomos.kernel.events import (
    LINE_BYTES_MAX,
    parse_event,
    parse_line,
)
from agoranomos.kernel.schema.goods import BrandRegistered, ListingSubmitted
from tests.builders import make_event, make_lines, make_money

_CNY = {"amount": 1, "currency": "CNY"}


def line(event: dict[str, Any]) -> bytes:
    return make_lines([event]).rstrip()


def with_data(kind: str, **changes: Any) -> dict[str, Any]:
    event = make_event(kind)
    return {**event, "data": {**event["data"], **changes}}


def test_an_event_is_read_and_nothing_of_it_is_lost() -> None:
    event = parse_line(line(with_data("listing.submitted", colour="white") | {"traceparent": "00"}))
    assert event.identity == ("brand-portal", "e1")
    assert event.time == datetime(2026, 5, 1, 8, tzinfo=UTC)
    assert event.data["colour"] == "white"
    assert event.extensions == {"specversion": "1.0", "traceparent": "00"}
    assert event.body == ListingSubmitted(listing_id="l1", store_id="s1", title="Canvas shoes", price=make_money(59900))


def test_authorised_stores_absent_and_empty_are_two_things() -> None:
    absent = parse_event(make_event())
    empty = parse_event(with_data("brand.registered", authorised_store_ids=[]))
    assert isinstance(absent.body, BrandRegistered)
    assert isinstance(empty.body, BrandRegistered)
    assert absent.body.authorised_store_ids is None
    assert empty.body.authorised_store_ids == ()


@pytest.mark.parametrize(
    ("changes", "pointer"),
    [
        ({"id": None}, "/id"),
        ({"id": "x" * 129}, "/id"),
        ({"id": 7}, "/id"),
        ({"source": ""}, "/source"),
        ({"source": "SECRET\n"}, "/source"),
        ({"source": "x" * 257}, "/source"),
        ({"specversion": "0.3"}, "/specversion"),
        ({"subject": "SECRET\u0000"}, "/subject"),
        ({"type": "listing.SECRET"}, "/type"),
        ({"time": "2026-05-01T08:00:00"}, "/time"),
        ({"time": "0001-01-01T00:00:00+08:00"}, "/time"),
        ({"time": "SECRET"}, "/time"),
        ({"subject": 3}, "/subject"),
        ({"data": "SECRET"}, "/data"),
        ({"data": None}, "/data"),
    ],
)
def test_a_bad_envelope_is_refused(changes: dict[str, Any], pointer: str) -> None:
    with pytest.raises(Invalid) as caught:
        parse_event(make_event() | changes)
    assert caught.value.pointer == pointer
    assert "SECRET" not in caught.value.message


@pytest.mark.parametrize(
    ("kind", "changes", "pointer"),
    [
        ("listing.submitted", {"price": 3}, "/data/price"),
        ("listing.submitted", {"price": {"amount": 1.5, "currency": "CNY"}}, "/data/price/amount"),
        ("listing.submitted", {"price": {"amount": 1, "currency": "SECRET"}}, "/data/price"),
        ("listing.submitted", {"price": {"amount": 10**30, "currency": "CNY"}}, "/data/price"),
        ("listing.submitted", {"pictures": ["a", 3]}, "/data/pictures/1"),
        ("listing.submitted", {"pictures": ["phash:SECRET"]}, "/data/pictures/0"),
        ("review.posted", {"rating": 6}, "/data/rating"),
        ("store.closed", {"reason": "SECRET"}, "/data/reason"),
        (
            "order.placed",
            {"lines": [{"listing_id": "\u0000", "quantity": 1, "price": _CNY}]},
            "/data/lines/0/listing_id",
        ),
        ("order.placed", {"lines": [{"listing_id": "l", "quantity": 0, "price": _CNY}]}, "/data/lines/0/quantity"),
        ("campaign.declared", {"campaign": {"id": "c", "stacks_with": ["d", "\t"]}}, "/data/campaign/stacks_with/1"),
        ("case.decided", {"subject": {"kind": "store", "id": "\n"}}, "/data/subject/id"),
        ("partner.contracted", {"ends_at": "2026-12-31T00:00:00"}, "/data/ends_at"),
        ("contact.made", {"duration_s": -1}, "/data/duration_s"),
        ("number.called", {"from": "SECRET"}, "/data/from"),
        ("listing.submitted", {"listing_id": ""}, "/data/listing_id"),
        ("listing.submitted", {"store_id": "SECRET\u0000"}, "/data/store_id"),
        ("listing.updated", {"attributes": []}, "/data/attributes"),
        ("brand.registered", {"names": []}, "/data/names"),
        ("brand.registered", {"names": ["Nike", {}]}, "/data/names/1"),
        ("brand.registered", {"authorised_store_ids": ["a", "\n"]}, "/data/authorised_store_ids/1"),
        (
            "brand.registered",
            {"price_bands": [{"low": {"amount": 1, "currency": "CNY"}}]},
            "/data/price_bands/0/high",
        ),
        (
            "brand.registered",
            {
                "price_bands": [
                    {
                        "low": {"amount": 1, "currency": "CNY"},
                        "high": {"amount": 1, "currency": "SECRET"},
                    }
                ]
            },
            "/data/price_bands/0/high",
        ),
    ],
)
def test_bad_data_is_refused_at_its_place(kind: str, changes: dict[str, Any], pointer: str) -> None:
    with pytest.raises(Invalid) as caught:
        parse_event(with_data(kind, **changes))
    assert caught.value.pointer == pointer
    assert "SECRET" not in caught.value.message


def test_a_missing_field_is_named() -> None:
    event = make_event("listing.submitted", data={"listing_id": "l1", "store_id": "s1"})
    with pytest.raises(Invalid, match="required field title is missing") as caught:
        parse_event(event)
    assert caught.value.pointer == "/data/title"


@pytest.mark.parametrize(
    "raw",
    [
        b"{",
        b"",
        b"\xff",
        b'{"a": "\xff"}',
        b'{"a": "\\ud800"}',
        b'{"a": NaN}',
        b"[" * 300_000,
        b"{}{}",
    ],
)
def test_broken_json_is_refused(raw: bytes) -> None:
    with pytest.raises(Invalid, match="not valid JSON"):
        parse_line(raw)


@pytest.mark.parametrize(
    "data",
    [
        b'{"brand_id": "nike", "brand_id": "puma", "names": ["Nike"]}',
        b'{"brand_id": "nike", "names": ["Nike"], "features": {"a": 1, "a": 1}}',
        b'{"brand_id" : "nike", "names": ["Nike"], "features": ["\\u003a:", {"a": 1, "\\u0061": ":"}]}',
        b'{"brand_id": "nike", "names": ["\\u003A"], "brand_id": "puma"}',
    ],
)
def test_a_key_that_is_named_twice_is_refused(data: bytes) -> None:
    whole = line(make_event()).replace(msgspec.json.encode(make_event()["data"]), data)
    assert msgspec.json.decode(whole)["data"]["names"]
    with pytest.raises(Invalid, match="stands twice"):
        parse_line(whole)


@given(st.dictionaries(st.text(), st.text(alphabet=':\\"ua03\u00e9', max_size=8), max_size=4), st.booleans())
def test_colons_in_texts_are_no_repeated_keys(features: dict[str, str], ascii_only: bool) -> None:
    event = with_data("brand.registered", features=features)
    assert parse_line(json.dumps(event, ensure_ascii=ascii_only).encode()).data["features"] == features


def test_null_is_absent() -> None:
    event = parse_event(with_data("listing.submitted", description=None, batch_id=None) | {"subject": None})
    assert isinstance(event.body, ListingSubmitted)
    assert event.body.description == ""
    assert event.data["description"] is None
    with pytest.raises(Invalid, match="required field title is missing"):
        parse_event(with_data("listing.submitted", title=None))


def test_a_line_over_one_mebibyte_is_refused() -> None:
    event = with_data("listing.submitted", title="x" * LINE_BYTES_MAX)
    with pytest.raises(Invalid, match="1 MiB"):
        parse_line(line(event))


json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(),
    lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner),
    max_leaves=10,
)


@given(st.dictionaries(st.sampled_from(["id", "type", "source", "time", "data"]), json_values))
def test_nothing_else_than_invalid_is_raised(changes: dict[str, Any]) -> None:
    try:
        parse_event(make_event("listing.submitted") | changes)
    except Invalid as error:
        assert error.message  # noqa: PT017 - an event may also be fine


@given(st.sampled_from(["brand.registered", "listing.submitted"]), st.data())
def test_no_data_raises_anything_else(kind: str, data: st.DataObject) -> None:
    fields = ["brand_id", "names", "price_bands", "features", "price", "title", "attributes"]
    changes = data.draw(st.dictionaries(st.sampled_from(fields), json_values))
    try:
        parse_line(msgspec.json.encode(with_data(kind, **changes)))
    except Invalid as error:
        assert error.message  # noqa: PT017 - the data may also be fine
