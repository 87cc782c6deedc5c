"""One `make_…` per thing: a whole valid value, of which a test states only what it is about."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Any

import msgspec
import pyarrow as pa

from agoranomos.goods.brands.model import Brand
from agoranomos.goods.listings.model import Listing
from agoranomos.kernel.money import Money

NOW = datetime(2026, 5, 1, 8, 0, tzinfo=UTC)
"""The moment at which tests happen unless they say otherwise."""


def make_brand(brand_id: str = "nike", **fields: Any) -> Brand:
    """A brand of the registry, called as its id when no names are given."""
    names = tuple(fields.pop("names", (brand_id.replace("-", " ").title(),)))
    return Brand(brand_id=brand_id, names=names, **fields)


def make_listing(listing_id: str = "l1", **fields: Any) -> Listing:
    """An innocent listing of a shoe for 599 yuan."""
    given = {
        "store_id": "s1",
        "title": "Canvas shoes, white, size 42",
        "price": make_money(59900),
        "category": "shoes",
        **fields,
    }
    return Listing(listing_id=listing_id, **given)


def make_money(amount: int, currency: str = "CNY") -> Money:
    """`amount` minor units, fen unless told otherwise."""
    return Money(amount, currency)


def make_event(kind: str = "brand.registered", **fields: Any) -> dict[str, Any]:
    """An event as decoded JSON; `data` defaults to the least that `kind` needs."""
    data = {
        "brand.registered": {"brand_id": "nike", "names": ["Nike"]},
        "listing.submitted": _LISTING_DATA,
        "listing.updated": _LISTING_DATA,
    }[kind]
    return {
        "specversion": "1.0",
        "id": "e1",
        "source": "brand-portal",
        "type": kind,
        "time": "2026-05-01T16:00:00+08:00",
        "data": data,
        **fields,
    }


def make_lines(values: Sequence[Any]) -> bytes:
    """JSON lines; bytes among `values` go in as they are."""
    lines = (value if isinstance(value, bytes) else msgspec.json.encode(value) for value in values)
    return b"\n".join(lines) + b"\n"


def make_batch(**columns: Sequence[Any]) -> pa.RecordBatch:
    """An Arrow batch of listings with just these columns."""
    return pa.RecordBatch.from_pydict({name: list(values) for name, values in columns.items()})


_LISTING_DATA = {
    "listing_id": "l1",
    "store_id": "s1",
    "title": "Canvas shoes",
    "price": {"amount": 59900, "currency": "CNY"},
}
